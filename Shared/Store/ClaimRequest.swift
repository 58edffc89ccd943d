package import Model
package import SQLite

/// What a claim of jobs of one kind asks for.
package struct ClaimRequest: Sendable {
    package let kind: String
    package let stage: StageName
    /// How many at most.
    package let limit: Int
    /// Unique among all workers, alive or dead.
    package let worker: String
    /// How long the lease lasts.
    package let lease: Duration
    /// The lease clock's time, in milliseconds.
    package let leaseNow: Int64
    package let now: Timestamp

    package init(
        kind: String, stage: StageName, limit: Int, worker: String, lease: Duration, leaseNow: Int64, now: Timestamp
    ) {
        self.kind = kind
        self.stage = stage
        self.limit = limit
        self.worker = worker
        self.lease = lease
        self.leaseNow = leaseNow
        self.now = now
    }
}

extension Connection {
    /// Takes the jobs of a kind that come next and may start now, in their order; within the caller's write
    /// transaction, so that limits hold over all processes.
    ///
    /// What the pace of the kind does not let start yet stays `ready`. A job whose own key is too fast is given a
    /// start in the future and goes back to `scheduled`: it is not in the way of jobs with other keys, and does not ask
    /// again.
    package func claim(_ claim: ClaimRequest) throws(SQLiteError) -> [ClaimedJob] {
        var limit = claim.limit
        if let room = try run(Query<Int>.runningRoom(kind: claim.kind)).first { limit = min(limit, room) }
        let isPaced = try !run(Query<Int64>.anyRate()).isEmpty
        if isPaced, let starts = try run(Query<Int>.startsNow(kind: claim.kind, leaseNow: claim.leaseNow)).first {
            limit = min(limit, starts)
        }
        guard limit > 0 else { return [] }
        let jobs = try self.claim(
            kind: claim.kind, stage: claim.stage, limit: limit, worker: claim.worker,
            leaseUntil: claim.leaseNow + claim.lease.milliseconds, now: claim.now)
        guard isPaced else { return jobs }
        var started: [ClaimedJob] = []
        for job in jobs where try isOnTime(job, claim) { started.append(job) }
        if !started.isEmpty {
            try run(Query<Void>.countStarts(kind: claim.kind, started.count, leaseNow: claim.leaseNow))
        }
        return started
    }

    /// Whether a job may start now; one that may not is put off to the start that it gets.
    private func isOnTime(_ job: ClaimedJob, _ claim: ClaimRequest) throws(SQLiteError) -> Bool {
        // Its start was given before, and is not so long over that starts would pile up.
        if let slot = job.rateSlot, claim.leaseNow - slot < PaceLimit.keepsStart.milliseconds { return true }
        guard let key = job.rateKey,
            let start = try run(Query<Int64>.takeStart(key: key, leaseNow: claim.leaseNow)).first,
            start > claim.leaseNow
        else { return true }
        try run(
            Query<Void>.postpone(
                job.id, until: claim.now + .milliseconds(start - claim.leaseNow), slot: start))
        return false
    }
}

/// How fast jobs with a key, or of a kind, may start.
package struct PaceLimit: Equatable, Sendable {
    /// How late a job may be for the start that it was given.
    static let keepsStart: Duration = .seconds(1)

    /// A kind, or the rate key of jobs.
    package let key: String
    /// Between two starts, in microseconds.
    package let interval: Int64
    /// How many may start at once after a pause.
    package let burst: Int

    package init(key: String, interval: Int64, burst: Int) {
        precondition(interval > 0 && burst > 0)
        self.key = key
        self.interval = interval
        self.burst = burst
    }
}

/// What a stage or kind may take; `nil` is no limit.
package struct QueueLimit: Equatable, Sendable {
    package let target: String
    /// Of a stage: how many jobs may wait in it.
    package var depth: Int?
    /// Of a kind: how many jobs may run at once over all processes.
    package var running: Int?
    /// Of a stage: how old its oldest waiting job may become before somebody should look.
    package var objective: Duration?

    package init(target: String, depth: Int? = nil, running: Int? = nil, objective: Duration? = nil) {
        self.target = target
        self.depth = depth
        self.running = running
        self.objective = objective
    }
}

extension Query {
    /// How many more jobs of a kind may run, over all processes; no row if nothing limits it.
    static func runningRoom(kind: String) -> Query<Int> {
        Query<Int>(
            """
            SELECT max_running - (SELECT count(*) FROM job WHERE state = 'running' AND kind = ?1)
              FROM queue_limit WHERE target = ?1 AND max_running IS NOT NULL
            """, [.text(kind)]
        ) { $0.count(0) }
    }

