import HTTPServer
import SQLite
import TestKit
import Testing

@testable import api

/// The pages about snapshots over a real database, without a socket.
@Suite struct PageRouteTests {
    private func rig(feeds: [String]) async throws -> SiteRig {
        let rig = try await SiteRig()
        for feed in feeds { try rig.publish(feed, models: ["a/first", "\(feed)/own"]) }
        try await rig.refresh()
        return rig
    }

    @Test func everyPageAboutAFeedOffersTheOthers() async throws {
        let rig = try await rig(feeds: ["hub", "daily"])
        for path in ["/families", "/anomalies", "/compare"] {
            let page = await rig.get(path + "?feed=daily").text
            #expect(page.contains(#"<a href="\#(path)">hub</a>"#), "\(path)")
            #expect(page.contains(#"<a href="\#(path)?feed=daily" aria-current="true">daily</a>"#), "\(path)")
            #expect(page.contains(#"<a href="\#(path)?feed=daily" aria-current="page">"#), "\(path)")
        }
        let model = await rig.get("/models/a/first?feed=daily").text
        #expect(model.contains(#"<a href="/families?feed=daily">Families</a>"#))
        let alone = try await self.rig(feeds: ["hub"])
        for path in ["/families", "/anomalies", "/compare"] {
            let page = await alone.get(path).text
            #expect(!page.contains(#"data-pop="Feed""#) && page.contains("<div class=\"end\"></div>"), "\(path)")
        }
    }

    /// What one feed lacks goes along to another one, which may have it; a feed that nobody knows is ignored.
    @Test func aComparisonGoesAlongToAnotherFeed() async throws {
        let rig = try await rig(feeds: ["hub", "daily"])
        let page = await rig.get("/compare?feed=daily&model=daily/own&model=hub/own").text
        #expect(page.contains(#"<a href="/compare?model=daily%2Fown&amp;model=hub%2Fown">hub</a>"#))
        let unknown = await rig.get("/compare?feed=nosuch&model=hub/own")
        #expect(unknown.status == 200 && unknown.text.contains("the feed <b>hub</b>"))
    }

    @Test(arguments: [
        ("/", "Model leaderboard", "Nothing to rank yet"), ("/compare", "Compare models", "Nothing to compare yet"),
        ("/families", "Model families", "No family yet"), ("/anomalies", "Anomalies", "Nothing to judge yet"),
    ])
    func withoutASnapshotAPageSaysWhatWillBeThere(path: String, title: String, words: String) async throws {
        let page = try await SiteRig().get(path)
        #expect(page.status == 200 && page.text.contains("<h1>\(title)</h1>") && page.text.contains(words))
        #expect(page.text.contains("<a href=\"\(path)\" aria-current=\"page\">"))
    }

    /// The server knows no path of a request that it cannot read: it has the target as it was sent.
    @Test(arguments: [
        ("/?q=%FF", "text/html; charset=utf-8"), ("/models/a/%FF", "text/html; charset=utf-8"),
        ("/api/v4/models?q=%FF", "application/problem+json"), ("", "application/problem+json"),
        ("http://example.org/api/v4/models?q=%FF", "application/problem+json"),
    ])
    func whatCannotBeReadIsAPageForReaders(target: String, type: String) async throws {
        let rig = try await SiteRig()
        var request = Request(.get, "/")
        (request.path, request.target) = (target, target)
        request.headers = [HeaderField("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]
        let response = await rig.router.refusal(of: request, for: .badRequest("The query is not UTF-8."))
        #expect(response.status == 400 && response.header("Content-Type") == type)
        #expect(response.text.contains("The query is not UTF-8."))
        #expect((response.header("Content-Security-Policy") != nil) == type.hasPrefix("text/html"))
        request.headers = [HeaderField("Accept", "*/*")]
        let told = await rig.router.refusal(of: request, for: .badRequest("The query is not UTF-8."))
        #expect(told.status == 400 && told.header("Content-Type") == "application/problem+json")
    }

    @Test func aModelsScoreIsComparedWithTheDayBefore() async throws {
        let rig = try await rig(feeds: ["hub"])
        try rig.publish(hour: 24, models: ["a/first"])
        try rig.place.open().runScript(
            """
            UPDATE listing SET downloads = 7000;
            INSERT OR REPLACE INTO score (key, total, rank)
            SELECT key, 980, 1 FROM listing WHERE key >> 32 = (SELECT min(key) FROM snapshot);
            UPDATE publication SET downloads_24h_key = (SELECT min(key) FROM snapshot);
            """)
        try await rig.refresh()
        let page = await rig.get("/models/a/first").text
        #expect(page.contains(#"<span class="delta good big" title="up 1.9 points since the refresh of 4 May 2026">"#))
        #expect(page.contains("No refresh of the download counters has been seen yet</span></span> 7 d"))
        let other = await rig.get("/models/a/first?profile=research").text
        #expect(other.contains("Earlier scores are kept by the usual profile alone") && !other.contains("1.9 points"))
    }
}
