import Model
import SQLite
import Store
import TestKit
import Testing

/// Work that comes back: once for each tick, however many processes look at the clock.
@Suite struct PeriodicTests {
    private let database: TemporaryDatabase
    private let now = Sample.now

    init() throws {
        database = try TemporaryDatabase()
    }

    private func fire(
        _ connection: borrowing Connection, at moment: Timestamp, every interval: Duration = .seconds(60)
    ) throws(SQLiteError) -> Bool {
        try connection.firePeriodic("tick", every: interval, job: .sample(), now: moment) != nil
    }

    /// Seconds at which the clock is looked at, and whether the work is started then. The first look starts it.
    @Test(arguments: [
        ([0, 59, 60, 61, 119, 120], [true, false, true, false, false, true]),
        ([0, 600, 601, 659, 660], [true, true, false, false, true]),
        ([0, 90, 119, 120, 150, 180], [true, true, false, true, false, true]),
    ])
    func firesOncePerTickAndMissedTicksOnce(seconds: [Int64], expected: [Bool]) throws {
        let connection = try database.open()
        #expect(try seconds.map { try fire(connection, at: now + .seconds($0)) } == expected)
        #expect(try connection.storedJobs().count == expected.count { $0 })
    }

    @Test func saysWhenItIsDueNext() throws {
        let connection = try database.open()
        #expect(try connection.run(Query<Timestamp>.nextTick("tick")).isEmpty)
        _ = try fire(connection, at: now)
        _ = try fire(connection, at: now + .seconds(90))
        #expect(try connection.run(Query<Timestamp>.nextTick("tick")) == [now + .seconds(120)])
    }

    @Test func aChangedIntervalCountsFromTheLastTick() throws {
        let connection = try database.open()
        #expect(try fire(connection, at: now, every: .hours(1)))
        #expect(try !fire(connection, at: now + .seconds(10), every: .seconds(30)))
        #expect(try fire(connection, at: now + .seconds(30), every: .seconds(30)))
        #expect(try !fire(connection, at: now + .seconds(60), every: .hours(1)))
        #expect(try fire(connection, at: now + .seconds(30) + .hours(1), every: .hours(1)))
    }

    /// The next tick may have been set by a clock that ran a year ahead.
    @Test func aClockThatIsPutBackDoesNotSilenceTheWork() throws {
        let connection = try database.open()
        #expect(try fire(connection, at: now + .days(365)))
        #expect(try fire(connection, at: now))
        #expect(try !fire(connection, at: now + .seconds(59)))
        #expect(try fire(connection, at: now + .seconds(60)))
    }

    @Test func anUnfinishedPredecessorTakesTheTick() throws {
        let connection = try database.open()
        let job = NewJob.sample(uniqueKey: "one")
        #expect(try connection.firePeriodic("tick", every: .seconds(60), job: job, now: now) != nil)
        #expect(try connection.firePeriodic("tick", every: .seconds(60), job: job, now: now + .seconds(60)) == nil)
        let claimed = try #require(try connection.claim().first)
        #expect(try EndJob(claimed, .done, now: now).apply(to: connection))
        #expect(try connection.firePeriodic("tick", every: .seconds(60), job: job, now: now + .seconds(90)) == nil)
        #expect(try connection.firePeriodic("tick", every: .seconds(60), job: job, now: now + .seconds(120)) != nil)
    }

    /// Each process reads the clock a little before it gets the write lock, some of them just before the tick.
    @Test func severalProcessesFireOnce() async throws {
        let now = now
        let processes = try (0..<4).map { _ in try database.database() }
        for tick in 0..<25 {
            let fired = try await withThrowingTaskGroup(of: Int.self) { group in
                for (number, database) in processes.enumerated() {
                    let moment = now + .seconds(Int64(tick) * 60) + .milliseconds(Int64(number) - 1)
                    group.addTask {
                        let id = try await database.write { db throws(SQLiteError) in
                            try db.firePeriodic("tick", every: .seconds(60), job: .sample(), now: moment)
                        }
                        return id == nil ? 0 : 1
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(fired == 1, "tick \(tick)")
        }
    }
}
