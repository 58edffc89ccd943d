package import Daemon
package import Model
package import SQLite
import Store
package import Telemetry

/// Moments between two steps of a worker, where what is lost would be lost.
package enum WorkerPoint: Sendable {
    /// Jobs have been claimed; none has been started.
    case claimed
    /// Ends, effects and follow-ups are written; the transaction is still open.
    case storing
    /// The transaction is committed; nobody has been told.
    case stored
}

/// Claims jobs of some kinds, runs them side by side, and has their ends stored.
///
/// It sleeps until a doorbell rings, a scheduled job is due or the slow poll comes round, so a lost ring delays a job
/// and never loses it.
package struct Worker: Sendable {
    private let name: String
    private let runners: [KindRunner]
    private let database: Database
    private let doorbell: Doorbell
    private let clock: LeaseClock
    private let timing: LeaseTiming
    private let log: Logger
    private let now: @Sendable () -> Timestamp
    private let chance: @Sendable () -> Double
    private let progress: @Sendable (WorkerPulse) -> Void
    private let at: @Sendable (WorkerPoint) -> Void
    private let committer: Committer
    /// Claimed in the commit of others' ends, and not started yet.
    private let handed = Handover()
    private let runs = Runs()
    private let turns = Turns()
    private let slots: Slots
    private let claiming: Claiming
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - name: unique among all workers, alive or dead; it fences the ends of jobs.
    ///   - database: the worker's own, or heartbeats would wait for whatever else it is used for.
    ///   - progress: is told again and again, for as long as the worker gets anywhere: what feeds a watchdog.
    ///   - at: is called where a fault would hurt most: what lets a test strike there.
    package init(
        _ runners: [KindRunner], name: String, database: Database, doorbell: Doorbell, clock: LeaseClock,
        timing: LeaseTiming = .standard, log: Logger, now: @escaping @Sendable () -> Timestamp,
        chance: @escaping @Sendable () -> Double, progress: @escaping @Sendable (WorkerPulse) -> Void = { _ in },
        at: @escaping @Sendable (WorkerPoint) -> Void = { _ in }
    ) {
        self.progress = progress
        self.at = at
        self.name = name
        self.runners = runners
        self.database = database
        self.doorbell = doorbell
        self.clock = clock
        self.timing = timing
        self.log = log.with(["worker": name])
        self.now = now
        self.chance = chance
        slots = Slots(runners)
        claiming = Claiming(worker: name, clock: clock, timing: timing, now: now)
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        committer = Committer(
            database: database, now: now, slots: slots, claiming: claiming,
            handOver: { [handed, wake] claims in
                handed.add(claims)
                wake.yield()
            },
            wake: { names in for name in names { doorbell.ring(name) } },
            pause: { try? await Task.sleep(for: $0) }, at: at)
    }

    /// Works until the task is cancelled; then running jobs are asked to end, and what they did not finish is given
    /// back without a counted attempt.
    package func run() async throws {
        let stages = Set(runners.map(\.stage.rawValue))
        let bells = stages.compactMap { stage in doorbell.listen(as: "\(stage).\(name)") { [wake] in wake.yield() } }
        if bells.count < stages.count { log.log(.warning, "no doorbell: new jobs wait for the slow poll") }
        defer { withExtendedLifetime(bells) {} }
        // Not a child of this task: a stop must not end the heartbeat while jobs are still finishing.
        let beating = Task { try await beat() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { beating.cancel() }
                try await work()
            }
            group.addTask { try await beating.value }
            group.addTask { try await watch() }
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
    }

    private func work() async throws {
        try await withThrowingDiscardingTaskGroup { jobs in
            var rings = wakes.makeAsyncIterator()
            while !Task.isCancelled {
                turns.turn()
                var claims = handed.takeAll()
                if claims.isEmpty { claims = try await tolerant { try await claim() } ?? [] }
                for claim in claims {
                    jobs.addTask { try await perform(claim) }
                }
                if claims.isEmpty { await rings.next() }
            }
        }
        // The stop came during a commit that claimed: these are given back.
        for claim in handed.takeAll() { try await perform(claim) }
    }

    /// Takes as many jobs of each kind as may run now. Looks before it asks for the write lock: most wakings find
    /// nothing.
    private func claim() async throws(SQLiteError) -> [Claim] {
        let free = slots.takeFree()
        guard !free.isEmpty else { return [] }
        var claims: [Claim] = []
        defer { slots.settle(free, for: claims) }
        claims = try await database.access { db throws(SQLiteError) in
            let ready = try claiming.worthwhile(free, in: db)
            guard !ready.isEmpty else { return [] }
            return try db.transaction { part throws(SQLiteError) in try claiming.claim(for: ready, in: part) }
        }
        if !claims.isEmpty { at(.claimed) }
        return claims
    }

    private func perform(_ claim: Claim) async throws {
        let job = claim.job
        let log = log.with(Self.fields(of: job))
        let result = await runs.run(job.id) { [now, chance] in
            await claim.runner.run(job, log: log, now: now, chance: chance)
        }
        slots.leave(job.kind)
        try await committer.submit(
            Committer.Ending(job: job, stage: claim.runner.stage, result: result, log: log))
    }

    private static func fields(of job: ClaimedJob) -> [String: String] {
        var fields = ["job.id": "\(job.id)", "job.kind": job.kind, "job.attempt": "\(job.attempt)"]
        fields["trace.id"] = job.traceParent.flatMap { TraceParent($0) }?.traceID
        return fields
    }

    /// Shows that the jobs at hand are alive.
    private func beat() async throws {
        while !Task.isCancelled {
            try? await Task.sleep(for: timing.heartbeat)
            guard !slots.holdsNothing, !Task.isCancelled else { continue }
            let running = runs.ids
            let renewed = try await tolerant {
                try await database.write { db throws(SQLiteError) in
                    let until = clock.now() + timing.lease.milliseconds
                    return try db.run(Query<JobID>.renewLeases(worker: name, until: until))
                }
            }
            guard let renewed else { continue }
            // An operator has cancelled them, or others have taken them: what they compute would not be stored.
            runs.cancel(running.subtracting(renewed))
            log.log(.debug, "leases renewed", ["jobs": "\(renewed.count)"])
        }
    }

    /// Promotes what is due, takes back what was abandoned, and has a look for jobs whose ring was lost, or that may
    /// be claimed again because a pause is over.
    private func watch() async throws {
        var liveness = Liveness()
        while !Task.isCancelled {
            try await promoteDue()
            try await rescue()
            wake.yield()
            if liveness.isAlive(turns: turns.count, longest: runs.longest) { progress(slots.pulse) }
            let due = try await tolerant { try await database.run(.nextDue()).first } ?? nil
            let untilDue = due.map { $0 - now() } ?? timing.slowPoll
            let leaseNow = clock.now()
            let start = try await tolerant { try await database.run(.nextStart(leaseNow: leaseNow)).first } ?? nil
            let untilStart = start.map { Duration.milliseconds($0 - leaseNow) } ?? timing.slowPoll
            try? await Task.sleep(for: max(.milliseconds(5), min(timing.slowPoll, untilDue, untilStart)))
        }
    }

    private func promoteDue() async throws {
        let moment = now()
        let due = try await tolerant { try await database.run(.nextDue()).first } ?? nil
        guard let due, due <= moment else { return }
        let stages = try await tolerant { try await database.run(.promote(now: moment)) } ?? []
        for stage in Set(stages) { doorbell.ring(stage) }
    }

    private func rescue() async throws {
        // Read before the lock is waited for: see `expireLeases`.
        let (leaseNow, moment) = (clock.now(), now())
        let found = try await tolerant { try await database.run(.anyExpired(leaseNow: leaseNow)).first } ?? nil
        guard found != nil else { return }
        let expired = try await tolerant {
            try await database.write { db throws(SQLiteError) -> [ExpiredJob] in
                guard clock.now() - leaseNow <= timing.hesitation.milliseconds else { return [] }
                let expired = try db.expireLeases(leaseNow: leaseNow, now: moment)
                for job in expired where job.state == .dead { try TellDeadJob(job, now: moment).apply(to: db) }
                return expired
            }
        }
        for job in expired ?? [] {
            log.log(
                .warning, "lease expired",
                [
                    "job.id": "\(job.id)", "job.kind": job.kind, "lost.worker": job.worker,
                    "job.state": job.state.rawValue,
                ])
        }
        var stages = Set((expired ?? []).map(\.stage))
        if (expired ?? []).contains(where: { $0.state == .dead }) { stages.insert(StageName.notify.rawValue) }
        for stage in stages { doorbell.ring(stage) }
    }

    /// A busy or full database is a state that passes; anything else ends the process, and its jobs are leased.
    private func tolerant<Result>(_ body: () async throws -> Result) async throws -> Result? {
        do {
            return try await body()
        } catch let error as SQLiteError where error.isBusy || error.isDiskFull {
            log.log(.warning, "database waits", ["error": error.message])
            return nil
        }
    }
}
