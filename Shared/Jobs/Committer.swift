import Model
import SQLite
import Store
import Synchronization
import Telemetry

/// Stores ended jobs, as many at a time as have gathered: one commit on a durable disk costs the same for one job as
/// for a hundred.
///
/// The commit also claims for the places that became free, so that a busy worker commits once for a job and not twice.
///
/// Each job's writes, its follow-ups and its end stand in one savepoint, kept only if the worker still holds the
/// lease. Writes that the schema refuses, or that cannot be carried out at all, make that job dead and no other. Jobs
/// that are done and want nothing stored are ended together.
actor Committer {
    /// A run that is over and waits to be stored.
    struct Ending: Sendable {
        let job: ClaimedJob
        let stage: StageName
        let result: StageResult
        let log: Logger

        /// Nothing but the end itself is to be stored, so one statement can do it, for many at a time.
        var isPlain: Bool { result.end == .done && result.writes.isEmpty && result.next.isEmpty }
    }

    /// How long a job waits whose follow-ups found no room.
    private static let fullStageWait: Duration = .seconds(5)

    private let database: Database
    private let now: @Sendable () -> Timestamp
    private let slots: Slots
    private let claiming: Claiming
    private let handOver: @Sendable ([Claim]) -> Void
    private let wake: @Sendable (Set<String>) -> Void
    private let pause: @Sendable (Duration) async -> Void
    private let at: @Sendable (WorkerPoint) -> Void
    private var waiting: [Ending] = []
    private var isStoring = false

    init(
        database: Database, now: @escaping @Sendable () -> Timestamp, slots: Slots, claiming: Claiming,
        handOver: @escaping @Sendable ([Claim]) -> Void,
        wake: @escaping @Sendable (Set<String>) -> Void,
        pause: @escaping @Sendable (Duration) async -> Void, at: @escaping @Sendable (WorkerPoint) -> Void
    ) {
        self.database = database
        self.now = now
        self.slots = slots
        self.claiming = claiming
        self.handOver = handOver
        self.wake = wake
        self.pause = pause
        self.at = at
    }

    /// Takes an ending. The first to arrive stores its own and whatever gathers meanwhile; the others go on at once.
    func submit(_ ending: Ending) async throws(SQLiteError) {
        waiting.append(ending)
        guard !isStoring else { return }
        isStoring = true
        defer { isStoring = false }
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            try await store(batch)
        }
    }

    /// A full disk or a lock that others hold for long is waited out: the work is done and need not be done again.
    private func store(_ batch: [Ending]) async throws(SQLiteError) {
        var wait = Duration.milliseconds(100)
        // What is held is stored first when that is difficult, and a worker that stops takes nothing more.
        var free = Task.isCancelled ? [] : slots.takeFree()
        while true {
            do throws(SQLiteError) {
                let (outcomes, claims) = try await commit(batch, claimingFor: free)
                at(.stored)
                slots.settle(free, for: claims)
                slots.letGo(batch.count)
                handOver(claims)
                for (ending, outcome) in zip(batch, outcomes) { report(ending, outcome) }
                wake(outcomes.reduce(into: []) { $0.formUnion($1.wakes) })
                return
            } catch {
                slots.settle(free, for: [])
                free = []
                guard error.isBusy || error.isDiskFull, !Task.isCancelled else { throw error }
                batch.first?.log.log(.error, "commit waits", ["error": error.message])
                await pause(wait)
                wait = min(wait * 2, .seconds(2))
            }
        }
    }

    /// What became of one ending.
    struct Outcome: Sendable {
        var held = false
        var end: JobEnd
        var wakes: Set<String> = []
    }

    private func commit(
        _ batch: [Ending], claimingFor free: [Slots.Free]
    ) async throws(SQLiteError) -> ([Outcome], [Claim]) {
        let (moment, at) = (now(), at)
        return try await database.write { db throws(SQLiteError) in
            let outcomes = try Self.store(batch, in: db, now: moment)
            try Self.tally(batch, outcomes, at: moment).store(in: db, at: moment)
            let claims = try claiming.claim(for: free, in: db)
            at(.storing)
            return (outcomes, claims)
        }
    }

    private static func tally(_ batch: [Ending], _ outcomes: [Outcome], at moment: Timestamp) -> QueueTally {
        var tally = QueueTally()
        for (ending, outcome) in zip(batch, outcomes) {
            if outcome.held {
                tally.count(outcome.end, of: ending.job, stage: ending.stage, at: moment)
            } else {
                tally.count(.fenced, stage: ending.stage.rawValue, kind: ending.job.kind)
            }
        }
        if let stage = batch.first?.stage.rawValue {
            tally.count(.busy, stage: stage, kind: "", times: BusyWaits.take())
        }
        return tally
    }

    private static func store(
        _ batch: [Ending], in db: borrowing Connection, now: Timestamp
    ) throws(SQLiteError) -> [Outcome] {
        let finished = try FinishJobs(batch.filter(\.isPlain).map(\.job), now: now).apply(to: db)
        var outcomes: [Outcome] = []
        for ending in batch {
            if ending.isPlain {
                let held = finished.contains(ending.job.id)
                outcomes.append(Outcome(held: held, end: .done, wakes: held ? ending.result.wakes : []))
            } else {
                outcomes.append(try store(ending, in: db, now: now))
            }
        }
        return outcomes
    }

    private static func store(
        _ ending: Ending, in db: borrowing Connection, now: Timestamp
    ) throws(SQLiteError) -> Outcome {
        do throws(SQLiteError) {
            return try db.savepoint { part throws(SQLiteError) in
                var outcome = Outcome(end: ending.result.end)
                guard try EndJob(ending.job, ending.result.end, now: now).apply(to: part) else { return outcome }
                outcome.held = true
                for write in ending.result.writes { try write.apply(to: part) }
                if case .dead(let errorClass, _) = ending.result.end {
                    try TellDeadJob(ending.job, stage: ending.stage, errorClass: errorClass, now: now).apply(to: part)
                    outcome.wakes.insert(StageName.notify.rawValue)
                }
                for job in ending.result.next {
                    if try part.enqueue(job, now: now) != nil { outcome.wakes.insert(job.stage.rawValue) }
                }
                outcome.wakes.formUnion(ending.result.wakes)
                return outcome
            }
        } catch {
            guard error.blamesStatement, db.isInTransaction else { throw error }
            // The next stage is full: the work is done again when there may be room.
            let end: JobEnd =
                error.isStageFull
                ? .snoozed(until: now + Self.fullStageWait, reason: error.message)
                : .dead(errorClass: error.isConstraint ? "constraint" : "statement", reason: error.description)
            let held = try EndJob(ending.job, end, now: now).apply(to: db)
            guard held, case .dead(let errorClass, _) = end else { return Outcome(held: held, end: end) }
            try TellDeadJob(ending.job, stage: ending.stage, errorClass: errorClass, now: now).apply(to: db)
            return Outcome(held: held, end: end, wakes: [StageName.notify.rawValue])
        }
    }

    private func report(_ ending: Ending, _ outcome: Outcome) {
        guard outcome.held else {
            ending.log.log(.warning, "job lease lost", ["job.end": outcome.end.word])
            return
        }
        var fields = ["job.end": outcome.end.word]
        fields["error"] = outcome.end.reason
        switch outcome.end {
        case .dead: ending.log.log(.error, "job is dead", fields)
        case .retry: ending.log.log(.warning, "job will be tried again", fields)
        default: ending.log.log(.info, "job ended", fields)
        }
    }
}

extension JobEnd {
    var word: String {
        switch self {
        case .done: "done"
        case .retry: "retry"
        case .dead: "dead"
        case .released: "released"
        case .snoozed: "snoozed"
        case .cancelled: "cancelled"
        }
    }

    var reason: String? {
        switch self {
        case .done, .released: nil
        case .retry(_, _, let reason), .dead(_, let reason), .snoozed(_, let reason), .cancelled(let reason): reason
        }
    }
}
