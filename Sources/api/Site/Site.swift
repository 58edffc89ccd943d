import Crypto
import Daemon
import HTTPClient
import HTTPServer
import Ledger
import Model
import SQLite
import Store
import Synchronization
import Telemetry

/// What all endpoints share: the database once it can be used, what is published, and whether the process is ready.
final class Site: Sendable {
    /// The open database: one connection that writes, one that reads beside it, and one that loads whole snapshots:
    /// that of a whole Hub takes many seconds, and no reader should wait behind it.
    struct Open: Sendable {
        let writer: Database
        let reader: Database
        let loader: Database
        let cursorKey: [UInt8]
        /// Reads the ledger, beside the reader of all else.
        let ledgerReader: Database
        let ledger: any LedgerRepository
        let alerts: any AlertRepository
        let usage: any UsageRepository
        let performance: any PerformanceRepository
        let ingest: GroupCommit
    }

    typealias Resolve = @Sendable (_ host: String) async throws(ClientError) -> [String]

    /// Why the process is or is not ready.
    enum State: Sendable {
        case opening(String)
        case open(Open)
        /// Requests are still answered; no more should be sent.
        case draining(Open?)
    }

    let settings: ApiSettings
    let feeds: PublishedFeeds
    let bodies = BodyCache()
    let limiter: RateLimiter
    private let probe: WriteProbe
    let ingests = IngestMeter()
    let doorbell: Mutex<Doorbell?> = Mutex(nil)
    /// All addresses of a host name.
    let resolve: Resolve
    let startedAt: Timestamp
    private let state: OpenState
    private let isSettled = Atomic<Bool>(false)
    private let lastLook = Mutex(ContinuousClock.now)
    private let log: Logger

    var version: String { Release.version }

    init(_ settings: ApiSettings, log: Logger, probe: WriteProbe = WriteProbe(), resolve: @escaping Resolve) {
        self.probe = probe
        self.settings = settings
        self.resolve = resolve
        feeds = PublishedFeeds(profiles: settings.profiles)
        self.log = log
        let state = OpenState()
        self.state = state
        limiter = RateLimiter { state.open }
        startedAt = SystemClock.now()
    }

    var current: State { state.current }

    /// The database, once it has been opened.
    var open: Open? { state.open }

    func drain() { state.drain() }

    /// What is published is loaded, or it is known why it cannot be.
    var hasSettled: Bool { isSettled.load(ordering: .acquiring) }

    func settle() { isSettled.store(true, ordering: .releasing) }

    /// Since it was last looked what is published; nothing while the first look is under way.
    var sinceLook: Duration { ContinuousClock.now - lastLook.withLock { $0 } }

    private func looked() { lastLook.withLock { $0 = .now } }

    /// Opens the database, trying again every second: the process answers `/livez` meanwhile and is not ready.
    func openWhenPossible() async -> Open? {
        var said = ""
        while !Task.isCancelled {
            do {
                let open = try await openNow()
                state.set(.open(open))
                looked()
                return open
            } catch {
                let reason = "\(error)"
                state.set(.opening(reason))
                if reason != said { log.log(.error, "not ready", ["reason": reason]) }
                said = reason
                settle()
                ServiceNotice.alive()
                ServiceNotice.status("is not ready: \(reason)")
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }

    func openNow() async throws -> Open {
        let location = settings.location
        let writer = try location.open(now: SystemClock.now())
        let reader = try location.openForReading()
        let loader = try location.openForReading()
        let key = try await writer.write { db throws(SQLiteError) in
            try db.run(Query<Void>.offerServiceKey("cursor", bytes: RandomBytes.generate(32)))
            return try db.run(Query<[UInt8]>.serviceKey("cursor")).first ?? []
        }
        doorbell.withLock { $0 = Doorbell(directory: location.bells) }
        try await offerFirstPrices(writer)
        if !settings.keepsSessions, try await reader.run(.sessionCounts()).isEmpty == false {
            throw SessionsExist()
        }
        // Of its own: who sums up a year of sessions should hold up nobody who reads a model.
        let ledgerReader = try location.openForReading()
        let ledger = SQLiteLedger(writer: writer, reader: ledgerReader)
        return Open(
            writer: writer, reader: reader, loader: loader, cursorKey: key, ledgerReader: ledgerReader,
            ledger: ledger,
            alerts: SQLiteAlerts(writer: writer, reader: ledgerReader), usage: SQLiteUsage(ledgerReader),
            performance: SQLitePerformance(ledgerReader),
            // Nobody is woken: what follows is to be done in a second, and found by then.
            ingest: GroupCommit(ledger, now: SystemClock.now) { [ingests] in ingests.count(group: $0) })
    }

    /// A database without a price book gets the configuration's, so that the first session has a cost.
    private func offerFirstPrices(_ writer: Database) async throws {
        guard try await writer.run(.newestPriceBook()).first == 0 else { return }
        guard let first = try settings.folder.firstPriceBook() else { return }
        let now = SystemClock.now()
        let isAdded = try await writer.write { db throws(SQLiteError) in try first.offer(to: db, now: now) }
        if isAdded { log.log(.info, "price book imported", ["version": first.version]) }
    }

    /// The answer where the ledger failed; the reason is logged and not told.
    func answer(_ failure: LedgerFailure) -> Response {
        switch failure {
        case .unavailable(let reason): log.log(.warning, "ledger unavailable", ["error": reason])
        case .broken(let reason): log.log(.error, "ledger failed", ["error": reason])
        }
        return LedgerAnswer.failure(failure)
    }

    /// The state, apart from the site, for those who need the open database alone.
    private final class OpenState: Sendable {
        private let state = Mutex(State.opening("starting"))

        var current: State { state.withLock { $0 } }

        var open: Open? {
            switch current {
            case .open(let open): open
            case .draining(let open): open
            case .opening: nil
            }
        }

        func drain() { set(.draining(open)) }

        func set(_ next: State) { state.withLock { $0 = next } }
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
            group.addTask { [self] in
                var rings = rings.makeAsyncIterator()
                repeat {
                    do throws(SQLiteError) {
                        try await feeds.refresh(from: open.loader)
                        looked()
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
    func writeFault() async -> WriteProbe.Fault? {
        guard let open else {
            if case .opening(let reason) = current { return WriteProbe.Fault(reason: reason) }
            return WriteProbe.Fault(reason: "draining")
        }
        let path = settings.location.path
        return await probe.fault { await Self.writeFault(open, path) }
    }

    private static func writeFault(_ open: Open, _ path: String) async -> WriteProbe.Fault? {
        do throws(SQLiteError) {
            let schema = try await open.writer.write { db throws(SQLiteError) in
                try db.run(Query<Void>.offerServiceKey("write-probe", bytes: [UInt8](repeating: 0, count: 16)))
                return try db.schemaVersion()
            }
            // Another release has migrated it since it was opened.
            if schema != Migration.newest {
                return WriteProbe.Fault(
                    reason: "the schema is \(schema), and not \(Migration.newest)", isOfSchema: true)
            }
            let free = FileSize.free(at: path) ?? .max
            return free < 1 << 20 ? WriteProbe.Fault(reason: "less than 1 MiB of disk is free") : nil
        } catch {
            return WriteProbe.Fault(reason: error.message)
        }
    }
}

/// The database holds sessions, and the settings say that none are kept there.
struct SessionsExist: Error, CustomStringConvertible {
    let description =
        "HELICARRIER_ENABLE_SQLITE is false, but the database holds sessions: set it to true, or use another database"
}
