package import Model
package import SQLite

/// What waits, runs and has failed in one stage: a row of the view `queue_backlog`.
package struct StageBacklog: Equatable, Sendable {
    package let stage: StageName
    package var ready = 0
    /// Not due yet, and never tried.
    package var scheduled = 0
    package var running = 0
    /// Not due yet, after a failure.
    package var retrying = 0
    package var dead = 0
    /// How long the job has been due that has waited longest.
    package var oldestReadyAge: Duration?
    /// In the last hour.
    package var done = 0
    /// In the last hour: attempts that failed and will be repeated, and leases that ran out.
    package var retried = 0
    /// In the last hour: jobs that became dead.
    package var died = 0
    /// How long half of the last hour's attempts took at most. The true figure is up to a quarter less.
    package var p50: Duration?
    /// How long 95 of a hundred of the last hour's attempts took at most, as precise as `p50`.
    package var p95: Duration?
    /// How many jobs may wait before producers are refused.
    package var depthLimit: Int?
    /// How old the oldest waiting job may become before somebody should look.
    package var objective: Duration?
    /// How many more jobs wait than an hour ago, give or take a minute; `nil` if nobody looked then.
    package var change: Int?
    /// Of the stage and of its kinds.
    package var pauses: [Pause] = []

    package init(stage: StageName) {
        self.stage = stage
    }

    /// Everything that waits to be run.
    package var waiting: Int { ready + scheduled + retrying }

    /// Whether the oldest job has waited longer than it should.
    package var isBehind: Bool {
        guard let objective, let oldestReadyAge else { return false }
        return oldestReadyAge > objective
    }
}

extension Connection {
    /// The backlog of every stage, in the order of the flow; to be called inside a consistent read. The time is the
    /// database's, as in the view, so that everybody who looks sees the same.
    package func backlog() throws(SQLiteError) -> [StageBacklog] {
        var stages = try run(Query<StageBacklog>.backlog())
        for (pause, stage) in try run(Query<(Pause, String)>.currentPauses()) {
            guard let place = stages.firstIndex(where: { $0.stage.rawValue == stage }) else { continue }
            stages[place].pauses.append(pause)
        }
        return stages
    }
}

extension Query {
    static func backlog() -> Query<StageBacklog> {
        Query<StageBacklog>(
            """
            SELECT stage, ready, scheduled, running, retrying, dead, oldest_ready_age_s, done_1h, retried_1h, dead_1h,
                   p50_ms, p95_ms, depth_limit, objective_s,
                   (SELECT change_1h FROM queue_change WHERE queue_change.stage = queue_backlog.stage)
              FROM queue_backlog
            """
        ) { row in
            var stage = StageBacklog(stage: StageName(rawValue: row.text(0)) ?? .fetch)
            stage.ready = row.count(1)
            stage.scheduled = row.count(2)
            stage.running = row.count(3)
            stage.retrying = row.count(4)
            stage.dead = row.count(5)
            stage.oldestReadyAge = row.realOrNull(6).map { .milliseconds(Int64($0 * 1_000)) }
            stage.done = row.count(7)
            stage.retried = row.count(8)
            stage.died = row.count(9)
            stage.p50 = row.integerOrNull(10).map { .milliseconds($0) }
            stage.p95 = row.integerOrNull(11).map { .milliseconds($0) }
            stage.depthLimit = row.integerOrNull(12).map { Int($0) }
            stage.objective = row.integerOrNull(13).map { .seconds($0) }
            stage.change = row.integerOrNull(14).map { Int($0) }
            return stage
        }
    }

    static func currentPauses() -> Query<(Pause, String)> {
        Query<(Pause, String)>(
            """
            SELECT target, reason, paused_by, since_ms, until_ms, stage FROM pause, wall_clock
             WHERE until_ms IS NULL OR until_ms > now_ms ORDER BY target
            """
        ) { (Pause($0), $0.text(5)) }
    }

    /// How many jobs wait in a stage, and how many may; no row if nothing limits it.
    package static func depth(of stage: StageName) -> Query<(waiting: Int, limit: Int)> {
        Query<(waiting: Int, limit: Int)>(
            """
            SELECT coalesce((SELECT sum(jobs) FROM queue_depth WHERE stage = ?1 AND state <> 'dead'), 0), max_depth
              FROM queue_limit WHERE target = ?1 AND max_depth IS NOT NULL
            """, [.text(stage.rawValue)]
        ) { (waiting: $0.count(0), limit: $0.count(1)) }
    }
    /// Remembers how many jobs wait in each stage now; once a minute, whoever looks first.
    static func sampleBacklog(minute: Int64) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO queue_sample (stage, minute_ms, waiting)
            WITH stage (name) AS (VALUES ('fetch'), ('normalize'), ('score'), ('notify'))
            SELECT name, ?1, coalesce((SELECT sum(jobs) FROM queue_depth WHERE stage = name AND state <> 'dead'), 0)
              FROM stage WHERE true
            ON CONFLICT (stage, minute_ms) DO NOTHING
            """, [.integer(minute)])
    }

    /// What is older than anything compares with, or was written by a clock that has been put back since.
    static func dropBacklogSamples(before first: Int64, after last: Int64) -> Query<Void> {
        Query<Void>(
            "DELETE FROM queue_sample WHERE minute_ms < ?1 OR minute_ms > ?2", [.integer(first), .integer(last)])
    }
}

extension Connection {
    /// Keeps what the change of the backlog is told from. In the caller's transaction.
    package func sampleBacklog(now: Timestamp) throws(SQLiteError) {
        let minute = now.milliseconds - now.milliseconds % 60_000
        try run(Query<Void>.dropBacklogSamples(before: minute - 2 * 3_600_000, after: minute))
        try run(Query<Void>.sampleBacklog(minute: minute))
    }
}
