package import Model
package import SQLite

/// Milliseconds of waiting that one step of priority is worth: what makes old jobs pass newer, more urgent ones.
private let agingPerPriority: Int64 = 600_000

extension Query {
    /// Adds a job and answers its number; answers nothing if another job holds its unique key.
    package static func enqueue(_ job: NewJob, now: Timestamp) -> Query<JobID> {
        let runAt = max(job.runAt ?? now, now)
        let state: JobState = runAt > now ? .scheduled : .ready
        return Query<JobID>(
            """
            INSERT INTO job (kind, stage, payload, payload_version, state, priority, claim_order, max_attempts,
                             run_at_ms, unique_key, unique_held, unique_until_ms, coalesces, parent_id, traceparent,
                             created_at_ms, rate_key)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            ON CONFLICT (unique_key) WHERE unique_held = 1 DO NOTHING
            RETURNING id
            """,
            [
                .text(job.kind), .text(job.stage.rawValue), .text(job.payload), .integer(job.payloadVersion),
                .text(state.rawValue), .integer(job.priority),
                .integer(runAt.milliseconds - Int64(job.priority) * agingPerPriority), .integer(job.maxAttempts),
                .integer(runAt.milliseconds), .text(job.uniqueKey), .flag(job.uniqueKey != nil),
                .integer(job.uniqueUntil?.milliseconds), .flag(job.coalesces), .integer(job.parent?.rawValue),
                .text(job.traceParent), .integer(now.milliseconds), .text(job.rateKey),
            ]
        ) { JobID($0.integer(0)) }
    }

