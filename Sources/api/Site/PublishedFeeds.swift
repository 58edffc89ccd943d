import Daemon
import Deployment
import Model
import SQLite
import Store
import Synchronization

/// What is published, in memory: the newest view of each feed, a few earlier ones that readers page through, and the
/// v3 document.
///
/// Readers take a whole value under a lock that is held for a copy of references; loading happens outside it.
final class PublishedFeeds: Sendable {
    private let profiles: ScoreProfiles
    /// Everything that readers may ask for; replaced as one.
    struct Edition: Sendable {
        var serial: Int64 = -1
        var feeds: [String] = []
        var newest: [String: ModelIndex] = [:]
        var earlier: [String: ModelIndex] = [:]
        var v3: Document?
    }

    private let edition = Mutex(Edition())
    private let waiting = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let numbers = Atomic<Int>(0)

    init(profiles: ScoreProfiles) {
        self.profiles = profiles
    }

    var current: Edition { edition.withLock { $0 } }

    /// Loads what has changed since the last time; cheap where nothing has.
    func refresh(from database: Database) async throws(SQLiteError) {
        let known = current
        let fresh = try await database.read { db throws(SQLiteError) -> Edition? in
            let serial = try db.run(.newestSerial()).first ?? 0
            guard serial != known.serial else { return nil }
            return try load(serial, known, from: db)
        }
        guard let fresh else { return }
        edition.withLock { $0 = fresh }
        try await database.access { db throws(SQLiteError) in db.releaseMemory() }
        ProcessMemory.trim()
        for continuation in waiting.withLock({ Array($0.values) }) { continuation.yield() }
    }

    /// The view of a snapshot that a cursor is pinned to; `nil` once it is no longer kept.
    func view(snapshot id: String, from database: Database) async throws(SQLiteError) -> ModelIndex? {
        let known = current
        if let view = known.newest.values.first(where: { $0.publication.snapshot.id == id }) { return view }
        if let view = known.earlier[id] { return view }
        return try await database.read { db throws(SQLiteError) -> ModelIndex? in
            // Others may have waited for the same one.
            if let view = current.earlier[id] { return view }
            guard let publication = try db.run(.publication(snapshot: id)).first else { return nil }
            let view = try ModelIndex.load(publication, profiles: profiles, from: db)
            edition.withLock { $0.earlier[id] = view }
            return view
        }
    }

    /// One element for each change from now on.
    func changes() -> AsyncStream<Void> {
        let number = numbers.add(1, ordering: .relaxed).newValue
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        waiting.withLock { $0[number] = continuation }
        continuation.onTermination = { [weak self] _ in
            self?.waiting.withLock { $0[number] = nil }
        }
        return stream
    }

    private func load(
        _ serial: Int64, _ known: Edition, from db: borrowing Connection
    ) throws(SQLiteError) -> Edition {
        var fresh = Edition(serial: serial, feeds: try db.run(.feedNames()))
        for feed in fresh.feeds {
            guard let publication = try db.run(.newestPublication(feed: feed)).first else { continue }
            if let view = known.newest[feed], view.publication.serial == publication.serial {
                fresh.newest[feed] = view
            } else {
                fresh.newest[feed] = try ModelIndex.load(publication, profiles: profiles, from: db)
                // A reader may be in the middle of the one that is replaced.
                if let replaced = known.newest[feed], replaced.publication.snapshot.id != publication.snapshot.id {
                    fresh.earlier[replaced.publication.snapshot.id] = replaced
                }
            }
        }
        fresh.feeds = fresh.feeds.filter { fresh.newest[$0] != nil }
        fresh.v3 = try db.run(.document("v3/snapshot")).first
        return fresh
    }
}
