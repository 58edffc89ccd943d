package import Model
package import SQLite

/// A job as an operator sees it.
package struct JobRecord: Equatable, Sendable {
    package let id: JobID
    package let kind: String
    package let stage: String
    package let state: JobState
    package let payload: String
    package let payloadVersion: Int
    package let priority: Int
    package let attempt: Int
    package let maxAttempts: Int
    package let runAt: Timestamp
    package let worker: String?
    package let uniqueKey: String?
    package let parent: JobID?
    package let traceParent: String?
    package let createdAt: Timestamp
    package let startedAt: Timestamp?
    package let finishedAt: Timestamp?
    package let errorClass: String?
    package let errorMessage: String?
    /// On the lease clock, in milliseconds; only of a running job.
    package let leaseUntil: Int64?

    init(_ row: borrowing Row) {
        id = JobID(row.integer(0))
        kind = row.text(1)
        stage = row.text(2)
        state = JobState(rawValue: row.text(3)) ?? .dead
        payload = row.text(4)
        payloadVersion = row.count(5)
        priority = row.count(6)
        attempt = row.count(7)
        maxAttempts = row.count(8)
        runAt = Timestamp(milliseconds: row.integer(9))
        worker = row.textOrNull(10)
        uniqueKey = row.textOrNull(11)
        parent = row.integerOrNull(12).map { JobID($0) }
        traceParent = row.textOrNull(13)
        createdAt = Timestamp(milliseconds: row.integer(14))
        startedAt = row.integerOrNull(15).map { Timestamp(milliseconds: $0) }
        finishedAt = row.integerOrNull(16).map { Timestamp(milliseconds: $0) }
        errorClass = row.textOrNull(17)
        errorMessage = row.textOrNull(18)
        leaseUntil = row.integerOrNull(19)
    }

    /// The attempt that ended well. Its figures are the job's own, so that no row is written for it.
    package var goodAttempt: AttemptRecord? {
        guard state == .done, let finishedAt else { return nil }
        return AttemptRecord(
            attempt: attempt, worker: worker, startedAt: startedAt, endedAt: finishedAt, outcome: state.rawValue,
            errorClass: nil, message: nil, times: 1)
    }
}

/// One attempt of a job that has ended.
package struct AttemptRecord: Equatable, Sendable {
    package let attempt: Int
    package let worker: String?
    package let startedAt: Timestamp?
    package let endedAt: Timestamp
    package let outcome: String
    package let errorClass: String?
    package let message: String?
    /// How often, where a job was put off again and again.
    package let times: Int
}

/// A job's place in the flow, without its content.
package struct JobStep: Equatable, Sendable {
    package let id: JobID
    package let parent: JobID?
    package let kind: String
    package let state: JobState
    package let uniqueKey: String?
    package let errorMessage: String?

    package init(
        id: JobID, parent: JobID?, kind: String, state: JobState, uniqueKey: String?, errorMessage: String? = nil
    ) {
        self.id = id
        self.parent = parent
        self.kind = kind
        self.state = state
        self.uniqueKey = uniqueKey
        self.errorMessage = errorMessage
    }
}

extension Query {
    /// The newest jobs first; a criterion that is `nil` holds for all.
    package static func jobs(
        stage: String?, kind: String?, state: JobState?, limit: Int
    ) -> Query<JobRecord> {
        Query<JobRecord>(
            """
            SELECT id, kind, stage, state, payload, payload_version, priority, attempt, max_attempts, run_at_ms, worker,
                   unique_key, parent_id, traceparent, created_at_ms, started_at_ms, finished_at_ms, error_class,
                   error_message, lease_until_ms
              FROM job
             WHERE (?1 IS NULL OR stage = ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR state = ?3)
             ORDER BY id DESC LIMIT ?4
            """, [.text(stage), .text(kind), .text(state?.rawValue), .integer(limit)]
        ) { JobRecord($0) }
    }

    package static func job(_ id: JobID) -> Query<JobRecord> {
        Query<JobRecord>(
            """
            SELECT id, kind, stage, state, payload, payload_version, priority, attempt, max_attempts, run_at_ms, worker,
                   unique_key, parent_id, traceparent, created_at_ms, started_at_ms, finished_at_ms, error_class,
                   error_message, lease_until_ms
              FROM job WHERE id = ?1
            """, [.integer(id.rawValue)]
        ) { JobRecord($0) }
    }

    /// What went wrong with a job, the oldest first; at most the newest hundred attempts.
    package static func attempts(of id: JobID) -> Query<AttemptRecord> {
        Query<AttemptRecord>(
            """
            SELECT attempt, worker, started_at_ms, ended_at_ms, outcome, error_class, message, times
              FROM (SELECT * FROM job_attempt WHERE job_id = ?1 ORDER BY id DESC LIMIT 100) ORDER BY id
            """, [.integer(id.rawValue)]
        ) {
            AttemptRecord(
                attempt: $0.count(0), worker: $0.textOrNull(1),
                startedAt: $0.integerOrNull(2).map { Timestamp(milliseconds: $0) },
                endedAt: Timestamp(milliseconds: $0.integer(3)), outcome: $0.text(4), errorClass: $0.textOrNull(5),
                message: $0.textOrNull(6), times: $0.count(7))
        }
    }

    /// The jobs with that number or a later one, in their order.
    package static func jobSteps(from first: JobID) -> Query<JobStep> {
        Query<JobStep>(
            "SELECT id, parent_id, kind, state, unique_key, error_message FROM job WHERE id >= ?1 ORDER BY id",
            [.integer(first.rawValue)]
        ) { JobStep($0) }
    }

    /// The unfinished jobs with a unique key; one that coalesces may run while its successor waits.
    package static func unfinishedJobs(uniqueKey: String) -> Query<JobStep> {
        Query<JobStep>(
            """
            SELECT id, parent_id, kind, state, unique_key, error_message FROM job
             WHERE unique_key = ?1 AND unique_held = 1 AND state IN ('scheduled', 'ready', 'running')
            UNION
            SELECT id, parent_id, kind, state, unique_key, error_message FROM job
             WHERE unique_key = ?1 AND state = 'running'
            """, [.text(uniqueKey)]
        ) { JobStep($0) }
    }

    /// The jobs of a stage that workers hold now.
    package static func runningCount(stage: String) -> Query<Int> {
        Query<Int>("SELECT count(*) FROM job WHERE state = 'running' AND stage = ?1", [.text(stage)]) { $0.count(0) }
    }

    /// How many workers hold jobs now, by stage; stages without any are left out.
    package static func workerCounts() -> Query<(stage: String, workers: Int)> {
        Query<(stage: String, workers: Int)>(
            "SELECT stage, count(DISTINCT worker) FROM job WHERE state = 'running' GROUP BY stage"
        ) { (stage: $0.text(0), workers: $0.count(1)) }
    }
}

extension JobStep {
    fileprivate init(_ row: borrowing Row) {
        self.init(
            id: JobID(row.integer(0)), parent: row.integerOrNull(1).map { JobID($0) }, kind: row.text(2),
            state: JobState(rawValue: row.text(3)) ?? .dead, uniqueKey: row.textOrNull(4),
            errorMessage: row.textOrNull(5))
    }
}
