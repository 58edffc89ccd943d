import Model
import SQLite
import Scoring
import Store
import TestKit
import Testing

@testable import scorer

/// A process that publishes again and again says what one says that has just started.
@Suite struct LastVerdictTests {
    private static let models = 120

    /// A fortnight with three snapshots a day. Only the first of a day shows new downloads; now and then a snapshot
    /// lacks a model, and one of them jumps.
    private static func fortnight(seed: UInt64) -> [Observed] {
        var chance = SplitMix64(seed: seed)
        var downloads = (1...models).map { Int64($0) * 10_000 }
        var likes = (1...models).map { Int64($0) * 10 }
        return (0..<14).flatMap { day in
            for model in downloads.indices {
                downloads[model] += downloads[model] * Int64.random(in: 5...15, using: &chance) / 1_000
            }
            if day > 9 { downloads[day] = downloads[day] * 3 / 2 }
            return [0, 6, 12].map { hour in
                let lacking = Set(
                    (0..<Int.random(in: 0...2, using: &chance)).map { _ in
                        Int.random(in: 0..<models, using: &chance)
                    })
                for model in likes.indices { likes[model] += Int64.random(in: 0...3, using: &chance) }
                let listings = downloads.indices.filter { !lacking.contains($0) }.map { model in
                    var listing = Listing(id: ModelID("m/\(model)"))
                    listing.downloads = downloads[model]
                    listing.likes = likes[model]
                    return listing
                }
                let moment = Timestamp(milliseconds: 1_777_000_000_000) + .hours(Int64(day * 24 + hour))
                return Observed(at: moment, listings: listings)
            }
        }
    }

    @Test(arguments: UInt64(1)...3)
    func itSaysTheSameAsOneThatHasJustStarted(seed: UInt64) async throws {
        let (fresh, lasting) = (try StageRig(), try StageRig())
        let stage = try lasting.publishStage()
        for observed in Self.fortnight(seed: seed) {
            try await fresh.arrive(observed, origin: .upstream)
            try await lasting.arrive(observed, origin: .upstream, by: stage)
            #expect(try lasting.standings() == fresh.standings())
        }
        #expect(try lasting.anomalies().map(Told.init) == fresh.anomalies().map(Told.init))
        #expect(try lasting.anomalies().isEmpty == false)
        #expect(try Self.told(lasting) == Self.told(fresh))
    }

    /// A day that arrives late changes what the verdicts rest on.
    @Test func aLateDayIsJudgedByTheSameProcess() async throws {
        let days = Self.fortnight(seed: 4)
        let (fresh, lasting) = (try StageRig(), try StageRig())
        let stage = try lasting.publishStage()
        for observed in days[..<9] + days[12...] + days[9..<12] {
            try await fresh.arrive(observed)
            try await lasting.arrive(observed, by: stage)
        }
        #expect(try lasting.standings() == fresh.standings())
        #expect(try lasting.anomalies().map(Told.init) == fresh.anomalies().map(Told.init))
    }

    @Test func aSnapshotWithoutANewEpochIsNotJudgedAgain() async throws {
        let rig = try StageRig()
        let stage = try rig.publishStage()
        let days = Self.fortnight(seed: 5)
        for observed in days.dropLast() { try await rig.arrive(observed, by: stage) }
        let before = try rig.publication().snapshot
        _ = try await rig.score(try rig.observe(try #require(days.last)))
        let connection = try rig.place.open()
        let epoch = try #require(try connection.run(.judgedEpochs(feed: "hub")).last)
        let snapshots = try connection.run(.scoredSnapshots(feed: "hub"))
        let newest = try #require(snapshots.last)
        let models = try SnapshotColumns.load(newest.key, from: connection).keys
        let verdicts = [LastVerdicts.Verdict(snapshot: before.key, epoch: epoch), nil]
        let found = try verdicts.map { last in
            try AnomalyFindings.load(
                "hub", snapshots, models: models, thresholds: rig.thresholds, last: last, from: connection)
        }
        #expect(found[0].judged.isEmpty && !found[1].judged.isEmpty)
        #expect(found[0].judgement == found[1].judgement && found[0].judgement != nil)
        #expect(found[0].newest == found[1].newest)
        #expect(found[0].opened == found[1].opened && found[0].closed == found[1].closed)
    }

    private static func told(_ rig: StageRig) throws -> [String] {
        try rig.place.open().run(Query("SELECT type || coalesce(origin_key, '') FROM event ORDER BY 1") { $0.text(0) })
    }
}
