import Jobs
import Model
import SQLite
import Store
import Telemetry

/// Lets deliveries start whose time has come, ends those whose job was lost, and deletes what is no longer kept.
///
/// Every notifier runs one. What they do is decided within transactions, so it does not matter who is first.
struct DueDeliveries: Sendable {
    /// How many subscriptions one transaction looks at.
    private static let batch = 50
    private static let longestPause = Duration.milliseconds(250)
    private static let period = Duration.seconds(60)
    /// How many deliveries one transaction deletes, each with up to ten attempts.
    private static let pruned = 200
    /// So many events stay however old they are.
    private static let keptEvents = 10_000

    let database: Database
    /// How long ended deliveries and their events are kept.
    let kept: Duration
    let log: Logger
    let now: @Sendable () -> Timestamp
    /// Wakes the workers.
    let ring: @Sendable () -> Void
    let pause: @Sendable (Duration) async -> Void

    /// Works until the task is cancelled.
    func run() async throws {
        var nextUpkeep = now()
        while !Task.isCancelled {
            do throws(SQLiteError) {
                if now() >= nextUpkeep {
                    nextUpkeep = now() + Self.period / 4
                    if try await isTurn() { try await upkeep() }
                }
                let next = try await startDue()
                await pause(min(Self.longestPause, max(.milliseconds(1), next.map { $0 - now() } ?? Self.longestPause)))
            } catch {
                guard error.isBusy || error.isDiskFull else { throw error }
                log.log(.warning, "deliveries wait", ["error": error.message])
                await pause(.seconds(1))
            }
        }
    }

    /// Lets those start whose time has come. Answers when the next one may.
    func startDue() async throws(SQLiteError) -> Timestamp? {
        let moment = now()
        let soon = try await database.run(.startable(limit: Self.batch))
        let due = soon.filter { $0.at <= moment }.map(\.subscription)
        guard !due.isEmpty else { return soon.first?.at }
        try await admit(due, moment)
        // Those that follow may be due as well.
        return moment
    }

    /// What needs to be done once a minute, by one of all notifiers.
    func upkeep() async throws(SQLiteError) {
        let moment = now()
        try await adopt(moment)
        try await prune(moment)
    }

    private func admit(_ subscriptions: [String], _ moment: Timestamp) async throws(SQLiteError) {
        try await database.write { db throws(SQLiteError) in
            for subscription in subscriptions {
                try AdmitDeliveries(of: subscription, now: moment).apply(to: db)
            }
        }
        ring()
    }

    private func isTurn() async throws(SQLiteError) -> Bool {
        let moment = now()
        return try await database.write { db throws(SQLiteError) in
            try db.tick("webhook-upkeep", every: Self.period, now: moment)
        }
    }

    /// Deliveries whose job is over without having ended them would wait for ever. One that an operator cancelled is
    /// cancelled; one whose job was given up has failed; what else there is goes on.
    private func adopt(_ moment: Timestamp) async throws(SQLiteError) {
        guard try await !database.run(.orphanedDeliveries()).isEmpty else { return }
        let orphans = try await database.write { db throws(SQLiteError) in
            let orphans = try db.run(.orphanedDeliveries())
            for orphan in orphans {
                switch orphan.jobState {
                case .cancelled: try end(orphan, .cancelled, db, moment)
                case .dead: try end(orphan, .failed, db, moment)
                default: try db.run(Query<Void>.releaseDelivery(id: orphan.id))
                }
            }
            for subscription in Set(orphans.map(\.subscription)) {
                try AdmitDeliveries(of: subscription, now: moment).apply(to: db)
            }
            return orphans
        }
        log.log(.warning, "deliveries had lost their jobs", ["deliveries": "\(orphans.count)"])
        ring()
    }

    private func end(
        _ orphan: OrphanedDelivery, _ state: Delivery.State, _ db: borrowing Connection, _ moment: Timestamp
    ) throws(SQLiteError) {
        try db.run(Query<Void>.endDelivery(id: orphan.id, state: state, attempts: orphan.attempts, now: moment))
    }

    private func prune(_ moment: Timestamp) async throws(SQLiteError) {
        try await database.run(Query<Void>.dropExpiredKeys(now: moment))
        var count = 0
        while !Task.isCancelled {
            let deliveries = try await database.run(
                .pruneDeliveries(endedBefore: moment - kept, limit: Self.pruned)
            ).count
            let events = try await database.run(
                .pruneEvents(before: moment - kept, keeping: Self.keptEvents, limit: Self.pruned)
            ).count
            count += deliveries
            if deliveries < Self.pruned, events < Self.pruned { break }
            // Others that wait for the write lock go first.
            await pause(.milliseconds(20))
        }
        if count > 0 { log.log(.info, "deliveries pruned", ["deliveries": "\(count)"]) }
    }
}
