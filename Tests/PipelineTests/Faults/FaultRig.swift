import Daemon
import Glibc
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

/// Everything that is broken on purpose. One scenario at a time: they kill, stop and starve processes, and some need
/// the processor.
@Suite(.serialized) enum FaultTests {}

/// A database that keeps a record of what happened to it, and the processes that a scenario lets loose on it.
final class FaultRig: Sendable {
    let location: DatabaseLocation
    private let directory: TemporaryDirectory?
    private let book = Mutex(Book())

    private struct Book {
        /// Jobs that the queue has acknowledged.
        var enqueued: Set<JobID> = []
        var workers: [String: ChildProcess] = [:]
    }

    /// The lease of the workers unless they are told otherwise. Short, so that a scenario takes seconds.
    static let lease = Duration.milliseconds(1_000)

    /// - Parameter folder: where the database is to be, if that matters.
    init(in folder: String? = nil, durability: Durability = .normal) throws {
        directory = folder == nil ? try TemporaryDirectory() : nil
        location = DatabaseLocation(path: (folder ?? directory?.path ?? "") + "/queue.sqlite", durability: durability)
        let connection = try open()
        try connection.migrate(now: Timestamp(milliseconds: 0))
        try connection.keepFaultRecord()
    }

    func open(readOnly: Bool = false) throws(SQLiteError) -> Connection {
        try Connection(path: location.path, durability: location.durability, readOnly: readOnly)
    }

    /// Starts a worker and waits until it works.
    @discardableResult
    func worker(_ name: String, _ flags: [String] = []) async throws -> ChildProcess {
        let sync = ["--database", location.path, "--name", name, "--sync", location.durability.rawValue]
        let worker = try ChildProcess("FaultWorker", sync + flags)
        book.withLock { $0.workers[name] = worker }
        try await eventually("\(name) is ready") {
            try #require(worker.says("failed:") == nil, "\(worker.output)")
            return worker.says("ready")
        }
        return worker
    }

    /// A process that reads from one old view of the database until it is ended.
    func reader() async throws -> ChildProcess {
        let reader = try ChildProcess("FaultWorker", ["--role", "read", "--database", location.path])
        try await eventually("the reader reads") { reader.says("reading") }
        return reader
    }

    /// Adds jobs of the workers' kinds in one transaction. Half of them ask for a follow-up.
    @discardableResult
    func enqueue(_ count: Int) throws -> [JobID] {
        try enqueue((0..<count).map { Self.job(follows: $0 % 2 == 0) })
    }

    @discardableResult
    func enqueue(_ jobs: [NewJob]) throws -> [JobID] {
        let now = Self.now
        let ids = try open().transaction { db throws(SQLiteError) in
            var ids: [JobID] = []
            for job in jobs {
                if let id = try db.enqueue(job, now: now) { ids.append(id) }
            }
            return ids
        }
        book.withLock { $0.enqueued.formUnion(ids) }
        return ids
    }

    static func job(follows: Bool) -> NewJob { job(payload: "{\"follows\":\(follows)}") }

    static func job(kind: String = "toil", payload: String, version: Int = 1) -> NewJob {
        NewJob(kind: kind, stage: .fetch, payload: payload, payloadVersion: version, maxAttempts: 50)
    }

    /// One number from the database.
    func count(_ sql: StaticString) throws -> Int {
        try open(readOnly: true).run(Query<Int>(sql) { $0.count(0) }).first ?? 0
    }

    /// Waits until no job of the workers' kinds is left to do, and asks the workers to stop.
    func settle(atMost limit: Duration = .seconds(60)) async throws {
        // What is stuck is the verdict's to say, not this wait's.
        _ = try? await eventually("every job has ended", atMost: limit) { try isIdle ? true : nil }
        try await stop()
    }

    /// Whether no job of the workers' kinds is left to do.
    var isIdle: Bool {
        get throws {
            try count(
                "SELECT count(*) FROM job WHERE state IN ('ready', 'scheduled', 'running') AND kind <> 'strange'") == 0
        }
    }

    func stop() async throws {
        let workers = book.withLock { Array($0.workers.values) }
        for worker in workers { worker.signal(SIGTERM) }
        for worker in workers {
            let ending = try await worker.wait()
            #expect(ending == .exited(0) || ending == .killed(SIGKILL), "\(worker.output.suffix(300))")
        }
    }

    var enqueued: Set<JobID> { book.withLock { $0.enqueued } }
    var workers: [String: ChildProcess] { book.withLock { $0.workers } }

    /// Real wall time.
    static var now: Timestamp { SystemClock.now() }
}

extension ChildProcess {
    /// The first line that it has printed with that beginning.
    func says(_ beginning: String) -> Substring? {
        output.split(separator: "\n").first { $0.hasPrefix(beginning) }
    }

    /// How many lines with that beginning it has printed.
    func count(_ beginning: String) -> Int {
        output.split(separator: "\n").count { $0.hasPrefix(beginning) }
    }

    /// When it has sent itself a signal.
    var struck: Timestamp? {
        says("struck ").flatMap { Int64($0.dropFirst(7)) }.map { Timestamp(milliseconds: $0) }
    }
}
