import Daemon
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

@testable import Jobs

/// What the queue throws away by itself, and what it never does.
@Suite(.timeLimit(.minutes(10))) struct HousekeeperTests {
    private func keeper(
        _ shop: Workshop, ballast: Int64 = 0, pauses: @escaping @Sendable (Duration) async -> Void = { _ in }
    ) throws -> Housekeeper {
        let location = DatabaseLocation(
            path: shop.place.path, retention: Retention(ended: .hours(24), ballast: ballast))
        return Housekeeper(
            try shop.place.database(), location, log: shop.log.logger, now: shop.time.now, pause: pauses)
    }

    private func end(_ shop: Workshop, _ end: JobEnd) throws {
        let connection = try shop.place.open()
        let job = try #require(
            try connection.claim(
                kind: SayWord.name, stage: .fetch, limit: 1, worker: "w", leaseUntil: .max, now: shop.time.now()
            ).first)
        _ = try EndJob(job, end, now: shop.time.now()).apply(to: connection)
    }

    @Test func endedJobsGoAfterTheirTimeAndDeadOnesStay() async throws {
        let shop = try await Workshop()
        let ends: [JobEnd] = [.done, .cancelled(reason: "x"), .dead(errorClass: "x", reason: "y")]
        for each in ends {
            _ = try shop.enqueue([SayWord(word: "old").job()])
            try end(shop, each)
        }
        shop.time.advance(by: .hours(24))
        _ = try shop.enqueue([SayWord(word: "young").job()])
        try end(shop, .done)
        _ = try shop.enqueue([SayWord(word: "waiting").job()])
        let keeper = try keeper(shop)
        try await keeper.round()
        #expect(try shop.jobs().count == 5, "a day, and not less")
        shop.time.advance(by: .seconds(1))
        try await keeper.round()
        #expect(try shop.jobs().map(\.state) == [.dead, .done, .ready])
        #expect(try shop.place.open().run(Query<Int>("SELECT count(*) FROM job_attempt") { $0.count(0) }) == [1])
    }

    @Test func eachRoundLooksHowMuchWaits() async throws {
        let shop = try await Workshop()
        _ = try shop.enqueue([SayWord(word: "a").job(), SayWord(word: "b").job()])
        let keeper = try keeper(shop)
        try await keeper.round()
        shop.time.advance(by: .seconds(60))
        try await keeper.round()
        let samples = Query<Int>("SELECT waiting FROM queue_sample WHERE stage = 'fetch'") { $0.count(0) }
        #expect(try shop.place.open().run(samples) == [2, 2])
    }

    @Test func whatIsRememberedOfRequestsGoesWhenItsTimeIsOver() async throws {
        let shop = try await Workshop()
        let start = shop.time.now()
        let answer = IdempotentAnswer(fingerprint: [UInt8](repeating: 1, count: 32), status: 201, headers: "", body: [])
        let name = IdempotencyName(account: [UInt8](repeating: 2, count: 32), route: "POST /", key: "k")
        try shop.place.open().transaction { db throws(SQLiteError) in
            try db.run(.keepAnswer(answer, to: name, now: start))
            for number in 0..<1_200 {
                _ = try db.takeRate("address \(number)", wanted: 1, requests: 60, window: .minutes(1), now: start)
            }
            _ = try db.takeRate("busy", wanted: 60, requests: 60, window: .minutes(1), now: start)
        }
        func left() throws -> [Int] {
            try shop.place.open().run(
                Query("SELECT count(*) FROM request_rate UNION ALL SELECT count(*) FROM idempotency") { $0.count(0) })
        }
        let keeper = try keeper(shop)
        shop.time.advance(by: .seconds(30))
        try await keeper.round()
        #expect(try left() == [1, 1], "an account whose limit is not whole yet stays")
        shop.time.advance(by: .hours(24))
        try await keeper.round()
        #expect(try left() == [0, 0])
    }

    /// Fault 1: the keys of sessions have a lifetime, and are gone when it is over.
    @Test func fault1KeysOfSessionsGoWhenTheirTimeIsOver() async throws {
        let shop = try await Workshop()
        let start = shop.time.now()
        let fingerprint = [UInt8](repeating: 1, count: 32)
        let session = SessionRow(
            sessionID: "s", agentID: "a", modelID: "m", status: .running, startedAt: start, source: .ingest,
            contract: "v1", fingerprint: fingerprint, ingestedAt: start)
        try shop.place.open().transaction { db throws(SQLiteError) in
            try db.run(Query<Void>.addSession(session))
            for number in 0..<1_200 {
                let row = IngestKeyRow(fingerprint: fingerprint, result: "{}")
                let end = start + (number == 7 ? .hours(2) : .hours(1))
                try db.run(Query<Void>.keepIngestKey("key \(number)", row, of: "s", until: end))
            }
        }
        let keeper = try keeper(shop)
        shop.time.advance(by: .hours(1))
        try await keeper.round()
        #expect(try shop.place.open().run(Query<String>("SELECT key FROM ingest_key") { $0.text(0) }) == ["key 7"])
    }

    /// Between two batches others may write.
    @Test func manyGoInBatches() async throws {
        let shop = try await Workshop()
        try shop.place.open().runScript(
            """
            INSERT INTO job (kind, stage, payload, state, claim_order, max_attempts, run_at_ms, created_at_ms,
                             finished_at_ms)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
            SELECT 'sample', 'fetch', '{}', 'done', i, 3, i, 0, i FROM n
            """)
        let pauses = Mutex(0)
        try await keeper(shop, pauses: { _ in pauses.withLock { $0 += 1 } }).round()
        #expect(try shop.jobs().isEmpty)
        #expect(pauses.withLock { $0 } == 2)
    }

    /// A key that is held for a period keeps its job until then.
    @Test func aHeldKeyIsLetGoWhenItsPeriodIsOver() async throws {
        let shop = try await Workshop()
        var job = SayWord(word: "once").job()
        job.uniqueKey = "once"
        job.uniqueUntil = shop.time.now() + .hours(48)
        _ = try shop.enqueue([job])
        try end(shop, .done)
        let keeper = try keeper(shop)
        shop.time.advance(by: .hours(30))
        try await keeper.round()
        #expect(try shop.enqueue([job]).isEmpty)
        shop.time.advance(by: .hours(20))
        try await keeper.round()
        #expect(try shop.jobs().isEmpty)
    }

    @Test func theBallastIsKeptUntilItIsNeeded() async throws {
        let shop = try await Workshop()
        let keeper = try keeper(shop, ballast: 1 << 20)
        let path = shop.place.path + ".ballast"
        try await keeper.round()
        #expect(FileSize.of(path) == 1 << 20)
        #expect(Ballast.keep(at: path, bytes: 1 << 20) == nil, "it is there")
        #expect(Ballast.keep(at: path + "2", bytes: 16 << 20, free: 9 << 20) == nil, "there is no space to spare")
        #expect(Ballast.keep(at: path + "2", bytes: 16 << 20, free: 64 << 20) == 6 << 20, "a small disk")
        #expect(Ballast.keep(at: path + "2", bytes: 16 << 20, free: 1 << 30) == 16 << 20, "it has grown")
    }

    /// However many processes there are, a tick is one process's.
    @Test func oneProcessCleansUp() async throws {
        let shop = try await Workshop()
        let database = try shop.place.database()
        var turns = 0
        for _ in 0..<10 {
            let moment = shop.time.now()
            let isTurn = try await database.write { db throws(SQLiteError) in
                try db.tick("housekeeping", every: .seconds(60), now: moment)
            }
            if isTurn { turns += 1 }
        }
        #expect(turns == 1)
    }
}
