import Deployment
import Jobs
import Model
import SQLite
import Scoring
import Store
import Telemetry
import TestKit
import Testing

@testable import scorer

/// Packed or not, the history says the same.
@Suite struct PackStageTests {
    /// More models than a block spans; some come late, some are missing now and then.
    private static func days(_ count: Int) -> [Observed] {
        (0..<count).map { day in
            var chance = SplitMix64(seed: UInt64(day))
            let models = 1_500 + day * 10
            return .madeUp(
                hour: Int64(24 * day),
                (0..<models).map { model in
                    let draw = Int.random(in: 0..<100, using: &chance)
                    if draw < 2 { return nil }
                    let usual = Double(1_000 + model) * (1 + 0.01 * Double(day))
                    return Int64(draw == 50 ? usual * 3 : usual * Double.random(in: 0.99...1.01, using: &chance))
                })
        }
    }

    @Test func nothingThatIsShownDependsOnIt() async throws {
        let (packed, plain) = (try StageRig(), try StageRig())
        for day in Self.days(12) {
            try await packed.arrive(day)
            try await plain.arrive(day)
            try await packed.pack()
        }
        #expect(try packed.count("SELECT count(*) FROM history_block") == 9 * 2, "all but what readers page through")
        #expect(try packed.count("SELECT sum(packed) FROM snapshot") == 9)
        #expect(try packed.count("SELECT count(DISTINCT key >> 32) FROM listing") == 3)
        #expect(try packed.count("SELECT count(DISTINCT key >> 32) FROM score") == 3)
        #expect(try packed.standings() == plain.standings())
        #expect(try packed.anomalies().map(Told.init) == plain.anomalies().map(Told.init))
        #expect(try !packed.anomalies().isEmpty)
        #expect(try packed.steps() == plain.steps())
        for model in ["m/0", "m/1023", "m/1024", "m/1499", "m/1505", "m/1609", "m/9999"] {
            #expect(try packed.history(of: model) == plain.history(of: model), "\(model)")
            #expect(try packed.trend(of: model) == plain.trend(of: model), "\(model)")
        }
        let key = try packed.publication().snapshot.key
        let since = Timestamp(milliseconds: 0)
        let gone = try packed.place.open().run(.absentModels(snapshot: key, seenSince: since))
        let known = try plain.place.open().run(.absentModels(snapshot: key, seenSince: since))
        #expect(gone.map(\.listing) == known.map(\.listing))
    }

    /// Also while a snapshot is half packed, which is when readers look.
    @Test func eachStepLeavesTheHistoryWhole() async throws {
        let rig = try StageRig()
        for day in Self.days(6) { try await rig.arrive(day) }
        let models = ["m/3", "m/1100", "m/1509"]
        let wanted = try models.map { try rig.history(of: $0) }
        let trends = try models.map { try rig.trend(of: $0) }
        let standings = try rig.standings()
        let steps = try await rig.pack { rig in
            let now = try models.map { try rig.history(of: $0) }
            #expect(now == wanted)
            let trendsNow = try models.map { try rig.trend(of: $0) }
            #expect(trendsNow == trends)
        }
        #expect(trends.allSatisfy { $0.contains { $0 != nil } })
        #expect(steps == 3 * 2 + 2)
        _ = try await rig.publish("hub")
        #expect(try rig.standings() == standings)
    }

    /// An operator may have an old snapshot scored again; a profile may have changed meanwhile.
    @Test func scoresOfWhatIsPackedAreReplaced() async throws {
        let (packed, plain) = (try StageRig(), try StageRig())
        for rig in [packed, plain] {
            for day in Self.days(6) { try await rig.arrive(day) }
        }
        try await packed.pack()
        let oldest = Snapshot.id(feed: "hub", observedAt: Self.days(1)[0].at)
        let other = Scoring(
            caps: packed.profiles.caps, weights: try #require(packed.profiles["community"]?.weights))
        for rig in [packed, plain] { _ = try await rig.score(oldest, by: other) }
        #expect(try packed.count("SELECT count(DISTINCT key >> 32) FROM score") == 3)
        for model in ["m/0", "m/1024", "m/1499"] {
            #expect(try packed.history(of: model) == plain.history(of: model))
        }
    }

    @Test func whatIsPackedIsPruned() async throws {
        let rig = try StageRig()
        for day in Self.days(40) {
            try await rig.arrive(day)
            try await rig.pack()
        }
        let before = try rig.standings()
        try await rig.prune()
        #expect(try rig.count("SELECT count(*) FROM snapshot") == 31)
        #expect(try rig.count("SELECT count(*) FROM history_block") == 28 * 2)
        #expect(
            try rig.count("SELECT count(*) FROM history_block WHERE key >> 32 NOT IN (SELECT key FROM snapshot)") == 0)
        _ = try await rig.publish("hub")
        #expect(try rig.standings() == before)
    }

    @Test func aSmallFeedStaysInRows() async throws {
        let rig = try StageRig()
        for day in Self.days(5) {
            let published = try await rig.arrive(day)
            #expect(!published.next.contains { $0.kind == PackFeed.name })
        }
        #expect(try await rig.pack(least: PackHistory.least) == 1)
        #expect(try rig.count("SELECT count(*) FROM history_block") == 0)
    }
}

extension StageRig {
    /// Packs until nothing is left to pack, a block at a time; gives the number of steps.
    @discardableResult
    func pack(
        _ feed: String = "hub", least: Int = 1_000, after: (StageRig) throws -> Void = { _ in }
    ) async throws -> Int {
        // As they are a while later: time stands still here, and readers page through what is younger than an hour.
        try place.open().runScript(
            """
            DELETE FROM publication WHERE serial <= (SELECT max(serial) - 3 FROM publication);
            DELETE FROM standing WHERE key >> 32 NOT IN (SELECT snapshot_key FROM publication);
            """)
        let stage = PackStage(database: database, least: least, batch: 1)
        var steps = 0
        while true {
            let result = try await stage.run(PackFeed(feed: feed), JobContext(job: JobID(4), log: .silent))
            try store(result)
            try after(self)
            steps += 1
            if result.next.isEmpty { return steps }
        }
    }

    func history(of model: String) throws -> [HistoryPoint] {
        try place.open().run(.history(feed: "hub", model: model, from: nil, to: nil))
    }

    func trend(of model: String) throws -> [Int64?] {
        let connection = try place.open()
        let number = try connection.run(
            Query("SELECT id FROM model WHERE name = ?1", [.text(model)]) { UInt32(truncatingIfNeeded: $0.integer(0)) })
        guard let number = number.first else { return [] }
        let snapshots = try connection.run(.scoredSnapshots(feed: "hub")).map(\.key)
        // Beside others, which may not be there.
        let found = try connection.consistentRead { db throws(SQLiteError) in
            try db.downloads(of: [number, 77_777, number + 1], in: snapshots)
        }
        return found[0]
    }
}
