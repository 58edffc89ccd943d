package import Jobs
package import Model
package import SQLite
import Store

/// What computing costs anew changed, or would change.
package struct RepricingTally: Equatable, Sendable {
    package var looked = 0
    /// Sessions whose cost, tokens or version are others now.
    package var changed = 0
    /// The cost of all that was looked at, before and after, where it is known.
    package var before: Int64 = 0
    package var after: Int64 = 0

    package init() {}

    package static func += (left: inout RepricingTally, right: RepricingTally) {
        left.looked += right.looked
        left.changed += right.changed
        left.before &+= right.before
        left.after &+= right.after
    }
}

extension Connection {
    /// One batch: the sessions after one of a span, priced with what is known now. What changes becomes a new revision,
    /// and the one before stays.
    /// - Parameter isDry: only counts.
    /// - Returns: the last session that was looked at; `nil` when there are no more.
    package func reprice(
        from: Timestamp, through: Timestamp, after: Int64, limit: Int, prices: PriceDesk, isDry: Bool, now: Timestamp
    ) throws(SQLiteError) -> (tally: RepricingTally, last: Int64?) {
        let rows = try run(
            Query<SessionUsageRow>.usageToReprice(from: from, through: through, after: after, limit: limit))
        let shelf = try prices.shelf(on: self)
        var tally = RepricingTally()
        let waited = isDry ? true : try !run(Query<Int64>.anyPendingUsage()).isEmpty
        for row in rows {
            guard let bucket = try run(Query<UsageBucket>.usageBucket(row.facts.bucketID)).first else { continue }
            var next = row
            next.price(StatedUsage(json: row.stated), model: bucket.modelID, shelf: shelf, anew: true, now: now)
            tally.looked += 1
            tally.before &+= row.facts.cost ?? 0
            tally.after &+= next.facts.cost ?? 0
            guard next.differs(from: row) else { continue }
            tally.changed += 1
            guard !isDry else { continue }
            next.revision = row.revision + 1
            try run(Query<Void>.supersedeUsage(of: row.sessionKey, revision: row.revision, now: now))
            try run(Query<Void>.addUsage(next))
            try run(Query<Void>.showCost(next.facts.cost, of: row.sessionKey))
        }
        if tally.changed > 0, !waited { try askToSumUsage(now: now) }
        return (tally, rows.count == limit ? rows.last?.sessionKey : nil)
    }
}

extension SessionUsageRow {
    /// Beside the moment at which it was computed.
    fileprivate func differs(from other: SessionUsageRow) -> Bool {
        var same = self
        same.computedAt = other.computedAt
        return same != other
    }
}

/// One batch of ``RepriceSessions`` and the job for the next, in the transaction that ends the job.
package struct RepriceBatch: Write {
    package static let batch = 1_000

    private let work: RepriceSessions
    private let prices: PriceDesk
    private let job: JobID
    private let now: Timestamp

    package init(_ work: RepriceSessions, prices: PriceDesk, job: JobID, now: Timestamp) {
        self.work = work
        self.prices = prices
        self.job = job
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let (_, last) = try connection.reprice(
            from: work.from, through: work.through, after: work.after, limit: Self.batch, prices: prices, isDry: false,
            now: now)
        try connection.askForAlerts(now: now)
        guard let last else { return }
        let next = RepriceSessions(from: work.from, through: work.through, after: last)
        try connection.enqueue(next.job(parent: job), now: now)
    }
}
