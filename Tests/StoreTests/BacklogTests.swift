import Daemon
import Model
import SQLite
import Store
import TestKit
import Testing

/// What operators watch: the view, and the counts behind it.
@Suite struct BacklogTests {
    private let database: TemporaryDatabase
    private let now = SystemClock.now()

    init() throws {
        database = try TemporaryDatabase()
    }

    private func fetch(_ connection: borrowing Connection) throws -> StageBacklog {
        try #require(try connection.backlog().first)
    }

    @Test func everyStageHasARowInTheOrderOfTheFlow() throws {
        let backlog = try database.open().backlog()
        #expect(backlog.map(\.stage) == StageName.allCases)
        #expect(backlog.allSatisfy { $0.waiting == 0 && $0.oldestReadyAge == nil && $0.p50 == nil && !$0.isBehind })
    }

    /// Triggers keep the depth, so it is right however a job got where it is.
    @Test func theDepthFollowsEveryMove() throws {
        let connection = try database.open()
        for (priority, runAt) in [(0, nil), (3, nil), (0, now + .hours(1)), (0, nil)] as [(Int, Timestamp?)] {
            try connection.enqueue(.sample(priority: priority, runAt: runAt), now: now)
        }
        var stage = try fetch(connection)
        #expect([stage.ready, stage.scheduled, stage.running, stage.retrying, stage.dead] == [3, 1, 0, 0, 0])
        let jobs = try connection.claim(3, now: now)
        stage = try fetch(connection)
        #expect([stage.ready, stage.scheduled, stage.running, stage.retrying, stage.dead] == [0, 1, 3, 0, 0])
        _ = try EndJob(jobs[0], .retry(at: now + .seconds(9), errorClass: "x", reason: "y"), now: now)
            .apply(to: connection)
        _ = try EndJob(jobs[1], .dead(errorClass: "x", reason: "y"), now: now).apply(to: connection)
        _ = try EndJob(jobs[2], .released, now: now).apply(to: connection)
        stage = try fetch(connection)
        #expect([stage.ready, stage.scheduled, stage.running, stage.retrying, stage.dead] == [1, 1, 0, 1, 1])
        try connection.run(Query<String>.requeue(jobs[1].id, now: now))
        try connection.run(Query<String>.cancel(jobs[2].id, now: now))
        try connection.run(Query<String>.promote(now: now + .hours(2)))
        stage = try fetch(connection)
        #expect([stage.ready, stage.scheduled, stage.running, stage.retrying, stage.dead] == [3, 0, 0, 0, 0])
        try connection.run(Query<Void>("DELETE FROM job"))
        #expect(try fetch(connection).waiting == 0)
    }

    /// A shell that inserts rows is counted like any producer.
    @Test func rowsFromOutsideAreCounted() throws {
        let connection = try database.open()
        try connection.runScript(
            """
            INSERT INTO job (kind, stage, payload, state, claim_order, max_attempts, run_at_ms, created_at_ms)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            SELECT 'sample', 'fetch', '{}', 'ready', i, 3, i, 0 FROM n
            """)
        #expect(try fetch(connection).ready == 1_000)
    }

    /// A high priority makes a job the next one, not the oldest.
    @Test func theOldestIsTheOneThatHasWaitedLongest() throws {
        let connection = try database.open()
        for (priority, age) in [(0, 90), (5, 10), (-5, 400), (0, 30)] {
            let due = now - .seconds(age)
            try connection.enqueue(.sample(priority: priority, runAt: due), now: due)
        }
        let stage = try fetch(connection)
        let age = try #require(stage.oldestReadyAge)
        #expect(age >= .seconds(400) && age < .seconds(460))
        #expect(stage.isBehind, "its objective is five minutes")
    }

