import Compression
import Crypto
import Jobs
import Model
import SQLite
import Store

/// What became of an observation that was to be stored.
enum StoringOutcome: Equatable, Sendable {
    /// Kept, with a job that turns it into a snapshot.
    case stored(JobID?)
    /// This very observation is there already; the job is the one that still waits to work on it, if any.
    case known(JobID?)
    /// It lies before the history that the feed keeps, and would be pruned at once.
    case isPast
    /// The feed has another observation of the same moment.
    case contradicts
}

/// Stores one observation with everything that follows from it, in one transaction.
struct ObservationStoring: Sendable {
    let database: Database
    let feed: String
    /// The trace of the command, which all its jobs belong to.
    var traceParent: String?

    func store(_ observation: Observation, now: Timestamp) async throws(SQLiteError) -> StoringOutcome {
        let digest = SHA256.digest(observation.body)
        let id = Snapshot.id(feed: feed, observedAt: observation.observedAt)
        let work = NormalizeRefresh(refresh: id)
        // Compressed before the write lock is taken; most repeats are found before.
        if let known = try await database.run(.pageDigests(of: id)).first {
            guard known == digest.bytes else { return .contradicts }
            return .known(try await database.run(.unfinishedJobs(uniqueKey: work.uniqueKey ?? "")).first?.id)
        }
        if let newest = try await database.run(.newestObservation(feed: feed)).first,
            observation.observedAt < newest - Snapshot.history
        {
            return .isPast
        }
        let page = Page(
            refresh: id, number: 0, url: "import:" + Printable.line(observation.sourceName), status: 200,
            fetchedAt: observation.observedAt, sha256: digest.bytes, rawBytes: observation.body.count,
            bodyGzip: Gzip.compress(observation.body))
        let (feed, traceParent) = (feed, traceParent)
        return try await database.write { db throws(SQLiteError) in
            try db.run(.registerFeed(feed, now: now))
            let started = try db.run(
                Query<String>.startRefresh(
                    feed: feed, origin: .import, observedAt: observation.observedAt, state: "fetched", now: now))
            guard started.isEmpty == false else {
                let known = try db.run(Query<[UInt8]>.pageDigests(of: id)).first
                return known == digest.bytes ? .known(nil) : .contradicts
            }
            try db.run(.savePage(page))
            return .stored(try db.enqueue(work.job(traceParent: traceParent), now: now))
        }
    }
}
