import Daemon
import Model
import SQLite
import Store
import TestKit
import Testing

/// Drives the real queue and a list-based model of it with the same random schedule, and compares the two after every
/// step.
@Suite struct QueueModelTests {
    /// `HELICARRIER_SCHEDULES=100000` runs so many instead.
    private static let schedules = (try? Environment.ofProcess.value("HELICARRIER_SCHEDULES", default: 600)) ?? 600
    private static let parts = 4

    @Test(arguments: 0..<parts)
    func queueBehavesLikeItsModel(part: Int) throws {
        let connection = try TemporaryDatabase().open()
        let seeds = stride(from: part, to: Self.schedules, by: Self.parts)
        var commands: [String: Int] = [:]
        for seed in seeds {
            try QueueSchedule.run(seed: UInt64(seed), steps: 60, on: connection, counting: &commands)
            try connection.runScript("DELETE FROM job; DELETE FROM pause; DELETE FROM periodic")
            // Nobody else empties the log of this database.
            if seed / Self.parts % 200 == 0 { _ = try connection.checkpoint() }
        }
        let counts = commands.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        print("\(Array(seeds).count) schedules agree with the model:", counts.joined(separator: ", "))
        #expect(commands.keys.count == 12, "a command never came")
    }
}

/// One random schedule of commands for a queue and its model.
private struct QueueSchedule: ~Copyable {
    private var random: SplitMix64
    private var model = QueueModel()
    private var now = Sample.now
    /// Lease time. The wall clock is set now and then, and this one is not.
    private var leaseNow: Int64 = 1_000_000
    /// Every claim that somebody may still believe in, the lost ones too.
    private var claims: [ClaimedJob] = []
    private let seed: UInt64

    static func run(
        seed: UInt64, steps: Int, on connection: borrowing Connection, counting commands: inout [String: Int]
    ) throws {
        var schedule = QueueSchedule(seed: seed)
        for step in 0..<steps {
            let command = try schedule.step(connection)
            commands[String(command.prefix(while: \.isLetter)), default: 0] += 1
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

    /// - Returns: what was done, a verb first, for the message of a failure.
    private mutating func step(_ db: borrowing Connection) throws -> String {
        let passed = pick([Int64.random(in: 1...20, using: &random), pick([5, 5, 5, 5, 5, 5, 5, 1_200, 7_200])])
        leaseNow += passed * 1_000
        now = now + .seconds(passed + pick(Self.clockErrors))
        return switch Int.random(in: 0..<27, using: &random) {
        case 0..<7: try enqueue(db)
        case 7..<12: try claim(db)
        case 12..<15: try end(db)
        case 15: try endBatch(db)
        case 16..<19: try promote(db)
        case 19: try expire(db)
        case 20: try renew(db)
        case 21: try cancel(db)
        case 22: try requeue(db)
        case 23: try discard(db)
        case 24..<26: try tick(db)
        default: try pause(db)
        }
    }

    /// Seconds by which somebody sets the clock: most often nobody does.
    private static let clockErrors: [Int64] = Array(repeating: 0, count: 40) + [3_600, -3_600, -90]

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
        guard !claims.isEmpty else { return "end nothing" }
        let index = Int.random(in: claims.indices, using: &random)
        return "end: " + (try end(index, db))
    }

    /// Several ends in one transaction, each in its own part of it, as a worker stores them.
    private mutating func endBatch(_ db: borrowing Connection) throws -> String {
        var text = "batch:"
        try db.runScript("BEGIN IMMEDIATE")
        for _ in 0..<4 where !claims.isEmpty {
            try db.runScript("SAVEPOINT part")
            text += " " + (try end(Int.random(in: claims.indices, using: &random), db))
            try db.runScript("RELEASE part")
        }
        try db.runScript("COMMIT")
        return text
    }

    private mutating func end(_ index: Int, _ db: borrowing Connection) throws -> String {
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
        guard !model.jobs.isEmpty else { return "cancel nothing" }
        let id = pick(model.jobs).id
        let found = try !db.run(Query<String>.cancel(id, now: now)).isEmpty
        #expect(found == model.cancel(id, now: now), "seed \(seed)")
        return "cancel \(id)"
    }

    private mutating func requeue(_ db: borrowing Connection) throws -> String {
        guard !model.jobs.isEmpty else { return "requeue nothing" }
        let id = pick(model.jobs).id
        let found = try !db.run(Query<String>.requeue(id, now: now)).isEmpty
        #expect(found == model.requeue(id, now: now), "seed \(seed)")
        return "requeue \(id)"
    }

    private mutating func discard(_ db: borrowing Connection) throws -> String {
        guard !model.jobs.isEmpty else { return "discard nothing" }
        let id = pick(model.jobs).id
        let found = try !db.run(Query<String>.discard(id, now: now)).isEmpty
        #expect(found == model.discard(id), "seed \(seed)")
        return "discard \(id)"
    }

    private mutating func tick(_ db: borrowing Connection) throws -> String {
        let (name, every) = (pick(["p", "q"]), pick([Duration.seconds(30), .seconds(30), .seconds(600)]))
        let job = NewJob.sample(kind: pick(["a", "b"]), uniqueKey: pick([nil, "x"]))
        let isFired = model.tick(name, every: every, now: now)
        let isTaken = isFired && model.takes(job, now: now)
        let id = try db.firePeriodic(name, every: every, job: job, now: now)
        #expect((id != nil) == isTaken, "seed \(seed)")
        if let id { model.add(job, as: id, now: now) }
        #expect(try db.run(Query<Timestamp>.nextTick(name)).first == model.nextTick(name), "seed \(seed)")
        return "tick of \(name)"
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

    private static let histories = Query<(job: JobID, outcome: String)>(
        "SELECT job_id, outcome FROM job_attempt ORDER BY id"
    ) { (JobID($0.integer(0)), $0.text(1)) }

    /// The table in the model's words.
    private func jobs(_ db: borrowing Connection) throws -> [QueueModel.Job] {
        let rows = try db.storedJobs()
        let histories = try db.run(Self.histories)
        guard rows.count == model.jobs.count else { return [] }
        return zip(rows, model.jobs).map { row, known in
            var job = QueueModel.Job(
                id: row.id, kind: row.kind, maxAttempts: known.maxAttempts, uniqueKey: known.uniqueKey,
                uniqueUntil: known.uniqueUntil, coalesces: known.coalesces, state: row.state, attempt: row.attempt,
                runAt: row.runAt, order: row.claimOrder, worker: row.worker, startedAt: row.startedAt,
                leaseUntil: row.leaseUntil,
                holdsKey: row.uniqueHeld)
            job.history = histories.filter { $0.job == row.id }.map(\.outcome)
            return job
        }
    }
}