    @Test func pausesAreShownWithTheirStage() throws {
        let connection = try database.open()
        let pause = Pause(target: "sample", reason: "new disk", pausedBy: "me", since: now, until: now + .hours(1))
        try connection.run(.pause(pause, stage: .fetch))
        #expect(try fetch(connection).pauses == [pause])
        let words = Query<String>("SELECT paused || paused_why FROM queue_backlog WHERE stage = 'fetch'") {
            $0.text(0)
        }
        #expect(try connection.run(words) == ["1sample: new disk"])
        let over = Pause(target: "sample", reason: "new disk", pausedBy: "me", since: now, until: now - .hours(1))
        try connection.run(.pause(over, stage: .fetch))
        #expect(try fetch(connection).pauses.isEmpty)
    }

    @Test func aWorkerCountsOnceHoweverManyJobsItHolds() throws {
        let connection = try database.open()
        for _ in 0..<4 { try connection.enqueue(.sample(), now: now) }
        let before = try connection.run(.workerCounts())
        #expect(before.isEmpty)
        let first = try connection.claim(2, worker: "one", now: now)
        _ = try connection.claim(1, worker: "two", now: now)
        let both = try connection.run(.workerCounts())
        #expect(both.map { $0.stage } == ["fetch"] && both.map { $0.workers } == [2])
        for job in first { _ = try EndJob(job, .released, now: now).apply(to: connection) }
        let left = try connection.run(.workerCounts())
        #expect(left.map { $0.workers } == [1])
    }

    @Test func timesOfTheLastHourGiveThePercentiles() throws {
        let connection = try database.open()
        let job = ClaimedJob(
            id: JobID(1), kind: "sample", payload: "", payloadVersion: 1, attempt: 1, maxAttempts: 3, worker: "w",
            startedAt: now, traceParent: nil, runAt: now - .milliseconds(100))
        func store(_ milliseconds: Int64, _ end: JobEnd, at moment: Timestamp) throws {
            var tally = QueueTally()
            tally.count(end, of: job, stage: .fetch, at: job.startedAt + .milliseconds(milliseconds))
            try tally.store(in: connection, at: moment)
        }
        for milliseconds in 1...100 { try store(Int64(milliseconds), .done, at: now) }
        try store(9_000_000, .done, at: now - .hours(2))
        try store(1, .retry(at: now, errorClass: "x", reason: "y"), at: now)
        let stage = try fetch(connection)
        #expect(stage.done == 100 && stage.retried == 1)
        // 50 and 95, each up to the bound of its bucket.
        #expect(stage.p50 == .milliseconds(56) && stage.p95 == .milliseconds(96))
        let counts = try connection.run(.queueCounts(since: nil))
        #expect(counts.filter { $0.what == "wait" }.map(\.bound) == [112])
        #expect(counts.first { $0.what == "run_ms" }?.amount == 5_050 + 9_000_000 + 1)
    }

    private static let bounds: [(Int64, Int64)] = [
        (0, 1), (1, 1), (4, 4), (5, 5), (8, 8), (9, 10), (16, 16), (17, 20), (64, 64), (65, 80), (1_000, 1_024),
        (1_025, 1_280), (3_600_000, 3_670_016),
    ]

