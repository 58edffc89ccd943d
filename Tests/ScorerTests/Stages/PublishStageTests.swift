import Deployment
import JSON
import Jobs
import Model
import Store
import Testing

@testable import Scoring
@testable import scorer

@Suite struct PublishStageTests {
    private static let base: [Int64?] = (1...40).map { Int64($0) * 1_000 }

    /// The same models a refresh later: each has grown by its own amount, about a percent.
    private static func grown(_ downloads: [Int64?], by percent: Int64 = 1, first count: Int = 40) -> [Int64?] {
        downloads.enumerated().map { index, value in
            index < count ? value.map { $0 + $0 * percent / 100 + Int64(index % 7) } : value
        }
    }

    @Test func theFirstSnapshotKnowsNoRefreshYet() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        let publication = try rig.publication()
        #expect(publication.epochState == .pending && publication.epoch == nil)
        #expect(publication.historyDays == 0 && publication.snapshotCount == 1)
        let standings = try rig.standings()
        #expect(standings.count == 40 && standings.map(\.rank) == Array(1...40))
        #expect(standings.first?.listing.id.text == "m/39")
        #expect(standings.allSatisfy { $0.deltas.downloads24h == .missing(.epochPending) })
        #expect(standings.allSatisfy { $0.deltas.likes24h.value == nil })
        #expect(try rig.steps().isEmpty)
    }

    @Test func aRefreshOfAllMakesASettledEpoch() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        try await rig.arrive(.madeUp(hour: 24, Self.grown(Self.base)))
        try await rig.arrive(.madeUp(hour: 48, Self.grown(Self.grown(Self.base))))
        let publication = try rig.publication()
        #expect(publication.epochState == .settled)
        #expect(publication.epoch?.id == publication.snapshot.id)
        #expect(publication.historyDays == 2 && publication.snapshotCount == 3)
        let before = Self.grown(Self.base)[39]
        let first = try #require(try rig.standings().first { $0.listing.id.text == "m/39" })
        #expect(first.deltas.downloads24h.value == first.listing.downloads.map { $0 - (before ?? 0) })
    }

    @Test(arguments: [(1, 10), (9, 40)] as [(Int64, Int)])
    func aPartialOrImplausibleRefreshIsSuspect(percent: Int64, changed: Int) async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        try await rig.arrive(.madeUp(hour: 24, Self.grown(Self.base)))
        let doubtful = Self.grown(Self.grown(Self.base), by: percent, first: changed)
        try await rig.arrive(.madeUp(hour: 48, doubtful))
        #expect(try rig.publication().epochState == .suspect)
        #expect(try rig.standings().allSatisfy { $0.deltas.downloads24h == .missing(.suspectEpoch) })
    }

    /// The Hub answers for an old id with the one of now, which the snapshot has.
    @Test func aCuratedModelThatWasRenamedHasItsFiguresInV3() async throws {
        let rig = try StageRig()
        let old = try #require(rig.curated.first?.id.text)
        var observed = Observed.madeUp(hour: 0, Self.base)
        observed.errors = [.moved(old, to: "m/7", status: 200)]
        try await rig.arrive(observed)
        let root = try JSONDocument(parsing: try #require(try rig.document())).root
        let model = try #require(root["models"]?.elements.first { $0["id"]?.string == old })
        #expect(model["status"]?.string == "ready" && model["metrics"]?["downloads"]?.int64 == 8_000)
        #expect(root["metrics"]?["readyCount"]?.int64 == 1)
    }

    @Test func anOlderSnapshotThatComesLateIsNotPublishedAsTheNewest() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 24, Self.base))
        let newest = try rig.publication().snapshot.id
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        #expect(try rig.publication().snapshot.id == newest)
        #expect(try rig.publication().snapshotCount == 2)
    }

    @Test func whatIsOlderThanTheWindowCountsNoMore() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        try await rig.arrive(.madeUp(hour: 24 * 31, Self.base))
        #expect(try rig.publication().snapshotCount == 1 && rig.publication().historyDays == 0)
    }

    @Test func onlySnapshotsOfTheUpstreamAreTold() async throws {
        let rig = try StageRig()
        let imported = try await rig.arrive(.madeUp(hour: 0, Self.base))
        #expect(try rig.events().isEmpty && imported.wakes == ["api"])
        let fetched = try await rig.arrive(.madeUp(hour: 24, Self.base), origin: .upstream)
        let id = try rig.publication().snapshot.id
        #expect(try rig.events() == ["snapshot.created snapshot.created:\(id)"])
        #expect(fetched.wakes == ["api", "notify"])
    }

    @Test func aSnapshotIsToldOnce() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 24, Self.base), origin: .upstream)
        _ = try await rig.publish("hub")
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        #expect(try rig.events().count == 1)
    }

    @Test func feedsDoNotMeet() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, Self.base))
        let document = try rig.document()
        let other = try await rig.arrive(.madeUp(hour: 24, [5, 6]), origin: .upstream, feed: "other")
        #expect(try rig.steps().isEmpty && rig.events().isEmpty)
        #expect(try rig.standings().count == 40 && rig.standings("other").count == 2)
        #expect(try rig.document() == document)
        #expect(other.wakes == ["api"])
    }

    @Test func unknownCountersRankLast() async throws {
        let rig = try StageRig()
        try await rig.arrive(.madeUp(hour: 0, [nil, 5, nil, 900]))
        #expect(try rig.standings().map(\.listing.id.text) == ["m/3", "m/1", "m/0", "m/2"])
        #expect(try rig.standings().last?.scores.adoption == nil)
    }

    @Test func whatIsNotThereIsPermanentlyMissing() async throws {
        let rig = try StageRig()
        await #expect(throws: JobFailure.permanent("missing", "there is no snapshot hub-x")) {
            try await rig.score("hub-x")
        }
        await #expect(throws: JobFailure.permanent("missing", "the feed hub has no scored snapshot")) {
            try await rig.publish("hub")
        }
    }
}
