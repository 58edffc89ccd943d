package import Model
package import SQLite

/// The operator's acts on single jobs. Each answers the job's stage if it was in a state that the act is for.
extension Query {
    /// Makes a dead or cancelled job ready again, with all its attempts before it. It stays as it is if another
    /// unfinished job has its unique key.
    package static func requeue(_ id: JobID, now: Timestamp) -> Query<String> {
        Query<String>(
            """
            UPDATE OR IGNORE job
               SET state = 'ready', attempt = 0, finished_at_ms = NULL,
                   claim_order = claim_order - run_at_ms + ?2, run_at_ms = ?2, unique_held = unique_key IS NOT NULL
             WHERE id = ?1 AND state IN ('dead', 'cancelled')
            RETURNING stage
            """, [.integer(id.rawValue), .integer(now.milliseconds)]
        ) { $0.text(0) }
    }

    /// Gives a dead job up: it is kept as cancelled until it is pruned.
    package static func discard(_ id: JobID, now: Timestamp) -> Query<String> {
        Query<String>(
            """
            UPDATE job SET state = 'cancelled', finished_at_ms = ?2, unique_held = 0
             WHERE id = ?1 AND state = 'dead' RETURNING stage
            """, [.integer(id.rawValue), .integer(now.milliseconds)]
        ) { $0.text(0) }
    }

    /// Ends a job that has not ended. A worker that runs it finds its lease gone and stores nothing.
    package static func cancel(_ id: JobID, now: Timestamp) -> Query<String> {
        Query<String>(
            """
            UPDATE job
               SET state = 'cancelled', finished_at_ms = ?2, lease_until_ms = NULL, unique_held = 0,
                   error_class = 'cancelled', error_message = 'cancelled by an operator'
             WHERE id = ?1 AND state IN ('scheduled', 'ready', 'running') RETURNING stage
            """, [.integer(id.rawValue), .integer(now.milliseconds)]
        ) { $0.text(0) }
    }

    /// Keeps the attempt that an operator is about to end, if the job runs.
    package static func recordInterruption(of id: JobID, at now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO job_attempt (job_id, attempt, worker, started_at_ms, ended_at_ms, outcome, error_class, message)
            SELECT id, attempt, worker, started_at_ms, ?2, 'cancelled', 'cancelled', 'cancelled by an operator'
              FROM job WHERE id = ?1 AND state = 'running'
            """, [.integer(id.rawValue), .integer(now.milliseconds)])
    }

    /// How many dead jobs of a kind there are; an error class that is `nil` holds for all.
    package static func deadCount(kind: String, errorClass: String?) -> Query<Int> {
        Query<Int>(
            "SELECT count(*) FROM job WHERE state = 'dead' AND kind = ?1 AND (?2 IS NULL OR error_class = ?2)",
            [.text(kind), .text(errorClass)]
        ) { $0.count(0) }
    }

    /// Dead jobs of a kind behind a number, a batch at a time.
    package static func deadJobs(
        kind: String, errorClass: String?, after id: JobID, limit: Int
    ) -> Query<JobID> {
        Query<JobID>(
            """
            SELECT id FROM job
             WHERE state = 'dead' AND kind = ?1 AND (?2 IS NULL OR error_class = ?2) AND id > ?3 ORDER BY id LIMIT ?4
            """, [.text(kind), .text(errorClass), .integer(id.rawValue), .integer(limit)]
        ) { JobID($0.integer(0)) }
    }
}