    @Test(arguments: bounds)
    func aBoundIsAtMostAQuarterAbove(milliseconds: Int64, bound: Int64) {
        #expect(DurationBucket.bound(of: milliseconds) == bound)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func boundsHoldWhatTheyCount(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<1_000 {
            let milliseconds = Int64.random(in: 1...(1 << Int64.random(in: 1...40, using: &random)), using: &random)
            let bound = DurationBucket.bound(of: milliseconds)
            #expect(bound >= milliseconds && bound * 4 <= milliseconds * 5 + 4)
            #expect(DurationBucket.bound(of: bound) == bound)
        }
    }

    /// Folding changes when something happened, never how often.
    @Test func foldingKeepsEveryTotal() throws {
        let connection = try database.open()
        for hours in stride(from: Int64(0), to: 300, by: 1) {
            var tally = QueueTally()
            tally.count(.done, stage: "fetch", kind: "sample", times: Int(hours) + 1)
            try tally.store(in: connection, at: now - .hours(hours))
            try tally.store(in: connection, at: now - .hours(hours) - .seconds(90))
        }
        func total() throws -> Int {
            try connection.run(.queueCounts(since: nil)).reduce(0) { $0 + $1.amount }
        }
        let (before, recent) = (try total(), try fetch(connection).done)
        for _ in 0..<3 { try connection.foldCounts(now: now) }
        #expect(try total() == before)
        #expect(try fetch(connection).done == recent)
        let rows = Query<Int>("SELECT count(*) FROM queue_count") { $0.count(0) }
        // Two an hour for two days, then one each three hours.
        #expect(try connection.run(rows)[0] < 2 * 54 + 250 / 3)
        let coarse = Query<Int>("SELECT count(*) FROM queue_count WHERE minute_ms % 600000 > 0") { $0.count(0) }
        #expect(try connection.run(coarse)[0] <= 8)
    }

    /// Whatever has been folded, a window and the one before it have the counts that they had.
    @Test(arguments: FigureWindow.allCases)
    func foldingIsFinerThanAnyWindow(window: FigureWindow) throws {
        let connection = try database.open()
        var random = SplitMix64(seed: 7)
        for _ in 0..<400 {
            let age = Int64.random(in: 0...(15 * 86_400), using: &random)
            for span in [age, age % 90_000, age % 9_000] {
                var tally = QueueTally()
                tally.count(.done, stage: "fetch", kind: "sample")
                tally.count(.retried, stage: "fetch", kind: "sample", times: 2)
                try tally.store(in: connection, at: now - .seconds(span))
            }
        }
        func figures() throws -> [String] {
            let flow = try connection.run(
                .queueFlow(from: window.start(at: now, steps: window.steps * 2), step: window.step))
            let ends = try connection.run(.stageEnds(since: window.start(at: now)))
            return flow.map { "\($0)" } + ends.map { "\($0)" }
        }
        let before = try figures()
        #expect(before.count > 20)
        try connection.foldCounts(now: now)
        #expect(try figures() == before)
    }

    @Test func theLastHourIsTheViewsHour() throws {
        let connection = try database.open()
        for minutes in Int64(0)..<70 {
            var tally = QueueTally()
            tally.count(.done, stage: "fetch", kind: "sample")
            tally.count(.expired, stage: "fetch", kind: "sample", times: 2)
            try tally.store(in: connection, at: now - .minutes(minutes))
        }
        let stage = try fetch(connection)
        let ends = try #require(try connection.run(.stageEnds(since: FigureWindow.hour.start(at: now))).first).ends
        #expect(ends.done == 60 && ends.retried == 120)
        // The view looks at the clock itself, so its hour may be a minute later.
        #expect(stage.done == 60 || stage.done == 59)
    }

    @Test func theChangeIsFromWhatWaitedAnHourAgo() throws {
        let connection = try database.open()
        for _ in 0..<5 { try connection.enqueue(.sample(), now: now) }
        #expect(try connection.backlog().allSatisfy { $0.change == nil }, "nobody looked an hour ago")
        try connection.sampleBacklog(now: now - .minutes(66))
        #expect(try connection.backlog().allSatisfy { $0.change == nil }, "too long ago")
        try connection.enqueue(.sample(runAt: now + .hours(1)), now: now)
        try connection.sampleBacklog(now: now - .minutes(62))
        for _ in 0..<3 { try connection.enqueue(.sample(), now: now) }
        try connection.sampleBacklog(now: now - .minutes(62))
        #expect(try connection.backlog().map(\.change) == [3, 0, 0, 0], "who looked first in that minute counts")
        _ = try connection.claim(9, now: now)
        #expect(
            try connection.backlog().map(\.change) == [-5, 0, 0, 0], "what runs does not wait, what is scheduled does")
        try connection.sampleBacklog(now: now + .hours(2))
        let rows = Query<Int>("SELECT count(*) FROM queue_sample") { $0.count(0) }
        #expect(try connection.run(rows) == [4])
    }
}
