import Model
import SQLite
import Store
import TestKit
import Testing

/// What a stage, a kind or a key may take.
@Suite struct LimitTests {
    private let database: TemporaryDatabase
    private let now = Sample.now

    init() throws {
        database = try TemporaryDatabase()
    }

    private func claim(
        _ connection: borrowing Connection, _ limit: Int, at moment: Timestamp? = nil, worker: String = "me"
    ) throws -> [ClaimedJob] {
        let moment = moment ?? now
        return try connection.transaction { db throws(SQLiteError) in
            try db.claim(
                ClaimRequest(
                    kind: Sample.kind, stage: .fetch, limit: limit, worker: worker, lease: .seconds(5),
                    leaseNow: moment.milliseconds, now: moment))
        }
    }

    @Test func aFullStageRefusesItsProducers() throws {
        let connection = try database.open()
        try connection.run(.limit(QueueLimit(target: "fetch", depth: 3)))
        for _ in 0..<3 { try connection.enqueue(.sample(), now: now) }
        let error = #expect(throws: SQLiteError.self) { try connection.enqueue(.sample(), now: now) }
        #expect(error?.isStageFull == true)
        #expect(error?.message == "the stage is full: fetch has 3 jobs waiting, its limit is 3")
        // Scheduled ones wait too; running ones do not.
        #expect(throws: SQLiteError.self) { try connection.enqueue(.sample(runAt: now + .hours(1)), now: now) }
        let job = try claim(connection, 1)[0]
        try connection.enqueue(.sample(runAt: now + .hours(1)), now: now)
        // What comes back is never refused: it would be lost.
        #expect(try EndJob(job, .released, now: now).apply(to: connection))
        #expect(try connection.run(Query<Int>("SELECT count(*) FROM job") { $0.count(0) }) == [4])
    }

    @Test func aRefusedProducerLosesItsWholeTransaction() throws {
        let connection = try database.open()
        try connection.run(.limit(QueueLimit(target: "fetch", depth: 1)))
        #expect(throws: SQLiteError.self) {
            try connection.transaction { db throws(SQLiteError) in
                try db.enqueue(.sample(), now: now)
                try db.enqueue(.sample(), now: now)
            }
        }
        #expect(try connection.storedJobs().isEmpty)
    }

    /// A key that is held is no reason to refuse, and no room is taken.
    @Test func aFullStageStillKnowsItsDuplicates() throws {
        let connection = try database.open()
        try connection.run(.limit(QueueLimit(target: "fetch", depth: 1)))
        try connection.enqueue(.sample(uniqueKey: "k"), now: now)
        #expect(try connection.enqueue(.sample(uniqueKey: "k"), now: now) == nil)
    }

    @Test func aKindRunsNoMoreThanItsLimitOverAllWorkers() throws {
        let connection = try database.open()
        try connection.run(.limit(QueueLimit(target: Sample.kind, running: 3)))
        for _ in 0..<9 { try connection.enqueue(.sample(), now: now) }
        let first = try claim(connection, 2, worker: "a")
        let second = try claim(connection, 9, worker: "b")
        #expect(first.count == 2 && second.count == 1)
        #expect(try claim(connection, 9, worker: "c").isEmpty)
        _ = try EndJob(first[0], .done, now: now).apply(to: connection)
        #expect(try claim(connection, 9, worker: "c").count == 1)
    }

    /// Two at once, then one each 100 ms, whoever claims; nothing is lost and nothing counted as an attempt.
    @Test func aPaceIsKept() throws {
        let connection = try database.open()
        try connection.run(.limitPace(PaceLimit(key: Sample.kind, interval: 100_000, burst: 2)))
        for _ in 0..<30 { try connection.enqueue(.sample(), now: now) }
        var starts: [Int64] = []
        for tick in Int64(0)..<400 {
            let moment = now + .milliseconds(tick * 10)
            try connection.run(Query<String>.promote(now: moment))
            for job in try claim(connection, 5, at: moment, worker: "w\(tick % 3)") {
                #expect(job.attempt == 1)
                starts.append(tick * 10)
                _ = try EndJob(job, .done, now: moment).apply(to: connection)
            }
        }
        #expect(starts == [0] + (0..<29).map { Int64($0) * 100 })
    }

    /// The jobs of one key wait for their starts; those of another are not behind them.
    @Test func aKeyThatIsSlowHoldsUpNoOther() throws {
        let connection = try database.open()
        try connection.run(.limitPace(PaceLimit(key: "slow", interval: 60_000_000, burst: 1)))
        for key in ["slow", "slow", "slow", "quick", "quick"] {
            var job = NewJob.sample()
            job.rateKey = key
            try connection.enqueue(job, now: now)
        }
        #expect(try claim(connection, 5).map(\.rateKey) == ["slow", "quick", "quick"])
        let waiting = try connection.storedJobs().filter { $0.state == .scheduled }
        #expect(waiting.map(\.runAt) == [now + .seconds(60), now + .seconds(120)])
        #expect(waiting.allSatisfy { $0.attempt == 0 })
        try connection.run(.freePace("slow"))
        try connection.run(Query<String>.promote(now: now + .seconds(61)))
        #expect(try claim(connection, 5, at: now + .seconds(61)).count == 1)
    }

    /// Starts that were given before a long stop do not all come at once after it.
    @Test func startsThatArePassedAreGivenAnew() throws {
        let connection = try database.open()
        try connection.run(.limitPace(PaceLimit(key: "slow", interval: 1_000_000, burst: 1)))
        for _ in 0..<5 {
            var job = NewJob.sample()
            job.rateKey = "slow"
            try connection.enqueue(job, now: now)
        }
        #expect(try claim(connection, 5).count == 1)
        let later = now + .hours(1)
        try connection.run(Query<String>.promote(now: later))
        #expect(try claim(connection, 5, at: later).count == 1)
    }
}
