import Model
import SQLite
import Store
import TestKit
import Testing

/// A job is ended by the worker that holds it, in the attempt in which it holds it, and by nobody else.
@Suite struct JobEndTests {
    /// Where a job may stand when somebody who once held it comes back.
    enum Situation: String, CaseIterable, Sendable {
        case mine, othersRun, myNextRun, myRunAfterRequeue, readyAgain, scheduledAgain, done, dead, cancelled, gone
    }

    private static let later = Sample.now + .seconds(30)

    private static let ends: [JobEnd] = [
        .done, .retry(at: later, errorClass: "timeout", reason: "no answer"), .dead(errorClass: "gone", reason: "404"),
        .released, .snoozed(until: later, reason: "no quota"), .cancelled(reason: "not wanted"),
    ]

    private let database: TemporaryDatabase
    private let now = Sample.now

    init() throws {
        database = try TemporaryDatabase()
    }

    /// Brings the job into a situation in which `claimed` is what its first worker still believes.
    private func arrange(_ situation: Situation, _ claimed: ClaimedJob, in db: borrowing Connection) throws {
        switch situation {
        case .mine: return
        case .done: _ = try EndJob(claimed, .done, now: now).apply(to: db)
        case .dead: _ = try EndJob(claimed, .dead(errorClass: "x", reason: "y"), now: now).apply(to: db)
        case .cancelled: _ = try EndJob(claimed, .cancelled(reason: "y"), now: now).apply(to: db)
        case .myRunAfterRequeue:
            // The operator's acts begin the attempts anew, so worker and attempt are the same as before.
            try db.run(Query<String>.cancel(claimed.id, now: now))
            try db.run(Query<String>.requeue(claimed.id, now: now))
            let next = try db.claim(worker: "me", now: now + .milliseconds(1))
            #expect(next.map(\.attempt) == [claimed.attempt])
        case .gone: try db.runScript("DELETE FROM job")
        case .scheduledAgain:
            _ = try EndJob(claimed, .retry(at: Self.later, errorClass: "x", reason: "y"), now: now).apply(to: db)
        case .readyAgain, .othersRun, .myNextRun:
            try db.expireLeases(leaseNow: Sample.lease + 1, now: now)
            if situation == .othersRun { _ = try db.claim(worker: "other") }
            if situation == .myNextRun { _ = try db.claim(worker: "me") }
        }
    }

    @Test(arguments: Situation.allCases, ends)
    func onlyTheHolderEndsAJob(situation: Situation, end: JobEnd) throws {
        let connection = try database.open()
        let id = try #require(try connection.enqueue(.sample(uniqueKey: "key"), now: now))
        let claimed = try #require(try connection.claim(worker: "me").first)
        try arrange(situation, claimed, in: connection)
        let (before, history) = try (connection.storedJobs(), connection.attempts(of: id))

        #expect(try EndJob(claimed, end, now: now).apply(to: connection) == (situation == .mine))

        let isUntouched = try connection.storedJobs() == before && connection.attempts(of: id) == history
        #expect(isUntouched == (situation != .mine))
        #expect(try EndJob(claimed, end, now: now).apply(to: connection) == false, "a job ends once")
    }

