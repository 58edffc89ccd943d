package import Model
package import SQLite

/// The queue's acts that are more than one statement.
extension Connection {
    /// Adds a job in the caller's transaction.
    /// - Returns: its number, or `nil` if another job holds its unique key.
    /// - Throws: an error that ``SQLiteError/isStageFull`` if as many jobs wait in the stage as may.
    @discardableResult
    package func enqueue(_ job: NewJob, now: Timestamp) throws(SQLiteError) -> JobID? {
        if let key = job.uniqueKey { try run(Query<Void>.releaseUniqueKey(key, now: now)) }
        do throws(SQLiteError) {
            return try run(Query<JobID>.enqueue(job, now: now)).first
        } catch {
            guard error.isStageFull, let depth = try run(.depth(of: job.stage)).first else { throw error }
            throw SQLiteError(
                code: error.code,
                message: "the stage is full: \(job.stage.rawValue) has \(depth.waiting) jobs waiting, "
                    + "its limit is \(depth.limit)")
        }
    }

    /// Takes jobs back from workers that have gone quiet, and keeps a record of each.
    /// - Parameter leaseNow: lease time, read before the write lock was waited for: a long wait proves nothing
    ///   about the workers that waited too.
    @discardableResult
    package func expireLeases(leaseNow: Int64, now: Timestamp) throws(SQLiteError) -> [ExpiredJob] {
        let expired = try run(Query<ExpiredJob>.expireLeases(leaseNow: leaseNow, now: now))
        guard !expired.isEmpty else { return [] }
        var tally = QueueTally()
        for job in expired {
            tally.count(.expired, stage: job.stage, kind: job.kind)
            if job.state == .dead { tally.count(.dead, stage: job.stage, kind: job.kind) }
            try run(
                Query<Void>.recordAttempt(
                    job: job.id, attempt: job.attempt, worker: job.worker, startedAt: job.startedAt, endedAt: now,
                    outcome: job.state == .dead ? "dead" : "expired", errorClass: "expired",
                    message: "the worker stopped renewing its lease"))
        }
        try tally.store(in: self, at: now)
        return expired
    }

    /// Whether a period's tick has come, and is this caller's: of many processes that ask, one is told so.
    package func tick(_ name: String, every: Duration, now: Timestamp) throws(SQLiteError) -> Bool {
        try run(Query<Void>.registerPeriodic(name, every: every, now: now))
        return try !run(Query<Int64>.tickPeriodic(name, now: now)).isEmpty
    }

    /// Fires a periodic job if its tick has come; missed ticks fire once.
    /// - Returns: the job, unless it was not time, or its predecessor is still unfinished.
    @discardableResult
    package func firePeriodic(
        _ name: String, every: Duration, job: NewJob, now: Timestamp
    ) throws(SQLiteError) -> JobID? {
        guard try tick(name, every: every, now: now) else { return nil }
        return try enqueue(job, now: now)
    }
}

extension SQLiteError {
    /// As many jobs wait in a stage as its limit allows; there is room again when some of them have ended.
    package var isStageFull: Bool { isRaised && message.hasPrefix("the stage is full") }
}
