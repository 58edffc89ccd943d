import Deployment
import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// A publication is the same whenever a process loads it: whoever pages through an earlier one gets each model once,
/// also from a process that has started since.
@Suite struct PinnedPublicationTests {
    private static let names = (0..<12).map { "owner\($0 % 5)/model\($0)" }

    /// Models that come, go, fail and change.
    private static func observe(_ random: inout SplitMix64) -> (listings: [Listing], errors: [UpstreamError]) {
        var (listings, errors) = ([Listing](), [UpstreamError]())
        for name in names.shuffled(using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2: break
            case 2: errors.append(UpstreamError(model: name, status: 404, message: "gone \(Int.random(in: 0..<9))"))
            default: listings.append(listing(name, &random))
            }
        }
        return (listings, errors)
    }

    private static func listing(_ name: String, _ random: inout SplitMix64) -> Listing {
        var listing = Listing(id: ModelID(name))
        listing.downloads = Int64.random(in: 0..<50, using: &random)
        listing.downloadsAllTime = Int64.random(in: 0..<3, using: &random)
        // Half of the cards say the same as before.
        guard Bool.random(using: &random) else { return listing }
        listing.lastModified = Timestamp(milliseconds: Int64.random(in: 0..<5, using: &random))
        listing.createdAt = Timestamp(milliseconds: Int64.random(in: 0..<3, using: &random))
        listing.provider = ["x", "y"].randomElement(using: &random) ?? "x"
        listing.gated = Gated.allCases.randomElement(using: &random)
        listing.library = ["transformers", nil].randomElement(using: &random) ?? nil
        listing.pipeline = ["text-generation", nil].randomElement(using: &random) ?? nil
        listing.license = License(id: "mit", name: nil, kind: .permissive)
        listing.parameters = ParameterCount(total: 7, active: nil, source: .name)
        listing.parentage = Parentage(parent: ModelID("owner0/model0"), relation: .finetune, source: .tag)
        listing.tags = [["a"], ["b", "c"]].randomElement(using: &random) ?? []
        return listing
    }

    /// Everything that an index answers from.
    private static func content(_ index: ModelIndex) -> [String] {
        (0..<index.count + index.absent.count).map { row in
            "\(index.standing(row, profile: "default")) \(index.status(row)) \(index.model(row)) "
                + "\(index.observedAt(row)?.milliseconds ?? -1) \(row < index.count ? "" : index.absent.digest)"
        }
    }

    private static func load(_ snapshot: String, _ rig: SiteRig) throws -> [String]? {
        let database = try rig.place.open()
        guard let publication = try database.run(.publication(snapshot: snapshot)).first else { return nil }
        let profiles = try DeploymentFolder(path: Repository.root + "/config").scoreProfiles()
        return content(try ModelIndex.load(publication, profiles: profiles, from: database))
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func isTheSameAfterOthersHaveLanded(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let rig = try await SiteRig()
        var loaded: [String: [String]] = [:]
        for step in 0..<8 as Range<Int64> {
            let (listings, errors) = Self.observe(&random)
            try rig.publish(minute: step * 5, listings: listings, errors: errors)
            let id = Snapshot.id(feed: "hub", observedAt: SiteRig.start + .minutes(step * 5))
            loaded[id] = try Self.load(id, rig)
            for (id, before) in loaded {
                guard let now = try Self.load(id, rig) else { continue }
                #expect(now == before, "seed \(seed), after \(step + 1) snapshots: \(id)")
            }
        }
        #expect(try rig.place.open().run(Query("SELECT count(*) FROM publication") { $0.count(0) }) == [8])
    }

    /// Cards are kept for publications, not for good.
    @Test func whatNoPublicationNeedsIsForgotten() async throws {
        let rig = try await SiteRig()
        var random = SplitMix64(seed: 1)
        for hour in 0..<12 as Range<Int64> {
            let (listings, errors) = Self.observe(&random)
            try rig.publish(hour: hour, listings: listings, errors: errors)
        }
        let oldest = try rig.place.open().run(
            Query(
                """
                SELECT min(replaced_at_ms) > (SELECT min(observed_at_ms) FROM publication
                                                JOIN snapshot ON snapshot.key = snapshot_key), count(*)
                  FROM replaced_card
                """
            ) { "\($0.flag(0)) \($0.count(1) > 0)" })
        #expect(oldest == ["true true"])
    }

    @Test(arguments: ["updated", "created", "downloads"], ["", "&status=ready&status=stale&status=error"])
    func aWalkGoesOnInAnotherProcess(sort: String, status: String) async throws {
        let first = try await SiteRig()
        var random = SplitMix64(seed: 7)
        for step in 0..<2 as Range<Int64> {
            let (listings, errors) = Self.observe(&random)
            try first.publish(minute: step * 5, listings: listings, errors: errors)
        }
        try await first.refresh()
        let whole = try await Self.walk("/api/v4/models?sort=-\(sort)&limit=100\(status)", first)
        let start = try await Self.page("/api/v4/models?sort=-\(sort)&limit=2\(status)", first)
        for step in 2..<6 as Range<Int64> {
            let (listings, errors) = Self.observe(&random)
            try first.publish(minute: step * 5, listings: listings, errors: errors)
        }
        let second = try await SiteRig(database: first.place)
        try await second.refresh()
        #expect(start.ids + (try await Self.walk(try #require(start.next), second)) == whole)
    }

    private static func walk(_ target: String, _ rig: SiteRig) async throws -> [String] {
        var (ids, next) = ([String](), Optional(target))
        while let target = next {
            let page = try await page(target, rig)
            ids += page.ids
            next = page.next
        }
        return ids
    }

    private static func page(_ target: String, _ rig: SiteRig) async throws -> (ids: [String], next: String?) {
        let response = await rig.get(target)
        #expect(response.status == 200, "\(target): \(response.text.prefix(200))")
        let models = try JSONDocument(parsing: response.bytes).root["models"]?.elements.map(\.self) ?? []
        let link = response.header("Link").map { String($0.dropFirst().prefix { $0 != ">" }) }
        return (models.compactMap { $0["id"]?.string }, link)
    }
}
