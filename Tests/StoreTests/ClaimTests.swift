import Model
import SQLite
import Store
import TestKit
import Testing

/// Who gets which job, and when nobody does.
@Suite struct ClaimTests {
    private let database: TemporaryDatabase
    private let now = Sample.now

    init() throws {
        database = try TemporaryDatabase()
    }

    @Test func takesJobsOfItsKindAlone() throws {
        let connection = try database.open()
        try connection.enqueue(.sample(kind: "other"), now: now)
        #expect(try connection.claim().isEmpty)
        let id = try #require(try connection.enqueue(.sample(), now: now))
        let job = try #require(try connection.claim(5).first)
        #expect(job.id == id && job.attempt == 1 && job.worker == "me" && job.startedAt == now && job.payload == "{}")
        let row = try #require(try connection.storedJob(id))
        #expect(row.state == .running && row.leaseUntil == Sample.lease && row.worker == "me")
        #expect(try connection.claim(5).isEmpty, "a running job is nobody else's")
    }

    /// Each step of priority is worth ten minutes of waiting, so a low one waits long but not for ever.
    /// Jobs by priority and by the minute of their arrival, and the order in which they are handed out.
    struct Arrivals: Sendable {
        let jobs: [(priority: Int, minute: Int64)]
        let order: [Int]
    }

    private static let arrivals: [Arrivals] = [
        Arrivals(jobs: [(0, 0), (0, 1)], order: [0, 1]),
        Arrivals(jobs: [(0, 0), (1, 5)], order: [1, 0]),
        Arrivals(jobs: [(0, 0), (1, 10)], order: [0, 1]),
        Arrivals(jobs: [(0, 0), (1, 11)], order: [0, 1]),
        Arrivals(jobs: [(-10, 0), (10, 199)], order: [1, 0]),
        Arrivals(jobs: [(-10, 0), (10, 201)], order: [0, 1]),
        Arrivals(jobs: [(0, 0), (5, 0), (-5, 0), (1, 0), (0, 0)], order: [1, 3, 0, 4, 2]),
        Arrivals(jobs: [(-1, 0), (0, 9), (0, 11), (1, 18), (1, 22)], order: [3, 1, 0, 2, 4]),
    ]

    /// Each step of priority is worth ten minutes of waiting, so a low one waits long but not for ever.
    @Test(arguments: arrivals)
    func priorityGoesFirstAndAgePassesIt(arrivals: Arrivals) throws {
        let connection = try database.open()
        var ids: [JobID] = []
        for job in arrivals.jobs {
            let moment = now + .minutes(job.minute)
            ids.append(try #require(try connection.enqueue(.sample(priority: job.priority), now: moment)))
        }
        let singly = try (0..<ids.count).compactMap { _ in try connection.claim().first?.id }
        #expect(singly.compactMap { ids.firstIndex(of: $0) } == arrivals.order)
    }

    @Test func aBatchComesInOrder() throws {
        let connection = try database.open()
        let ids = try [0, 3, -2, 3, 1].map { try connection.enqueue(.sample(priority: $0), now: now) }
        #expect(try connection.claim(10).map(\.id) == [ids[1], ids[3], ids[4], ids[0], ids[2]].compactMap(\.self))
    }

    @Test func scheduledJobsWaitForTheirTime() throws {
        let connection = try database.open()
        try connection.enqueue(.sample(runAt: now + .seconds(10)), now: now)
        try connection.enqueue(.sample(runAt: now + .seconds(20)), now: now)
        #expect(try connection.run(Query<Timestamp>.nextDue()) == [now + .seconds(10)])
        #expect(try connection.run(Query<String>.promote(now: now + .milliseconds(9_999))).isEmpty)
        #expect(try connection.claim().isEmpty)
        #expect(try connection.run(Query<String>.promote(now: now + .seconds(10))) == ["fetch"])
        #expect(try connection.claim(5).count == 1)
        #expect(try connection.run(Query<Timestamp>.nextDue()) == [now + .seconds(20)])
        #expect(try connection.run(Query<String>.promote(now: now + .seconds(30))) == ["fetch"])
        #expect(try connection.run(Query<Timestamp>.nextDue()).isEmpty)
    }

    private static let pauses: [(target: String, until: Duration?, isPaused: Bool)] = [
        (Sample.kind, nil, true), ("fetch", nil, true), ("score", nil, false), ("other", nil, false),
        (Sample.kind, .milliseconds(1), true), (Sample.kind, .zero, false), (Sample.kind, .seconds(-1), false),
        ("fetch", .seconds(1), true), ("fetch", .zero, false),
    ]

    @Test(arguments: pauses)
    func aPausedKindOrStageGivesNothing(target: String, until: Duration?, isPaused: Bool) throws {
        let connection = try database.open()
        try connection.enqueue(.sample(), now: now)
        try connection.pause(target, until: until.map { now + $0 })
        let ready = Query<Int64>.anyReady(kind: Sample.kind, stage: .fetch, now: now)
        #expect(try connection.run(ready).isEmpty == isPaused)
        #expect(try connection.claim().isEmpty == isPaused)
        try connection.runScript("DELETE FROM pause")
        #expect(try connection.claim().isEmpty != isPaused, "resuming is enough")
    }

    @Test func fourConnectionsTakeEachJobOnce() async throws {
        let now = now
        try database.open().transaction { db throws(SQLiteError) in
            for _ in 0..<500 { try db.enqueue(.sample(), now: now) }
        }
        let taken = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for worker in 0..<4 {
                let database = try database.database()
                group.addTask {
                    var taken: [JobID] = []
                    while true {
                        let jobs = try await database.write { db throws(SQLiteError) in
                            let jobs = try db.claim(7, worker: "w\(worker)")
                            for job in jobs.prefix(3) { _ = try EndJob(job, .done, now: now).apply(to: db) }
                            return jobs
                        }
                        if jobs.isEmpty { return taken }
                        taken += jobs.map(\.id)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken.count == 500)
        #expect(Set(taken).count == 500)
        let connection = try database.open()
        #expect(try connection.count(of: .done) + connection.count(of: .running) == 500)
    }
}
