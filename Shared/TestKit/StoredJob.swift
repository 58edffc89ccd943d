package import Model
package import SQLite

/// A row of the job table as it stands, for a test to compare.
package struct StoredJob: Equatable, Sendable {
    package let id: JobID
    package let kind: String
    package let state: JobState
    package let attempt: Int
    package let runAt: Timestamp
    package let claimOrder: Int64
    package let worker: String?
    package let leaseUntil: Int64?
    package let uniqueHeld: Bool
    package let parent: JobID?
    package let traceParent: String?
    package let payload: String
    package let startedAt: Timestamp?
    package let finishedAt: Timestamp?
    package let errorClass: String?
    package let errorMessage: String?
}

/// A row of a job's history.
package struct StoredAttempt: Equatable, Sendable {
    package let attempt: Int
    package let worker: String?
    package let outcome: String
    package let errorClass: String?
    package let message: String?

    package init(attempt: Int, worker: String?, outcome: String, errorClass: String?, message: String?) {
        self.attempt = attempt
        self.worker = worker
        self.outcome = outcome
        self.errorClass = errorClass
        self.message = message
    }
}

extension Connection {
    package func storedJobs() throws(SQLiteError) -> [StoredJob] {
        try run(
            Query(
                """
                SELECT id, kind, state, attempt, run_at_ms, claim_order, worker, lease_until_ms, unique_held, parent_id,
                       traceparent, payload, finished_at_ms, error_class, error_message,
                       started_at_ms
                  FROM job ORDER BY id
                """
            ) {
                StoredJob(
                    id: JobID($0.integer(0)), kind: $0.text(1), state: JobState(rawValue: $0.text(2)) ?? .dead,
                    attempt: $0.count(3), runAt: Timestamp(milliseconds: $0.integer(4)), claimOrder: $0.integer(5),
                    worker: $0.textOrNull(6), leaseUntil: $0.integerOrNull(7), uniqueHeld: $0.flag(8),
                    parent: $0.integerOrNull(9).map { JobID($0) }, traceParent: $0.textOrNull(10), payload: $0.text(11),
                    startedAt: $0.integerOrNull(15).map { Timestamp(milliseconds: $0) },
                    finishedAt: $0.integerOrNull(12).map { Timestamp(milliseconds: $0) },
                    errorClass: $0.textOrNull(13), errorMessage: $0.textOrNull(14))
            })
    }

    package func storedJob(_ id: JobID) throws(SQLiteError) -> StoredJob? {
        try storedJobs().first { $0.id == id }
    }

    /// How many jobs are in a state.
    package func count(of state: JobState) throws(SQLiteError) -> Int {
        let query = Query("SELECT count(*) FROM job WHERE state = ?1", [.text(state.rawValue)]) { $0.count(0) }
        return try run(query).first ?? 0
    }

    package func attempts(of id: JobID) throws(SQLiteError) -> [StoredAttempt] {
        try run(
            Query(
                "SELECT attempt, worker, outcome, error_class, message FROM job_attempt WHERE job_id = ?1 ORDER BY id",
                [.integer(id.rawValue)]
            ) {
                StoredAttempt(
                    attempt: $0.count(0), worker: $0.textOrNull(1), outcome: $0.text(2), errorClass: $0.textOrNull(3),
                    message: $0.textOrNull(4))
            })
    }
}
