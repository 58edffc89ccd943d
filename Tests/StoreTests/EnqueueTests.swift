import Model
import SQLite
import Store
import TestKit
import Testing

/// How jobs come into the queue, and when one is one too many.
@Suite struct EnqueueTests {
    private let database: TemporaryDatabase
    private let now = Sample.now

    init() throws {
        database = try TemporaryDatabase()
    }

    private static let waits: [(Duration?, JobState, Int64)] = [
        (nil, .ready, 0), (.zero, .ready, 0), (.seconds(-5), .ready, 0), (.milliseconds(1), .scheduled, 1),
        (.seconds(60), .scheduled, 60_000),
    ]

    @Test(arguments: waits)
    func isReadyOrScheduled(wait: Duration?, state: JobState, delay: Int64) throws {
        let connection = try database.open()
        let id = try #require(try connection.enqueue(.sample(runAt: wait.map { now + $0 }), now: now))
        let job = try #require(try connection.storedJob(id))
        #expect(job.state == state && job.attempt == 0 && job.worker == nil && job.leaseUntil == nil)
        #expect(job.runAt.milliseconds == now.milliseconds + delay)
    }

    @Test func isPartOfTheCallersTransaction() throws {
        let connection = try database.open()
        #expect(throws: SQLiteError.self) {
            try connection.transaction { db throws(SQLiteError) in
                try db.enqueue(.sample(), now: now)
                try db.run(Query<Void>("INSERT INTO feed (name, created_at_ms) VALUES ('', 1)"))
            }
        }
        #expect(try connection.storedJobs().isEmpty)
    }

    @Test func numbersRiseAndAreNeverUsedTwice() throws {
        let connection = try database.open()
        let first = try #require(try connection.enqueue(.sample(), now: now))
        try connection.runScript("DELETE FROM job")
        let second = try #require(try connection.enqueue(.sample(), now: now))
        #expect(second > first)
    }

    private static let retry = JobEnd.retry(at: Sample.now, errorClass: "x", reason: "y")
    private static let dead = JobEnd.dead(errorClass: "x", reason: "y")
    private static let lives: [(ends: [JobEnd], isFree: Bool)] = [
        ([], false), ([.done], true), ([retry], false), ([.snoozed(until: Sample.now, reason: "y")], false),
        ([.released], false), ([.released, .done], true), ([dead], true), ([.cancelled(reason: "y")], true),
        ([retry, dead], true), ([retry, .released, retry], false),
    ]

    /// A key is held while its job is unfinished, through every state that is not an end.
    @Test(arguments: lives)
    func aKeyIsHeldUntilItsJobHasEnded(ends: [JobEnd], isFree: Bool) throws {
        let connection = try database.open()
        let job = NewJob.sample(uniqueKey: "key")
        try connection.enqueue(job, now: now)
        #expect(try connection.enqueue(job, now: now) == nil)
        for end in ends {
            let claimed = try #require(try connection.claim().first)
            #expect(try connection.enqueue(job, now: now) == nil, "a running job holds its key")
            #expect(try EndJob(claimed, end, now: now).apply(to: connection))
            try connection.run(Query<String>.promote(now: now))
        }
        #expect(try (connection.enqueue(job, now: now) != nil) == isFree)
        #expect(try connection.enqueue(.sample(uniqueKey: "other"), now: now) != nil)
        #expect(try connection.enqueue(.sample(), now: now) != nil, "no key, no limit")
        #expect(try connection.enqueue(.sample(), now: now) != nil)
    }

    @Test func aKeyMayOutliveItsJob() throws {
        let connection = try database.open()
        let job = NewJob.sample(uniqueKey: "daily", uniqueUntil: now + .hours(24))
        try connection.enqueue(job, now: now)
        let claimed = try #require(try connection.claim().first)
        #expect(try EndJob(claimed, .done, now: now).apply(to: connection))
        #expect(try connection.enqueue(job, now: now + .hours(23)) == nil)
        #expect(try connection.enqueue(job, now: now + .hours(24)) != nil)
        #expect(try connection.enqueue(job, now: now + .hours(24)) == nil)
    }

    /// A period that is over while the job still waits frees nothing: there is one unfinished job for a key.
    @Test func aPeriodEndsOnlyWithItsJob() throws {
        let connection = try database.open()
        let job = NewJob.sample(uniqueKey: "hourly", uniqueUntil: now + .hours(1))
        try connection.enqueue(job, now: now)
        #expect(try connection.enqueue(job, now: now + .hours(2)) == nil)
        let claimed = try #require(try connection.claim().first)
        #expect(try EndJob(claimed, .done, now: now + .hours(2)).apply(to: connection))
        #expect(try connection.enqueue(job, now: now + .hours(2)) != nil)
    }

    /// What changes while a coalescing job runs asks for another run, and what changes before it starts does not.
    @Test func aCoalescingJobLetsItsKeyGoWhenItStarts() throws {
        let connection = try database.open()
        let job = NewJob.sample(uniqueKey: "feed", coalesces: true)
        try connection.enqueue(job, now: now)
        #expect(try connection.enqueue(job, now: now) == nil)
        let running = try #require(try connection.claim().first)
        let next = try #require(try connection.enqueue(job, now: now))
        #expect(try connection.enqueue(job, now: now) == nil)
        #expect(try EndJob(running, .done, now: now).apply(to: connection))
        #expect(try connection.enqueue(job, now: now) == nil, "the next one still waits")
        #expect(try connection.claim().map(\.id) == [next])
    }

    @Test func manyProducersMakeOneJob() async throws {
        let now = now
        let added = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                let database = try database.database()
                group.addTask {
                    var added = 0
                    for key in 0..<50 {
                        let id = try await database.write { db throws(SQLiteError) in
                            try db.enqueue(.sample(uniqueKey: "k\(key)"), now: now)
                        }
                        added += id == nil ? 0 : 1
                    }
                    return added
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(added == 50)
        #expect(try database.open().count(of: .ready) == 50)
    }

    @Test(arguments: [-11, 11])
    func aPriorityOutOfRangeIsRefused(priority: Int) throws {
        let connection = try database.open()
        let error = #expect(throws: SQLiteError.self) {
            try connection.enqueue(.sample(priority: priority), now: now)
        }
        #expect(error?.isConstraint == true)
    }
}
