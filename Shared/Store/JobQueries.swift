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

    /// Takes the jobs of a kind that come next, in one statement, so two workers never take the same one.
    /// A paused kind or stage gives nothing; that is looked up once, and not for each of a million waiting jobs.
    package static func claim(
        kind: String, stage: StageName, limit: Int, worker: String, leaseUntil: Int64, now: Timestamp
    ) -> Query<ClaimedJob> {
        Query<ClaimedJob>(
            """
            UPDATE job
               SET state = 'running', attempt = attempt + 1, worker = ?3, lease_until_ms = ?4, started_at_ms = ?5,
                   unique_held = CASE WHEN coalesces = 1 THEN 0 ELSE unique_held END
             WHERE id IN (SELECT id FROM job
                           WHERE kind = ?1 AND state = 'ready'
                             AND NOT EXISTS (SELECT 1 FROM pause
                                              WHERE target IN (?1, ?6) AND (until_ms IS NULL OR until_ms > ?5))
                           ORDER BY claim_order, priority, id
                           LIMIT ?2)
            RETURNING id, kind, payload, payload_version, attempt, max_attempts, worker, started_at_ms, traceparent,
                      claim_order, run_at_ms, rate_key, rate_slot_ms
            """,
            [
                .text(kind), .integer(limit), .text(worker), .integer(leaseUntil), .integer(now.milliseconds),
                .text(stage.rawValue),
            ]
        ) {
            ClaimedJob(
                id: JobID($0.integer(0)), kind: $0.text(1), payload: $0.text(2), payloadVersion: $0.count(3),
                attempt: $0.count(4), maxAttempts: $0.count(5), worker: $0.text(6),
                startedAt: Timestamp(milliseconds: $0.integer(7)), traceParent: $0.textOrNull(8),
                runAt: Timestamp(milliseconds: $0.integer(10)), rateKey: $0.textOrNull(11),
                rateSlot: $0.integerOrNull(12), order: $0.integer(9))
        }
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
