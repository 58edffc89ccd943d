import Daemon
import Model
import SQLite
import Store
import TestKit
import Testing

/// Drives the real queue and a list-based model of it with the same random schedule, and compares the two after every
/// step.
@Suite struct QueueModelTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func queueBehavesLikeItsModel(seed: UInt64) throws {
        let connection = try TemporaryDatabase().open()
        try QueueSchedule.run(seed: seed, steps: 60, on: connection)
    }

    /// `HELICARRIER_SCHEDULES=100000` runs so many more, one after the other in the same database file.
    private static let more = (try? Environment.ofProcess.value("HELICARRIER_SCHEDULES", default: 0)) ?? 0

    @Test(.enabled(if: more > 0), arguments: 0..<4)
    func queueBehavesLikeItsModelForLong(part: Int) throws {
        let connection = try TemporaryDatabase().open()
        for seed in stride(from: part, to: Self.more, by: 4) {
            try QueueSchedule.run(seed: UInt64(1_000 + seed), steps: 60, on: connection)
            try connection.runScript("DELETE FROM job; DELETE FROM pause")
        }
    }
}

/// One random schedule of commands for a queue and its model.
private struct QueueSchedule: ~Copyable {
    private var random: SplitMix64
    private var model = QueueModel()
    private var now = Sample.now
    /// Every claim that somebody may still believe in, the lost ones too.
    private var claims: [ClaimedJob] = []
    private let seed: UInt64

    static func run(seed: UInt64, steps: Int, on connection: borrowing Connection) throws {
        var schedule = QueueSchedule(seed: seed)
        for step in 0..<steps {
            let command = try schedule.step(connection)
            let (real, expected) = (try schedule.jobs(connection), schedule.model.jobs)
            try #require(real == expected, "seed \(seed), step \(step): \(command)")
        }
    }

