import Daemon
package import Model
package import SQLite
package import Store
package import Telemetry

/// Keeps the database small: deletes jobs that ended long ago and what is remembered of old requests, makes old counts
/// coarser, and keeps the ballast. It also looks how much waits, for who asks an hour later.
///
/// Every process runs one; each round is a tick of a period that they share, so one of them does the work.
package struct Housekeeper: Sendable {
    /// How many jobs one transaction deletes: a few milliseconds of the write lock.
    static let batch = 500
    private static let period: Duration = .seconds(60)

    private let database: Database
    private let location: DatabaseLocation
    private let log: Logger
    private let now: @Sendable () -> Timestamp
    private let pause: @Sendable (Duration) async -> Void

    /// - Parameter pause: between two batches, and until the next look; it ends early when the task is cancelled.
    package init(
        _ database: Database, _ location: DatabaseLocation, log: Logger, now: @escaping @Sendable () -> Timestamp,
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        self.database = database
        self.location = location
        self.log = log
        self.now = now
        self.pause = pause
    }

    /// Works until the task is cancelled.
    package func run() async throws {
        while !Task.isCancelled {
            do throws(SQLiteError) {
                if try await isTurn() { try await round() }
            } catch {
                guard error.isBusy || error.isDiskFull else { throw error }
                log.log(.warning, "housekeeping waits", ["error": error.message])
            }
            await pause(Self.period / 4)
        }
    }

    /// Whether this process is the one that cleans up this time.
    private func isTurn() async throws(SQLiteError) -> Bool {
        let moment = now()
        return try await database.write { db throws(SQLiteError) in
            try db.tick("housekeeping", every: Self.period, now: moment)
        }
    }

    /// What the api remembers of requests whose time is over.
    private func forgetRequests(_ moment: Timestamp) async throws(SQLiteError) {
        while !Task.isCancelled {
            let rates = try await database.run(.forgetRates(before: moment, limit: Self.batch)).count
            let answers = try await database.run(.forgetAnswers(now: moment, limit: Self.batch)).count
            let claims = try await database.run(.forgetClaims(now: moment, limit: Self.batch)).count
            let keys = try await database.run(.forgetIngestKeys(now: moment, limit: Self.batch)).count
            if max(rates, answers, claims, keys) < Self.batch { return }
            await pause(.milliseconds(20))
        }
    }

    /// Looks through the jobs by number, up to those that are too young to have ended so long ago. What is older and
    /// stays, because it waits or is dead, is looked at each time, without the write lock.
    /// - Returns: how many jobs were deleted.
    private func pruneJobs(endedBefore edge: Timestamp) async throws(SQLiteError) -> Int {
        var pruned = 0
        var place = JobID(0)
        while !Task.isCancelled {
            let seen = try await database.run(.jobs(after: place, endedBefore: edge, limit: Self.batch))
            let ids = seen.filter(\.isOver).map(\.id)
            if !ids.isEmpty {
                pruned += try await database.write { db throws(SQLiteError) in
                    try db.change(.prune(ids, endedBefore: edge))
                }
            }
            guard let last = seen.last, seen.count == Self.batch, last.createdAt < edge else { break }
            place = last.id
            // Others that wait for the write lock go first.
            if !ids.isEmpty { await pause(.milliseconds(20)) }
        }
        return pruned
    }

    /// One round: to be called again until it is through.
    func round() async throws(SQLiteError) {
        let moment = now()
        try await database.write { db throws(SQLiteError) in
            try db.sampleBacklog(now: moment)
            try db.foldCounts(now: moment)
            try db.run(Query<Void>.releaseUniqueKeys(now: moment))
        }
        let pruned = try await pruneJobs(endedBefore: moment - location.retention.ended)
        try await forgetRequests(moment)
        if pruned > 0 { log.log(.info, "jobs pruned", ["jobs": "\(pruned)"]) }
        if let bytes = Ballast.keep(at: location.ballast, bytes: location.retention.ballast) {
            log.log(.info, "ballast made", ["bytes": "\(bytes)"])
        }
    }
}