    /// A row if any pace is limited.
    static func anyRate() -> Query<Int64> {
        Query<Int64>("SELECT interval_us FROM rate_limit LIMIT 1") { $0.integer(0) }
    }

    /// How many jobs of a kind may start now; no row if nothing limits it.
    static func startsNow(kind: String, leaseNow: Int64) -> Query<Int> {
        Query<Int>(
            """
            SELECT CASE WHEN next_us <= ?2 THEN burst
                        WHEN next_us > ?2 + burst * interval_us THEN 0
                        ELSE (?2 - next_us + burst * interval_us) / interval_us END
              FROM rate_limit WHERE key = ?1
            """, [.text(kind), .integer(leaseNow * 1_000)]
        ) { $0.count(0) }
    }

    /// Counts jobs of a kind that start now against its pace, if it has one.
    static func countStarts(kind: String, _ count: Int, leaseNow: Int64) -> Query<Void> {
        Query<Void>(
            """
            UPDATE rate_limit SET next_us = CASE WHEN next_us > ?3 THEN next_us ELSE ?3 END + ?2 * interval_us
             WHERE key = ?1
            """, [.text(kind), .integer(count), .integer(leaseNow * 1_000)])
    }

    /// When the next job may start that waits for nothing but the pace of its kind, in milliseconds of the lease clock;
    /// no row if none does.
    package static func nextStart(leaseNow: Int64) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT (next_us - (burst - 1) * interval_us + 999) / 1000 FROM rate_limit
             WHERE next_us - (burst - 1) * interval_us > ?1
               AND EXISTS (SELECT 1 FROM job WHERE kind = rate_limit.key AND state = 'ready')
             ORDER BY 1 LIMIT 1
            """, [.integer(leaseNow * 1_000)]
        ) { $0.integer(0) }
    }

    /// Takes the next start of a key and answers when it is, in milliseconds of the lease clock; no row if nothing
    /// limits it.
    static func takeStart(key: String, leaseNow: Int64) -> Query<Int64> {
        Query<Int64>(
            """
            UPDATE rate_limit SET next_us = CASE WHEN next_us > ?2 THEN next_us ELSE ?2 END + interval_us
             WHERE key = ?1
            RETURNING (next_us - burst * interval_us + 999) / 1000
            """, [.text(key), .integer(leaseNow * 1_000)]
        ) { $0.integer(0) }
    }

    /// Gives a job back that was claimed before its start. Not an attempt.
    static func postpone(_ id: JobID, until moment: Timestamp, slot: Int64) -> Query<Void> {
        Query<Void>(
            """
            UPDATE job
               SET state = 'scheduled', attempt = attempt - 1, lease_until_ms = NULL, rate_slot_ms = ?3,
                   claim_order = claim_order - run_at_ms + ?2, run_at_ms = ?2
             WHERE id = ?1 AND state = 'running'
            """, [.integer(id.rawValue), .integer(moment.milliseconds), .integer(slot)])
    }

    /// Limits the pace of a kind or key.
    package static func limitPace(_ limit: PaceLimit) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO rate_limit (key, interval_us, burst) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET interval_us = excluded.interval_us, burst = excluded.burst, next_us = 0
            """, [.text(limit.key), .integer(limit.interval), .integer(limit.burst)])
    }

    /// Lets a kind or key go as fast as it can.
    package static func freePace(_ key: String) -> Query<Void> {
        Query<Void>("DELETE FROM rate_limit WHERE key = ?1", [.text(key)])
    }

    package static func pace(_ key: String) -> Query<PaceLimit> {
        Query<PaceLimit>("SELECT key, interval_us, burst FROM rate_limit WHERE key = ?1", [.text(key)]) {
            PaceLimit(key: $0.text(0), interval: $0.integer(1), burst: $0.count(2))
        }
    }

    /// Replaces what a stage or kind may take.
    package static func limit(_ limit: QueueLimit) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO queue_limit (target, max_depth, max_running, objective_ms) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (target) DO UPDATE
               SET max_depth = excluded.max_depth, max_running = excluded.max_running,
                   objective_ms = excluded.objective_ms
            """,
            [
                .text(limit.target), .integer(limit.depth), .integer(limit.running),
                .integer(limit.objective?.milliseconds),
            ])
    }

    package static func limit(of target: String) -> Query<QueueLimit> {
        Query<QueueLimit>(
            "SELECT target, max_depth, max_running, objective_ms FROM queue_limit WHERE target = ?1", [.text(target)]
        ) {
            QueueLimit(
                target: $0.text(0), depth: $0.integerOrNull(1).map { Int($0) },
                running: $0.integerOrNull(2).map { Int($0) },
                objective: $0.integerOrNull(3).map { .milliseconds($0) })
        }
    }
}
