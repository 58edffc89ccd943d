import Crypto
import Daemon
import Model
import SQLite
import Store
import Synchronization
import Telemetry

/// What all endpoints share: the database once it can be used, what is published, and whether the process is ready.
final class Site: Sendable {
    /// The open database: one connection that writes, one that reads beside it.
    struct Open: Sendable {
        let writer: Database
        let reader: Database
        let cursorKey: [UInt8]
    }

    /// Why the process is or is not ready.
    enum State: Sendable {
        case opening(String)
        case open(Open)
        case draining
    }

    let settings: ApiSettings
    let feeds: PublishedFeeds
    let doorbell: Mutex<Doorbell?> = Mutex(nil)
    let startedAt: Timestamp
    private let state = Mutex(State.opening("starting"))
    private let log: Logger

    init(_ settings: ApiSettings, log: Logger) {
        self.settings = settings
        feeds = PublishedFeeds(profiles: settings.profiles)
        self.log = log
        startedAt = SystemClock.now()
    }

    var current: State { state.withLock { $0 } }

    /// The database, once it has been opened.
    var open: Open? {
        if case .open(let open) = current { open } else { nil }
    }

    func drain() { state.withLock { $0 = .draining } }

    /// Opens the database, trying again every second: the process answers `/livez` meanwhile and is not ready.
    func openWhenPossible() async -> Open? {
        var said = ""
        while !Task.isCancelled {
            do {
                let open = try await openNow()
                state.withLock { $0 = .open(open) }
                return open
            } catch {
                let reason = "\(error)"
                state.withLock { $0 = .opening(reason) }
                if reason != said { log.log(.error, "not ready", ["reason": reason]) }
                said = reason
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }

    private func openNow() async throws -> Open {
        let location = settings.location
        let writer = try location.open(now: SystemClock.now())
        let reader = try location.openForReading()
        let key = try await writer.write { db throws(SQLiteError) in
            try db.run(Query<Void>.offerServiceKey("cursor", bytes: RandomBytes.generate(32)))
            return try db.run(Query<[UInt8]>.serviceKey("cursor")).first ?? []
        }
        doorbell.withLock { $0 = Doorbell(directory: location.bells) }
        return Open(writer: writer, reader: reader, cursorKey: key)
    }

    func ring(_ name: String) { doorbell.withLock { $0 }?.ring(name) }

    /// Keeps what is published up to date until the task is cancelled: at each ring, and twice a second in case that
    /// a ring was lost.
    func follow(_ open: Open) async throws {
        let (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let bell = doorbell.withLock { $0 }?.listen(as: "api.\(processID())") { continuation.yield() }
        defer { withExtendedLifetime(bell) {} }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(500))
                    continuation.yield()
                }
            }
            group.addTask { [feeds, log] in
                var rings = rings.makeAsyncIterator()
                repeat {
                    do throws(SQLiteError) {
                        try await feeds.refresh(from: open.reader)
                        ServiceNotice.alive()
                    } catch {
                        log.log(.warning, "published state could not be read", ["error": "\(error)"])
                    }
                } while await rings.next() != nil && !Task.isCancelled
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Whether the database takes a write now; the answer is the reason why not.
    func writeFault() async -> String? {
        guard let open else {
            if case .opening(let reason) = current { return reason }
            return "draining"
        }
        do throws(SQLiteError) {
            _ = try await open.writer.write { db throws(SQLiteError) in
                try db.run(Query<Void>.offerServiceKey("write-probe", bytes: [UInt8](repeating: 0, count: 16)))
            }
            let free = FileSize.free(at: settings.location.path) ?? .max
            return free < 1 << 20 ? "less than 1 MiB of disk is free" : nil
        } catch {
            return error.message
        }
    }
}
