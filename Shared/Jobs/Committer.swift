import Model
import SQLite
import Store
import Synchronization
import Telemetry

/// Stores ended jobs, as many at a time as have gathered: one commit on a durable disk costs the same for one job as
/// for a hundred.
///
/// Each job's writes, its follow-ups and its end stand in one savepoint, kept only if the worker still holds the
/// lease. Writes that the schema refuses, or that cannot be carried out at all, make that job dead and no other.
actor Committer {
    /// A run that is over and waits to be stored.
    struct Ending: Sendable {
        let job: ClaimedJob
        let stage: StageName
        let result: StageResult
        let log: Logger
    }

    /// How long a job waits whose follow-ups found no room.
    private static let fullStageWait: Duration = .seconds(5)

    private let database: Database
    private let now: @Sendable () -> Timestamp
    private let wake: @Sendable (Set<String>) -> Void
    private let pause: @Sendable (Duration) async -> Void
    private let at: @Sendable (WorkerPoint) -> Void
    private var waiting: [Ending] = []
    private var isStoring = false

    init(
        database: Database, now: @escaping @Sendable () -> Timestamp,
        wake: @escaping @Sendable (Set<String>) -> Void,
        pause: @escaping @Sendable (Duration) async -> Void, at: @escaping @Sendable (WorkerPoint) -> Void
    ) {
        self.database = database
        self.now = now
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
        while true {
            do throws(SQLiteError) {
                let outcomes = try await commit(batch)
                at(.stored)
                for (ending, outcome) in zip(batch, outcomes) { report(ending, outcome) }
                wake(outcomes.reduce(into: []) { $0.formUnion($1.wakes) })
                return
            } catch {
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

    private func commit(_ batch: [Ending]) async throws(SQLiteError) -> [Outcome] {
        let (moment, at) = (now(), at)
        return try await database.write { db throws(SQLiteError) in
            var outcomes: [Outcome] = []
            var tally = QueueTally()
            for ending in batch {
                let outcome = try Self.store(ending, in: db, now: moment)
                if outcome.held {
                    tally.count(outcome.end, of: ending.job, stage: ending.stage, at: moment)
                } else {
                    tally.count(.fenced, stage: ending.stage.rawValue, kind: ending.job.kind)
                }
                outcomes.append(outcome)
            }
            try tally.store(in: db, at: moment)
            at(.storing)
            return outcomes
        }
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
            return Outcome(held: held, end: end)
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
