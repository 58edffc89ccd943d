import Contracts
import Jobs
package import Model
import Pricing
package import SQLite
import Store

/// What the sessions of one transaction need to know, looked up once for all of them, and those among them that are new
/// until they are written together. It holds for that transaction alone: what it knows of rows is not so any more once
/// they were taken back.
package struct RecordingDesk {
    /// A session that nobody has been told of, with all that is stored with it.
    struct NewSession {
        let row: SessionRow
        let usage: SessionUsageRow
        let events: [CanonicalEvent]
        /// The name and the row of the key that it was taken under; `nil`: the session says it itself.
        let key: (name: String, row: IngestKeyRow)?
    }

    let now: Timestamp
    private let prices: PriceDesk
    private var shelf: PriceShelf?
    private var buckets: [UsageBucket: Int64] = [:]
    private var sumsAreAsked = false
    private var alertsAreAsked = false
    private var new: [NewSession] = []
    private var lastID: Int64?

    package init(prices: PriceDesk, now: Timestamp) {
        self.prices = prices
        self.now = now
    }

    mutating func shelf(on db: borrowing Connection) throws(SQLiteError) -> PriceShelf {
        if let shelf { return shelf }
        let found = try prices.shelf(on: db)
        shelf = found
        return found
    }

    mutating func bucketID(_ bucket: UsageBucket, in db: borrowing Connection) throws(SQLiteError) -> Int64 {
        if let id = buckets[bucket] { return id }
        let id = try db.usageBucket(bucket)
        buckets[bucket] = id
        return id
    }

    /// To be called before usage is stored, and before anything else is asked for: a full queue has no place for both.
    /// Where something waits to be summed, a job that will sum it has been asked for.
    mutating func askForSums(in db: borrowing Connection) throws(SQLiteError) {
        guard !sumsAreAsked else { return }
        if try db.run(Query<Int64>.anyPendingUsage()).isEmpty { try db.askToSumUsage(after: SumUsage.gather, now: now) }
        sumsAreAsked = true
    }

    mutating func askForAlerts(in db: borrowing Connection) throws(SQLiteError) {
        guard !alertsAreAsked else { return }
        try db.askForAlerts(now: now)
        alertsAreAsked = true
    }

    /// What is to be written with others: the text index writes what it has gathered at each statement.
    mutating func add(_ session: NewSession, to db: borrowing Connection) throws(SQLiteError) {
        new.append(session)
        if new.count == Query<Void>.sessionsAtOnce { try finish(in: db) }
    }

    /// Whether the database does not say yet what is known of a session or a key.
    func holds(_ sessionID: String, _ key: String) -> Bool {
        new.contains { $0.row.sessionID == sessionID || $0.key?.name == key }
    }

    /// Writes the sessions that are new. Nothing of them is stored without it.
    package mutating func finish(in db: borrowing Connection) throws(SQLiteError) {
        guard !new.isEmpty else { return }
        if lastID == nil { lastID = try db.run(Query<Int64>.lastSessionKey()).first }
        let first = (lastID ?? 0) + 1
        lastID = first + Int64(new.count) - 1
        try db.run(
            Query<Void>.addSessions(new.enumerated().map { (first + Int64($0), $1.row, $1.usage.facts.cost) }))
        for (place, session) in new.enumerated() {
            var usage = session.usage
            usage.sessionKey = first + Int64(place)
            try db.run(Query<Void>.addUsage(usage))
            try db.save(session.events, of: session.row.sessionID)
            guard let key = session.key else { continue }
            try db.run(
                Query<Void>.keepIngestKey(key.name, key.row, of: session.row.sessionID, until: now + IngestKey.life))
        }
        new = []
    }
}
