package import Model
package import SQLite

/// The queue's acts that are more than one statement.
extension Connection {
    /// Adds a job in the caller's transaction.
    /// - Returns: its number, or `nil` if another job holds its unique key.
    @discardableResult
    package func enqueue(_ job: NewJob, now: Timestamp) throws(SQLiteError) -> JobID? {
        if let key = job.uniqueKey { try run(Query<Void>.releaseUniqueKey(key, now: now)) }
        return try run(Query<JobID>.enqueue(job, now: now)).first
    }

    /// Takes jobs back from workers that have gone quiet, and keeps a record of each.
    /// - Parameter leaseNow: lease time, read before the write lock was waited for: a long wait proves nothing
    ///   about the workers that waited too.
    @discardableResult
    package func expireLeases(leaseNow: Int64, now: Timestamp) throws(SQLiteError) -> [ExpiredJob] {
        let expired = try run(Query<ExpiredJob>.expireLeases(leaseNow: leaseNow, now: now))
        for job in expired {
            try run(
                Query<Void>.recordAttempt(
                    job: job.id, attempt: job.attempt, worker: job.worker, startedAt: job.startedAt, endedAt: now,
                    outcome: job.state == .dead ? "dead" : "expired", errorClass: "expired",
                    message: "the worker stopped renewing its lease"))
        }
        return expired
    }

    /// Fires a periodic job if its tick has come; missed ticks fire once.
    /// - Returns: the job, unless it was not time, or its predecessor is still unfinished.
    @discardableResult
    package func firePeriodic(
        _ name: String, every: Duration, job: NewJob, now: Timestamp
    ) throws(SQLiteError) -> JobID? {
        try run(Query<Void>.registerPeriodic(name, every: every, now: now))
        guard try run(Query<Int64>.tickPeriodic(name, now: now)).isEmpty == false else { return nil }
        return try enqueue(job, now: now)
    }
}