    private init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
    }

    private mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    private mutating func seconds(_ range: ClosedRange<Int64>) -> Duration {
        .seconds(Int64.random(in: range, using: &random))
    }

    /// Lease time runs with the wall clock here; that they part is the lease clock's business.
    private var leaseNow: Int64 { now.milliseconds - Sample.now.milliseconds }

    /// - Returns: the command's name, for the message of a failure.
    private mutating func step(_ db: borrowing Connection) throws -> String {
        now = now + seconds(1...20)
        return switch Int.random(in: 0..<22, using: &random) {
        case 0..<6: try enqueue(db)
        case 6..<11: try claim(db)
        case 11..<15: try end(db)
        case 15..<17: try promote(db)
        case 17: try expire(db)
        case 18: try renew(db)
        case 19: try cancel(db)
        case 20: try requeue(db)
        default: try pause(db)
        }
    }

    private mutating func enqueue(_ db: borrowing Connection) throws -> String {
        let key = pick([nil, nil, "x", "y", "z"])
        let job = NewJob.sample(
            kind: pick(["a", "b"]), priority: pick([-10, -1, 0, 0, 0, 1, 10]), maxAttempts: pick([1, 2, 5]),
            runAt: pick([nil, nil, now + seconds(-5...60)]), uniqueKey: key,
            uniqueUntil: key == nil ? nil : pick([nil, now + seconds(0...120)]), coalesces: pick([false, false, true]))
        let isTaken = model.takes(job, now: now)
        let id = try db.enqueue(job, now: now)
        #expect((id != nil) == isTaken, "seed \(seed)")
        if let id { model.add(job, as: id, now: now) }
        return "enqueue \(job)"
    }

    private mutating func claim(_ db: borrowing Connection) throws -> String {
        let (kind, limit, worker) = (pick(["a", "b"]), pick([1, 2, 5]), pick(["u", "v", "w"]))
        let lease = leaseNow + 30_000
        let claimed = try db.claim(limit, kind: kind, worker: worker, leaseUntil: lease, now: now)
        let expected = model.claim(kind: kind, limit: limit, worker: worker, leaseUntil: lease, now: now)
        #expect(claimed.map(\.id) == expected, "seed \(seed)")
        claims += claimed
        return "claim \(limit) of \(kind) by \(worker)"
    }

    private mutating func end(_ db: borrowing Connection) throws -> String {
        guard !claims.isEmpty else { return "nothing to end" }
        let index = Int.random(in: claims.indices, using: &random)
        let end: JobEnd = pick([
            .done, .done, .released, .dead(errorClass: "e", reason: "r"), .cancelled(reason: "r"),
            .retry(at: now + seconds(0...60), errorClass: "e", reason: "r"),
            .snoozed(until: now + seconds(0...60), reason: "r"),
        ])
        let held = try EndJob(claims[index], end, now: now).apply(to: db)
        #expect(held == model.end(claims[index], end, now: now), "seed \(seed)")
        let text = "\(end) for \(claims[index].id) by \(claims[index].worker)"
        // Who gave a job back has stopped believing; everybody else may come again and must be refused.
        switch end {
        case .released, .snoozed: claims.remove(at: index)
        default: break
        }
        return text
    }

    private mutating func promote(_ db: borrowing Connection) throws -> String {
        let limit = pick([1, 3, 1_000])
        let promoted = try db.run(Query<String>.promote(now: now, limit: limit))
        #expect(promoted.count == model.promote(now: now, limit: limit), "seed \(seed)")
        return "promote \(limit)"
    }

    private mutating func expire(_ db: borrowing Connection) throws -> String {
        let moment = pick([leaseNow, leaseNow, .max])
        let expired = try db.expireLeases(leaseNow: moment, now: now)
        #expect(Set(expired.map(\.id)) == model.expire(leaseNow: moment, now: now), "seed \(seed)")
        return "expire at \(moment)"
    }

    private mutating func renew(_ db: borrowing Connection) throws -> String {
        let worker = pick(["u", "v", "w"])
        try db.run(Query<JobID>.renewLeases(worker: worker, until: leaseNow + 30_000))
        model.renew(worker: worker, until: leaseNow + 30_000)
        return "renew \(worker)"
    }

    private mutating func cancel(_ db: borrowing Connection) throws -> String {
        guard !model.jobs.isEmpty else { return "nothing to cancel" }
        let id = pick(model.jobs).id
        let found = try !db.run(Query<String>.cancel(id, now: now)).isEmpty
        #expect(found == model.cancel(id, now: now), "seed \(seed)")
        return "cancel \(id)"
    }

    private mutating func requeue(_ db: borrowing Connection) throws -> String {
        guard !model.jobs.isEmpty else { return "nothing to requeue" }
        let id = pick(model.jobs).id
        let found = try !db.run(Query<String>.requeue(id, now: now)).isEmpty
        #expect(found == model.requeue(id, now: now), "seed \(seed)")
        return "requeue \(id)"
    }

    private mutating func pause(_ db: borrowing Connection) throws -> String {
        let target = pick(["a", "b", "fetch", "score"])
        try db.run(Query<Void>("DELETE FROM pause WHERE target = ?1", [.text(target)]))
        if model.pauses.removeValue(forKey: target) == nil {
            let until = pick([nil, now + seconds(0...100)])
            try db.pause(target, until: until)
            model.pauses[target] = until
        }
        return "pause or resume \(target)"
    }

    /// The table in the model's words.
    private func jobs(_ db: borrowing Connection) throws -> [QueueModel.Job] {
        let rows = try db.storedJobs()
        guard rows.count == model.jobs.count else { return [] }
        return try zip(rows, model.jobs).map { row, known in
            var job = QueueModel.Job(
                id: row.id, kind: row.kind, maxAttempts: known.maxAttempts, uniqueKey: known.uniqueKey,
                uniqueUntil: known.uniqueUntil, coalesces: known.coalesces, state: row.state, attempt: row.attempt,
                runAt: row.runAt, order: row.claimOrder, worker: row.worker, startedAt: row.startedAt,
                leaseUntil: row.leaseUntil,
                holdsKey: row.uniqueHeld)
            job.history = try db.attempts(of: row.id).map(\.outcome)
            return job
        }
    }
}