    /// Lets go of a unique key whose period is over although its job has ended.
    package static func releaseUniqueKey(_ key: String, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE job SET unique_held = 0
             WHERE unique_key = ?1 AND unique_held = 1 AND unique_until_ms <= ?2
               AND finished_at_ms IS NOT NULL
            """, [.text(key), .integer(now.milliseconds)])
    }

    /// The jobs of a kind that come next, as they are once `worker` has them: each counts the attempt that begins.
    /// A paused kind or stage gives nothing; that is looked up once, and not for each of a million waiting jobs. Two
    /// look-ups, because SQLite builds a table for each list after `IN`.
    package static func waiting(
        kind: String, stage: StageName, limit: Int, worker: String, now: Timestamp
    ) -> Query<ClaimedJob> {
        Query<ClaimedJob>(
            """
            SELECT id, payload, payload_version, attempt + 1, max_attempts, traceparent, run_at_ms, rate_key,
                   rate_slot_ms
              FROM job
             WHERE kind = ?1 AND state = 'ready'
               AND NOT EXISTS (SELECT 1 FROM pause WHERE target = ?1 AND (until_ms IS NULL OR until_ms > ?3))
               AND NOT EXISTS (SELECT 1 FROM pause WHERE target = ?4 AND (until_ms IS NULL OR until_ms > ?3))
             ORDER BY claim_order, priority, id
             LIMIT ?2
            """, [.text(kind), .integer(limit), .integer(now.milliseconds), .text(stage.rawValue)]
        ) {
            ClaimedJob(
                id: JobID($0.integer(0)), kind: kind, payload: $0.text(1), payloadVersion: $0.count(2),
                attempt: $0.count(3), maxAttempts: $0.count(4), worker: worker, startedAt: now,
                traceParent: $0.textOrNull(5), runAt: Timestamp(milliseconds: $0.integer(6)),
                rateKey: $0.textOrNull(7), rateSlot: $0.integerOrNull(8))
        }
    }

    /// Gives a waiting job to a worker. `OR FAIL` because SQLite else keeps a copy of each page that the statement and
    /// its trigger change, to undo it alone; whoever claims gives up the whole transaction, or its savepoint.
    static func hold(_ job: ClaimedJob, leaseUntil: Int64) -> Query<Void> {
        Query<Void>(
            """
            UPDATE OR FAIL job
               SET state = 'running', attempt = attempt + 1, worker = ?2, lease_until_ms = ?3, started_at_ms = ?4,
                   unique_held = CASE WHEN coalesces = 1 THEN 0 ELSE unique_held END
             WHERE id = ?1
            """,
            [
                .integer(job.id.rawValue), .text(job.worker), .integer(leaseUntil),
                .integer(job.startedAt.milliseconds),
            ])
    }

    /// Gives waiting jobs to a worker, all in one statement: cheaper for each than a statement of its own, and dearer
    /// for one.
    static func hold(all jobs: [ClaimedJob], worker: String, startedAt: Timestamp, leaseUntil: Int64) -> Query<Void> {
        Query<Void>(
            """
            UPDATE OR FAIL job
               SET state = 'running', attempt = attempt + 1, worker = ?2, lease_until_ms = ?3, started_at_ms = ?4,
                   unique_held = CASE WHEN coalesces = 1 THEN 0 ELSE unique_held END
             WHERE id IN (SELECT value FROM json_each(?1))
            """,
            [
                .text(JobID.list(jobs.map(\.id))), .text(worker), .integer(leaseUntil),
                .integer(startedAt.milliseconds),
            ])
    }

    /// Makes scheduled jobs ready whose time has come, the longest overdue first. Answers the stage of each.
    /// - Parameter limit: keeps the write lock short when very many are due; the rest is due at once again.
    package static func promote(now: Timestamp, limit: Int = 1_000) -> Query<String> {
        Query<String>(
            """
            UPDATE job SET state = 'ready'
             WHERE id IN (SELECT id FROM job
                           WHERE state = 'scheduled' AND run_at_ms <= ?1
                           ORDER BY run_at_ms, id
                           LIMIT ?2)
            RETURNING stage
            """, [.integer(now.milliseconds), .integer(limit)]
        ) { $0.text(0) }
    }

    /// When the next scheduled job is due; no row if there is none.
    package static func nextDue() -> Query<Timestamp> {
        Query<Timestamp>("SELECT run_at_ms FROM job WHERE state = 'scheduled' ORDER BY run_at_ms LIMIT 1") {
            Timestamp(milliseconds: $0.integer(0))
        }
    }

    /// Prolongs the leases of everything that a worker holds.
    package static func renewLeases(worker: String, until leaseUntil: Int64) -> Query<JobID> {
        Query<JobID>(
            "UPDATE job SET lease_until_ms = ?2 WHERE state = 'running' AND worker = ?1 RETURNING id",
            [.text(worker), .integer(leaseUntil)]
        ) { JobID($0.integer(0)) }
    }
}

extension Connection {
    /// Takes the jobs of a kind that come next, in their order; within the caller's write transaction or one of its
    /// own, so that two workers never take the same one.
    ///
    /// Read first and changed then: an `UPDATE` that answers its rows builds tables for the rows found and for the
    /// answer, which costs as much again as the claim of one job.
    package func claim(
        kind: String, stage: StageName, limit: Int, worker: String, leaseUntil: Int64, now: Timestamp
    ) throws(SQLiteError) -> [ClaimedJob] {
        // Between the two statements nobody else may take the same jobs.
        guard isInTransaction else {
            return try transaction { db throws(SQLiteError) in
                try db.claim(
                    kind: kind, stage: stage, limit: limit, worker: worker, leaseUntil: leaseUntil, now: now)
            }
        }
        let jobs = try run(
            Query<ClaimedJob>.waiting(kind: kind, stage: stage, limit: limit, worker: worker, now: now))
        if jobs.count == 1 {
            try run(Query<Void>.hold(jobs[0], leaseUntil: leaseUntil))
        } else if !jobs.isEmpty {
            try run(Query<Void>.hold(all: jobs, worker: worker, startedAt: now, leaseUntil: leaseUntil))
        }
        return jobs
    }
}

extension JobID {
    /// As a JSON array, which is how a statement takes many.
    static func list(_ ids: [JobID]) -> String {
        "[" + ids.map(\.description).joined(separator: ",") + "]"
    }
}

/// A job whose lease ran out, and what became of it.
package struct ExpiredJob: Sendable {
    package let id: JobID
    package let kind: String
    package let stage: String
    package let state: JobState
    package let attempt: Int
    package let worker: String
    package let startedAt: Timestamp
}

extension Query {
    /// Takes jobs back from workers that have gone quiet. The attempt counts; the last one makes the job dead.
    package static func expireLeases(leaseNow: Int64, now: Timestamp) -> Query<ExpiredJob> {
        Query<ExpiredJob>(
            """
            UPDATE job
               SET state = CASE WHEN attempt >= max_attempts THEN 'dead' ELSE 'ready' END,
                   finished_at_ms = CASE WHEN attempt >= max_attempts THEN ?2 END,
                   unique_held = CASE WHEN attempt >= max_attempts AND coalesce(unique_until_ms, 0) <= ?2
                                      THEN 0 ELSE unique_held END,
                   lease_until_ms = NULL, error_class = 'expired',
                   error_message = 'the worker stopped renewing its lease'
             WHERE state = 'running' AND lease_until_ms < ?1
            RETURNING id, kind, stage, state, attempt, worker, started_at_ms
            """, [.integer(leaseNow), .integer(now.milliseconds)]
        ) {
            ExpiredJob(
                id: JobID($0.integer(0)), kind: $0.text(1), stage: $0.text(2),
                state: JobState(rawValue: $0.text(3)) ?? .ready, attempt: $0.count(4), worker: $0.text(5),
                startedAt: Timestamp(milliseconds: $0.integer(6)))
        }
    }

    package static func readLeaseClock(boot: String) -> Query<Int64> {
        Query<Int64>("SELECT offset_ms FROM lease_clock WHERE boot_id = ?1", [.text(boot)]) { $0.integer(0) }
    }

    /// Answers a row only if this boot was not known.
    package static func startLeaseClock(boot: String, offset: Int64) -> Query<Int64> {
        Query<Int64>(
            """
            INSERT INTO lease_clock (boot_id, offset_ms) VALUES (?1, ?2)
            ON CONFLICT (boot_id) DO NOTHING RETURNING offset_ms
            """, [.text(boot), .integer(offset)]
        ) { $0.integer(0) }
    }
}
