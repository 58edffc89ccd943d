import Model
import SQLite
import Store
import TestKit
import Testing

/// What becomes of jobs whose worker has gone quiet.
@Suite struct LeaseTests {
    private let database: TemporaryDatabase
    private let now = Sample.now

    init() throws {
        database = try TemporaryDatabase()
    }

    @Test(arguments: [(Int64(-1), false), (0, false), (1, true), (Int64.max - Sample.lease, true)])
    func aLeaseEndsAfterItsTime(past: Int64, isOver: Bool) throws {
        let connection = try database.open()
        try connection.enqueue(.sample(), now: now)
        _ = try connection.claim()
        let leaseNow = Sample.lease + past
        #expect(try connection.run(Query<Int64>.anyExpired(leaseNow: leaseNow)).isEmpty != isOver)
        #expect(try connection.expireLeases(leaseNow: leaseNow, now: now).isEmpty != isOver)
        #expect(try connection.storedJobs().map(\.state) == [isOver ? .ready : .running])
    }

    @Test func theLastAttemptEndsDead() throws {
        let connection = try database.open()
        let id = try #require(try connection.enqueue(.sample(maxAttempts: 2, uniqueKey: "key"), now: now))
        for (round, state) in [(1, JobState.ready), (2, .dead)] {
            let claimed = try #require(try connection.claim().first)
            #expect(claimed.attempt == round)
            let expired = try connection.expireLeases(leaseNow: .max, now: now + .seconds(1))
            #expect(expired.map(\.id) == [id] && expired.map(\.state) == [state] && expired.map(\.worker) == ["me"])
        }
        let job = try #require(try connection.storedJob(id))
        #expect(job.errorClass == "expired" && job.finishedAt == now + .seconds(1) && !job.uniqueHeld)
        #expect(try connection.attempts(of: id).map(\.outcome) == ["expired", "dead"])
        #expect(try connection.enqueue(.sample(uniqueKey: "key"), now: now) != nil)
    }

    @Test func aPeriodThatIsNotOverOutlivesADeadJob() throws {
        let connection = try database.open()
        let job = NewJob.sample(maxAttempts: 1, uniqueKey: "key", uniqueUntil: now + .hours(1))
        try connection.enqueue(job, now: now)
        _ = try connection.claim()
        try connection.expireLeases(leaseNow: .max, now: now)
        #expect(try connection.enqueue(job, now: now + .minutes(59)) == nil)
        #expect(try connection.enqueue(job, now: now + .hours(1)) != nil)
    }

    @Test func aHeartbeatRenewsWhatItsWorkerHoldsAndNothingElse() throws {
        let connection = try database.open()
        for _ in 0..<3 { try connection.enqueue(.sample(), now: now) }
        let mine = try connection.claim(2, worker: "me").map(\.id)
        let others = try connection.claim(1, worker: "other").map(\.id)
        #expect(Set(try connection.run(Query<JobID>.renewLeases(worker: "me", until: 2_000_000))) == Set(mine))
        #expect(try connection.expireLeases(leaseNow: 1_500_000, now: now).map(\.id) == others)
        #expect(try connection.run(Query<JobID>.renewLeases(worker: "other", until: 2_000_000)).isEmpty)
    }

    @Test func anExpiredJobKeepsItsPlaceInTheQueue() throws {
        let connection = try database.open()
        let first = try #require(try connection.enqueue(.sample(), now: now))
        try connection.enqueue(.sample(), now: now + .seconds(1))
        _ = try connection.claim()
        try connection.expireLeases(leaseNow: .max, now: now + .minutes(1))
        #expect(try connection.claim().map(\.id) == [first])
    }
}
