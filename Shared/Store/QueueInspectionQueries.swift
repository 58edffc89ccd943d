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
    }
}

/// One attempt that did not end well.
package struct AttemptRecord: Equatable, Sendable {
    package let attempt: Int
    package let worker: String?
    package let startedAt: Timestamp?
    package let endedAt: Timestamp
    package let outcome: String
    package let errorClass: String?
    package let message: String?
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
                   error_message
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
                   error_message
              FROM job WHERE id = ?1
            """, [.integer(id.rawValue)]
        ) { JobRecord($0) }
    }

    /// What went wrong with a job, oldest first; at most the newest hundred attempts.
    package static func attempts(of id: JobID) -> Query<AttemptRecord> {
        Query<AttemptRecord>(
            """
            SELECT attempt, worker, started_at_ms, ended_at_ms, outcome, error_class, message
              FROM (SELECT * FROM job_attempt WHERE job_id = ?1 ORDER BY id DESC LIMIT 100) ORDER BY id
            """, [.integer(id.rawValue)]
        ) {
            AttemptRecord(
                attempt: $0.count(0), worker: $0.textOrNull(1),
                startedAt: $0.integerOrNull(2).map { Timestamp(milliseconds: $0) },
                endedAt: Timestamp(milliseconds: $0.integer(3)), outcome: $0.text(4), errorClass: $0.textOrNull(5),
                message: $0.textOrNull(6))
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
}

extension JobStep {
    fileprivate init(_ row: borrowing Row) {
        self.init(
            id: JobID(row.integer(0)), parent: row.integerOrNull(1).map { JobID($0) }, kind: row.text(2),
            state: JobState(rawValue: row.text(3)) ?? .dead, uniqueKey: row.textOrNull(4),
            errorMessage: row.textOrNull(5))
    }
}

/// What waits, runs and has failed in one stage.
package struct StageBacklog: Equatable, Sendable {
    package let stage: StageName
    package var ready = 0
    /// Not due yet, and never tried.
    package var scheduled = 0
    package var running = 0
    /// Not due yet, after a failure.
    package var retrying = 0
    package var dead = 0
    /// How long the job has been due that comes next.
    package var oldestReadyAge: Duration?
    package var doneLastHour = 0
    /// Of the stage and of its kinds.
    package var pauses: [Pause] = []

    package init(stage: StageName) {
        self.stage = stage
    }
}

extension Connection {
    /// The backlog of every stage, in the order of the flow; to be called inside a consistent read.
    ///
    /// Each figure comes from the index over the rows that it is about, so a backlog of a million jobs costs a tenth
    /// of a second.
    /// - Parameter stageOfKind: says where the pause of a kind belongs.
    package func backlog(
        now: Timestamp, stageOfKind: (String) -> StageName?
    ) throws(SQLiteError) -> [StageBacklog] {
        var stages: [String: StageBacklog] = [:]
        for stage in StageName.allCases { stages[stage.rawValue] = StageBacklog(stage: stage) }
        for row in try run(Query<StageCount>.readyCounts()) {
            stages[row.stage]?.ready += row.count
            guard let due = row.due else { continue }
            let oldest = stages[row.stage]?.oldestReadyAge ?? .zero
            stages[row.stage]?.oldestReadyAge = max(oldest, now - due)
        }
        for row in try run(Query<StageCount>.scheduledCounts(tried: false)) { stages[row.stage]?.scheduled = row.count }
        for row in try run(Query<StageCount>.scheduledCounts(tried: true)) { stages[row.stage]?.retrying = row.count }
        for row in try run(Query<StageCount>.runningCounts()) { stages[row.stage]?.running = row.count }
        for row in try run(Query<StageCount>.deadCounts()) { stages[row.stage]?.dead += row.count }
        for row in try run(Query<StageCount>.doneCounts(since: now - .hours(1))) {
            stages[row.stage]?.doneLastHour = row.count
        }
        for pause in try run(Query<Pause>.pauses(now: now)) {
            stages[(StageName(rawValue: pause.target) ?? stageOfKind(pause.target))?.rawValue ?? ""]?.pauses.append(
                pause)
        }
        return StageName.allCases.compactMap { stages[$0.rawValue] }
    }
}

/// A number of jobs of a stage, and since when the first of them is due.
private struct StageCount: Sendable {
    let stage: String
    let count: Int
    let due: Timestamp?
}

extension Query where Output == StageCount {
    /// Steps from kind to kind through the index: counting one kind at a time is faster than grouping.
    fileprivate static func readyCounts() -> Query<StageCount> {
        Query<StageCount>(
            """
            WITH RECURSIVE waiting (kind) AS (
                SELECT min(kind) FROM job WHERE state = 'ready'
                UNION ALL
                SELECT (SELECT min(kind) FROM job WHERE state = 'ready' AND kind > waiting.kind)
                  FROM waiting WHERE kind IS NOT NULL)
            SELECT (SELECT stage FROM job WHERE kind = waiting.kind AND state = 'ready' ORDER BY claim_order LIMIT 1),
                   (SELECT count(*) FROM job WHERE kind = waiting.kind AND state = 'ready'),
                   (SELECT run_at_ms FROM job WHERE kind = waiting.kind AND state = 'ready'
                     ORDER BY claim_order LIMIT 1)
              FROM waiting WHERE kind IS NOT NULL
            """
        ) { StageCount(stage: $0.text(0), count: $0.count(1), due: Timestamp(milliseconds: $0.integer(2))) }
    }

    fileprivate static func scheduledCounts(tried: Bool) -> Query<StageCount> {
        Query<StageCount>(
            "SELECT stage, count(*) FROM job WHERE state = 'scheduled' AND (attempt > 0) = ?1 GROUP BY stage",
            [.flag(tried)]
        ) { StageCount(stage: $0.text(0), count: $0.count(1), due: nil) }
    }

    fileprivate static func runningCounts() -> Query<StageCount> {
        Query<StageCount>("SELECT stage, count(*) FROM job WHERE state = 'running' GROUP BY stage") {
            StageCount(stage: $0.text(0), count: $0.count(1), due: nil)
        }
    }

    fileprivate static func deadCounts() -> Query<StageCount> {
        Query<StageCount>(
            """
            SELECT (SELECT stage FROM job WHERE kind = lost.kind AND state = 'dead' LIMIT 1), lost.jobs
              FROM (SELECT kind, count(*) AS jobs FROM job WHERE state = 'dead' GROUP BY kind) AS lost
            """
        ) { StageCount(stage: $0.text(0), count: $0.count(1), due: nil) }
    }

    fileprivate static func doneCounts(since moment: Timestamp) -> Query<StageCount> {
        Query<StageCount>(
            """
            SELECT stage, count(*) FROM job
             WHERE state IN ('done', 'cancelled') AND state = 'done' AND finished_at_ms > ?1 GROUP BY stage
            """, [.integer(moment.milliseconds)]
        ) { StageCount(stage: $0.text(0), count: $0.count(1), due: nil) }
    }
}
