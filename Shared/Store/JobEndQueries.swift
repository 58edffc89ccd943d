package import Model
package import SQLite

/// How one attempt of a job ends.
package enum JobEnd: Equatable, Sendable {
    case done
    /// Failed, and will be tried again at that moment.
    case retry(at: Timestamp, errorClass: String, reason: String)
    /// Will not be tried again by itself.
    case dead(errorClass: String, reason: String)
    /// Given back untouched, because the process is stopping. Not an attempt.
    case released
    /// Not possible before that moment, through no fault of the job. Not an attempt.
    case snoozed(until: Timestamp, reason: String)
    case cancelled(reason: String)
}

/// The end of a job: stored only if the worker still holds it, in this very attempt.
///
/// A worker that was stopped past its lease and woke up matches no row, so it stores nothing.
package struct EndJob: Sendable {
    private let job: ClaimedJob
    private let end: JobEnd
    private let now: Timestamp

    package init(_ job: ClaimedJob, _ end: JobEnd, now: Timestamp) {
        self.job = job
        self.end = end
        self.now = now
    }

    /// - Returns: whether the worker still held the job.
    package func apply(to connection: borrowing Connection) throws(SQLiteError) -> Bool {
        guard try connection.change(query) > 0 else { return false }
        if let attempt { try connection.run(attempt) }
        return true
    }

    private var query: Query<Void> {
        switch end {
        case .done: finish("done", errorClass: nil, reason: nil)
        case .dead(let errorClass, let reason): finish("dead", errorClass: errorClass, reason: reason)
        case .cancelled(let reason): finish("cancelled", errorClass: "cancelled", reason: reason)
        case .retry(let moment, let errorClass, let reason):
            giveBack(at: moment, counted: true, errorClass: errorClass, reason: reason)
        case .released: giveBack(at: nil, counted: false, errorClass: nil, reason: nil)
        case .snoozed(let moment, let reason):
            giveBack(at: moment, counted: false, errorClass: "snoozed", reason: reason)
        }
    }

    private var attempt: Query<Void>? {
        switch end {
        case .done: nil
        case .retry(_, let errorClass, let reason): record("retried", errorClass, reason)
        case .dead(let errorClass, let reason): record("dead", errorClass, reason)
        case .released: record("released", nil, nil)
        case .snoozed(_, let reason): .recordSnooze(of: job, endedAt: now, reason: reason)
        case .cancelled(let reason): record("cancelled", "cancelled", reason)
        }
    }

    private func finish(_ state: String, errorClass: String?, reason: String?) -> Query<Void> {
        Query<Void>(
            """
            UPDATE OR FAIL job
               SET state = ?5, finished_at_ms = ?6, lease_until_ms = NULL, error_class = ?7, error_message = ?8,
                   unique_held = CASE WHEN unique_until_ms > ?6 THEN unique_held ELSE 0 END
             WHERE id = ?1 AND state = 'running' AND worker = ?2 AND attempt = ?3 AND started_at_ms = ?4
            """, fence + [.text(state), .integer(now.milliseconds), .text(errorClass), .text(reason)])
    }

    private func giveBack(
        at moment: Timestamp?, counted: Bool, errorClass: String?, reason: String?
    ) -> Query<Void> {
        Query<Void>(
            """
            UPDATE job
               SET state = CASE WHEN ?5 IS NULL THEN 'ready' ELSE 'scheduled' END,
                   claim_order = claim_order - run_at_ms + coalesce(?5, run_at_ms),
                   run_at_ms = coalesce(?5, run_at_ms), attempt = attempt - ?6, lease_until_ms = NULL,
                   error_class = coalesce(?7, error_class), error_message = coalesce(?8, error_message)
             WHERE id = ?1 AND state = 'running' AND worker = ?2 AND attempt = ?3 AND started_at_ms = ?4
            """,
            fence + [
                .integer(moment?.milliseconds), .integer(counted ? 0 : 1), .text(errorClass), .text(reason),
            ])
    }

    /// The start of the run is part of it because an operator who requeues a job begins its attempts anew.
    private var fence: [Value] {
        [
            .integer(job.id.rawValue), .text(job.worker), .integer(job.attempt),
            .integer(job.startedAt.milliseconds),
        ]
    }

    private func record(_ outcome: String, _ errorClass: String?, _ message: String?) -> Query<Void> {
        .recordAttempt(
            job: job.id, attempt: job.attempt, worker: job.worker, startedAt: job.startedAt, endedAt: now,
            outcome: outcome, errorClass: errorClass, message: message)
    }
}

