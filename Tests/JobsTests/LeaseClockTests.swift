import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

/// Lease time does not follow the clock on the wall.
@Suite struct LeaseClockTests {
    private let place: TemporaryDatabase
    private let time = ManualTime()

    init() throws {
        place = try TemporaryDatabase()
    }

    private func join(boot: String = "first") async throws -> LeaseClock {
        try await LeaseClock.join(place.database(), boot: boot, sinceBoot: time.sinceBoot, now: time.now)
    }

    private func claimOne() throws -> ClaimedJob? {
        let connection = try place.open()
        try connection.enqueue(SayWord(word: "a").job(), now: time.now())
        return try connection.claim(
            kind: SayWord.name, stage: .fetch, limit: 1, worker: "me", leaseUntil: time.now().milliseconds + 5_000,
            now: time.now()
        ).first
    }

    @Test func startsNearWallTime() async throws {
        let clock = try await join()
        #expect(clock.now() == time.now().milliseconds)
        time.advance(by: .seconds(5))
        #expect(clock.now() == time.now().milliseconds)
    }

    @Test(arguments: [-86_400, -10, 10, 86_400, 31_536_000] as [Int64])
    func doesNotFollowASteppedClock(seconds: Int64) async throws {
        let clock = try await join()
        let before = clock.now()
        time.setClock(to: time.now() + .seconds(seconds))
        #expect(clock.now() == before)
        #expect(try await join().now() == before, "who joins later has the same time")
        time.advance(by: .seconds(1))
        #expect(clock.now() == before + 1_000)
    }

    @Test(arguments: [-86_400, 86_400] as [Int64])
    func aSteppedClockTakesNoLeaseAwayAndProlongsNone(seconds: Int64) async throws {
        let clock = try await join()
        _ = try claimOne()
        time.setClock(to: time.now() + .seconds(seconds))
        let connection = try place.open()
        #expect(try connection.expireLeases(leaseNow: clock.now(), now: time.now()).isEmpty)
        time.advance(by: .milliseconds(5_001))
        #expect(try connection.expireLeases(leaseNow: clock.now(), now: time.now()).count == 1)
    }

    @Test func aNewBootEndsAllLeasesAndOnlyOnce() async throws {
        _ = try await join()
        _ = try claimOne()
        #expect(try await join().now() == time.now().milliseconds)
        #expect(try place.open().storedJobs().map(\.state) == [.running], "joining again ends nothing")

        time.reboot()
        let clock = try await join(boot: "second")
        #expect(try place.open().storedJobs().map(\.state) == [.ready])
        #expect(clock.now() == time.now().milliseconds)
        _ = try claimOne()
        _ = try await join(boot: "second")
        #expect(try place.open().storedJobs().map(\.state) == [.running, .ready])
    }

    @Test func allWhoJoinAtOnceShareOneOffset() async throws {
        let readings = try await withThrowingTaskGroup(of: Int64.self) { group in
            for process in 0..<6 {
                let database = try place.database()
                let sinceBoot = time.sinceBoot
                group.addTask {
                    // Each reads a slightly different wall clock; the first one's counts.
                    let now = Timestamp(milliseconds: 5_000_000 + Int64(process))
                    return try await LeaseClock.join(database, boot: "b", sinceBoot: sinceBoot, now: { now }).now()
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(readings.count == 1)
    }
}
