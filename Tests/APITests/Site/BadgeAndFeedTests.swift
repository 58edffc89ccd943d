import HTTPServer
import JSON
import Model
import TestKit
import Testing

@testable import api

@Suite struct BadgeAndFeedTests {
    private static let odd = "o&'wner/<b>\"x\""

    private func standing(_ id: String, downloads: Int64?, change: Delta) -> Standing {
        var listing = Listing(id: ModelID(id))
        listing.downloads = downloads
        let unknown = Delta.missing(.epochPending)
        return Standing(
            listing: listing, rank: 3,
            scores: Scores(adoption: nil, ecosystem: nil, velocity: nil, total: Tenths(847)),
            deltas: Deltas(
                downloads24h: change, downloads7d: unknown, likes24h: unknown, likes7d: unknown, rankChange: unknown),
            family: FamilyPlace(root: ModelID(id), parentage: nil), anomaly: Anomaly())
    }

    @Test func aBadgeSaysItsFigureAndTheChangeInWordsToo() {
        let model = standing("a/b", downloads: 12_400, change: .change(1_234))
        let downloads = String(decoding: Badge(downloadsOf: model).render(), as: UTF8.self)
        #expect(downloads.contains(">12.4K ▲1,234</text>") && downloads.contains(#"role="img""#))
        #expect(downloads.contains("<title>a/b: 12,400 downloads, up 1,234 in a day</title>"))
        let score = String(decoding: Badge(scoreOf: model, before: Tenths(871)).render(), as: UTF8.self)
        #expect(score.contains(">84.7 ▼2.4</text>"))
        #expect(score.contains("score 84.7 of 100, rank 3, down 2.4 points in a day"))
        let level = String(decoding: Badge(scoreOf: model, before: Tenths(847)).render(), as: UTF8.self)
        #expect(level.contains("±0.0") && level.contains("unchanged in a day"))
    }

    @Test func whatIsNotKnownIsNotANumber() {
        let model = standing("a/b", downloads: nil, change: .missing(.newModel))
        let text = String(decoding: Badge(downloadsOf: model).render(), as: UTF8.self)
        #expect(text.contains(">—</text>") && text.contains("downloads unknown"))
        #expect(!text.contains("▲") && !text.contains("±"))
    }

    @Test func textOfOthersCannotBecomeMarkup() {
        let model = standing(Self.odd, downloads: 5, change: .change(1))
        let text = String(decoding: Badge(downloadsOf: model).render(), as: UTF8.self)
        #expect(!text.contains("<b>") && text.contains("o&amp;&#39;wner/&lt;b&gt;&quot;x&quot;"))
    }

    @Test(arguments: ["/api/v4/badges/owner/Model-2.5.svg", "/api/v4/badges/gpt2.svg"])
    func aBadgeIsServedUnderTheModelsName(target: String) async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["owner/Model-2.5", "gpt2"])
        try await rig.refresh()
        let response = await rig.get(target + "?metric=downloads")
        #expect(response.status == 200 && response.header("Content-Type") == "image/svg+xml")
        #expect(response.header("Cache-Control") == "public, max-age=300")
        let tag = try #require(response.header("ETag"))
        let again = await rig.get(target + "?metric=downloads", [HeaderField("If-None-Match", tag)])
        #expect(again.status == 304)
        #expect(await rig.get(target + "?metric=stars").status == 400)
        #expect(await rig.get("/api/v4/badges/nobody/none.svg").status == 404)
    }

    @Test func theFeedIsThereBeforeTheFirstSnapshotAndKeepsItsName() async throws {
        let rig = try await SiteRig()
        try await rig.refresh()
        let before = await rig.get("/feed.atom")
        #expect(before.status == 200 && before.header("Content-Type") == "application/atom+xml; charset=utf-8")
        try rig.publish(models: ["a/b"])
        try await rig.refresh()
        let after = await rig.get("/feed.atom")
        func id(_ text: String) -> Substring? { text.split(separator: "<id>").dropFirst().first?.prefix { $0 != "<" } }
        #expect(id(before.text) == id(after.text) && id(after.text)?.hasPrefix("urn:uuid:") == true)
    }

    @Test func theSameNewsHasTheSameIdAndOthersHaveOthers() {
        func entry(_ name: String) -> AtomFeed.Entry {
            AtomFeed.Entry(
                name: name, category: "mover", title: name, summary: "a < b", updated: SiteRig.start, link: "/x?a=1&b=2"
            )
        }
        #expect(entry("a").id == entry("a").id && entry("a").id != entry("b").id)
        let digits = entry("a").id.dropFirst("urn:uuid:".count).split(separator: "-").map(\.count)
        #expect(digits == [8, 4, 4, 4, 12])
        let feed = AtomFeed(
            feed: "hub", updated: SiteRig.start, entries: [entry("a"), entry("b")], address: "/feed.atom")
        let text = String(decoding: feed.render(), as: UTF8.self)
        #expect(text.contains("a &lt; b") && text.contains("/x?a=1&amp;b=2") && text.hasSuffix("</feed>\n"))
        #expect(text.contains(#"<link rel="alternate" type="text/html" href="/"/>"#))
        let other = AtomFeed(feed: "daily", updated: SiteRig.start, entries: [], address: "/feed.atom?feed=daily")
        #expect(String(decoding: other.render(), as: UTF8.self).contains(#"type="text/html" href="/?feed=daily"/>"#))
        for name in ["id", "title", "updated"] {
            #expect(text.ranges(of: "<\(name)>").count == 3, "RFC 4287 asks for \(name) in the feed and each entry")
        }
    }

    @Test func moversAndNewModelsAreNews() throws {
        let fixture = try IndexFixture(count: 200, seed: 11)
        let highlights = fixture.index.highlights
        let feed = AtomFeed(fixture.index, address: "/feed.atom")
        let kinds = Set(feed.entries.map(\.category))
        #expect(!highlights.risingRows.isEmpty && !highlights.newRows.isEmpty)
        #expect(kinds == ["mover", "new-model"])
        #expect(Set(feed.entries.map(\.id)).count == feed.entries.count)
        let changes = highlights.risingRows.compactMap { fixture.index.columns.downloads24h[$0].value }
        #expect(changes == changes.sorted(by: >) && changes.allSatisfy { $0 > 0 } && changes.count == 10)
        let all = (0..<200).compactMap { fixture.index.columns.downloads24h[$0].value }
        let lowest = highlights.fallingRow.flatMap { fixture.index.columns.downloads24h[$0].value }
        #expect(changes.first == all.max() && lowest == all.min())
    }
}