/// The good end of many jobs, with the same fence for each: one statement for all that were claimed together.
package struct FinishJobs: Sendable {
    private let jobs: [ClaimedJob]
    private let now: Timestamp

    package init(_ jobs: [ClaimedJob], now: Timestamp) {
        self.jobs = jobs
        self.now = now
    }

    /// What a worker's jobs share if they came from one claim, and are tried for the same time.
    private struct Fence: Hashable {
        let worker: String
        let attempt: Int
        let startedAt: Timestamp
    }

    /// - Returns: the jobs that their worker still held.
    package func apply(to connection: borrowing Connection) throws(SQLiteError) -> Set<JobID> {
        var held: Set<JobID> = []
        let claims = Dictionary(grouping: jobs) { job in
            Fence(worker: job.worker, attempt: job.attempt, startedAt: job.startedAt)
        }
        for (fence, jobs) in claims {
            if jobs.count == 1 {
                if try EndJob(jobs[0], .done, now: now).apply(to: connection) { held.insert(jobs[0].id) }
            } else {
                held.formUnion(try connection.run(query(jobs, fence)))
            }
        }
        return held
    }

    /// The `+` keeps it from searching the index of all that run, which after ANALYZE looks cheaper than the few rows
    /// by their numbers.
    private func query(_ jobs: [ClaimedJob], _ fence: Fence) -> Query<JobID> {
        Query<JobID>(
            """
            UPDATE OR FAIL job
               SET state = 'done', finished_at_ms = ?5, lease_until_ms = NULL, error_class = NULL, error_message = NULL,
                   unique_held = CASE WHEN unique_until_ms > ?5 THEN unique_held ELSE 0 END
             WHERE id IN (SELECT value FROM json_each(?1))
               AND +state = 'running' AND worker = ?2 AND attempt = ?3 AND started_at_ms = ?4
            RETURNING id
            """,
            [
                .text(JobID.list(jobs.map(\.id))), .text(fence.worker), .integer(fence.attempt),
                .integer(fence.startedAt.milliseconds), .integer(now.milliseconds),
            ]
        ) { JobID($0.integer(0)) }
    }
}

extension Query {
    /// A job that is put off keeps one record of it for each attempt, with the newest reason.
    static func recordSnooze(of job: ClaimedJob, endedAt: Timestamp, reason: String) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO job_attempt (job_id, attempt, worker, started_at_ms, ended_at_ms, outcome, message)
            VALUES (?1, ?2, ?3, ?4, ?5, 'snoozed', ?6)
            ON CONFLICT (job_id, attempt) WHERE outcome = 'snoozed' DO UPDATE
               SET worker = excluded.worker, started_at_ms = excluded.started_at_ms,
                   ended_at_ms = excluded.ended_at_ms, message = excluded.message, times = times + 1
            """,
            [
                .integer(job.id.rawValue), .integer(job.attempt), .text(job.worker),
                .integer(job.startedAt.milliseconds), .integer(endedAt.milliseconds), .text(reason),
            ])
    }

    package static func recordAttempt(
        job: JobID, attempt: Int, worker: String, startedAt: Timestamp, endedAt: Timestamp, outcome: String,
        errorClass: String?, message: String?
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO job_attempt (job_id, attempt, worker, started_at_ms, ended_at_ms, outcome, error_class, message)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            [
                .integer(job.rawValue), .integer(attempt), .text(worker), .integer(startedAt.milliseconds),
                .integer(endedAt.milliseconds), .text(outcome), .text(errorClass), .text(message),
            ])
    }
}