    /// The others are held for certain: two from one claim, one from another.
    @Test(arguments: Situation.allCases)
    func ofManyJobsThoseAreFinishedThatAreHeld(situation: Situation) throws {
        let connection = try database.open()
        try connection.enqueue(.sample(uniqueKey: "key"), now: now)
        let claimed = try #require(try connection.claim(worker: "me").first)
        try arrange(situation, claimed, in: connection)
        let before = try connection.storedJob(claimed.id)
        for _ in 0..<3 { try connection.enqueue(.sample(kind: "other"), now: now) }
        let others =
            try connection.claim(2, kind: "other", worker: "me")
            + connection.claim(kind: "other", worker: "me", now: now + .milliseconds(5))

        let finished = try FinishJobs([claimed] + others, now: now).apply(to: connection)

        let held = others.map(\.id) + (situation == .mine ? [claimed.id] : [])
        #expect(others.count == 3 && finished == Set(held))
        for id in held { #expect(try connection.storedJob(id)?.state == .done) }
        #expect(try (connection.storedJob(claimed.id) == before) == (situation != .mine))
        #expect(try FinishJobs([claimed] + others, now: now).apply(to: connection).isEmpty, "a job ends once")
    }

    @Test(arguments: zip(ends, [JobState.done, .scheduled, .dead, .ready, .scheduled, .cancelled]))
    func eachEndLeavesItsState(end: JobEnd, state: JobState) throws {
        let connection = try database.open()
        let id = try #require(try connection.enqueue(.sample(), now: now))
        let claimed = try #require(try connection.claim().first)
        let order = try #require(try connection.storedJob(id)).claimOrder
        #expect(try EndJob(claimed, end, now: now + .seconds(2)).apply(to: connection))

        let job = try #require(try connection.storedJob(id))
        let attempts = try connection.attempts(of: id)
        #expect(job.state == state && job.leaseUntil == nil)
        let isFinished = [.done, .dead, .cancelled].contains(state)
        #expect(job.finishedAt == (isFinished ? now + .seconds(2) : nil))
        let wait: Int64 = state == .scheduled ? 30_000 : 0
        #expect(job.runAt == now + .milliseconds(wait) && job.claimOrder == order + wait)
        switch end {
        case .done: #expect(attempts.isEmpty && job.attempt == 1 && job.errorClass == nil)
        case .released: #expect(job.attempt == 0 && attempts.map(\.outcome) == ["released"])
        case .snoozed(_, let reason):
            #expect(job.attempt == 0 && job.errorMessage == reason && attempts.map(\.outcome) == ["snoozed"])
        case .retry(_, let errorClass, let reason), .dead(let errorClass, let reason):
            #expect(job.attempt == 1 && job.errorClass == errorClass && job.errorMessage == reason)
            let outcome = state == .dead ? "dead" : "retried"
            let expected = StoredAttempt(
                attempt: 1, worker: "me", outcome: outcome, errorClass: errorClass, message: reason)
            #expect(attempts == [expected])
        case .cancelled(let reason): #expect(job.errorMessage == reason && attempts.map(\.outcome) == ["cancelled"])
        }
    }

    @Test func aJobKeepsItsWholeHistory() throws {
        let connection = try database.open()
        let id = try #require(try connection.enqueue(.sample(maxAttempts: 9), now: now))
        let ends: [JobEnd] = [
            .retry(at: now, errorClass: "a", reason: "1"), .released, .snoozed(until: now, reason: "2"),
            .retry(at: now, errorClass: "b", reason: "3"), .dead(errorClass: "c", reason: "4"),
        ]
        for end in ends {
            try connection.run(Query<String>.promote(now: now))
            let claimed = try #require(try connection.claim().first)
            #expect(try EndJob(claimed, end, now: now).apply(to: connection))
        }
        let attempts = try connection.attempts(of: id)
        #expect(attempts.map(\.outcome) == ["retried", "released", "snoozed", "retried", "dead"])
        #expect(attempts.map(\.attempt) == [1, 2, 2, 2, 3], "what was given back is not counted")
    }

    @Test func aSuccessForgetsTheLastError() throws {
        let connection = try database.open()
        let id = try #require(try connection.enqueue(.sample(), now: now))
        let first = try #require(try connection.claim().first)
        #expect(try EndJob(first, .retry(at: now, errorClass: "a", reason: "b"), now: now).apply(to: connection))
        try connection.run(Query<String>.promote(now: now))
        let second = try #require(try connection.claim().first)
        #expect(second.attempt == 2)
        #expect(try EndJob(second, .done, now: now).apply(to: connection))
        let job = try #require(try connection.storedJob(id))
        #expect(job.errorClass == nil && job.errorMessage == nil && job.attempt == 2)
    }
}
