import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store
import Synchronization
import Telemetry

/// The roles that take jobs. Each process stands for election as checkpointer, as every daemon does.
enum Consuming {
    /// The queue's own cost: a transaction that claims a batch, and one that ends it.
    @Sendable static func store(_ options: Options, _ answer: inout JSONWriter) async throws {
        try await measure(drain, options, &answer)
    }

    /// The same as a busy worker has it done: the transaction that ends a batch claims the next one.
    @Sendable static func chain(_ options: Options, _ answer: inout JSONWriter) async throws {
        try await measure(drainInChain, options, &answer)
    }

    private static func measure(
        _ drain: @Sendable (Options, LeaseClock) throws -> Tally, _ options: Options, _ answer: inout JSONWriter
    ) async throws {
        let place = try await Place(options)
        let result = try await place.besideCheckpointer { try drain(options, place.clock) }
        answer.field("started", result.started)
        answer.field("ended", result.ended)
        answer.field("claiming", result.claiming)
        answer.field("jobs", Int64(result.jobs))
    }

    /// On a connection of its own, without changing threads: nothing but what the queue does to the database.
    @Sendable private static func drain(_ options: Options, leases: LeaseClock) throws -> Tally {
        let connection = try Connection(path: options.path, durability: options.durability)
        let name = "store-\(processID())"
        QueueBench.awaitStart()
        var tally = Tally(started: microseconds())
        while tally.jobs < options.jobs {
            let before = microseconds()
            let claimed = try connection.transaction { db throws(SQLiteError) in
                try claim(options, name, leases, in: db)
            }
            tally.claiming += microseconds() - before
            guard !claimed.isEmpty else { break }
            _ = try connection.transaction { db throws(SQLiteError) in
                try FinishJobs(claimed, now: SystemClock.now()).apply(to: db)
            }
            tally.jobs += claimed.count
        }
        tally.ended = microseconds()
        return tally
    }

    @Sendable private static func drainInChain(_ options: Options, leases: LeaseClock) throws -> Tally {
        let connection = try Connection(path: options.path, durability: options.durability)
        let name = "chain-\(processID())"
        QueueBench.awaitStart()
        var tally = Tally(started: microseconds())
        var held: [ClaimedJob] = []
        repeat {
            let before = held
            held = try connection.transaction { db throws(SQLiteError) in
                _ = try FinishJobs(before, now: SystemClock.now()).apply(to: db)
                return try claim(options, name, leases, in: db)
            }
            tally.jobs += before.count
        } while !held.isEmpty
        tally.ended = microseconds()
        return tally
    }

    private static func claim(
        _ options: Options, _ name: String, _ leases: LeaseClock, in db: borrowing Connection
    ) throws(SQLiteError) -> [ClaimedJob] {
        try db.claim(
            kind: NoWork.name, stage: NoWork.stage, limit: options.batch, worker: name,
            leaseUntil: leases.now() + 5_000, now: SystemClock.now())
    }

    private struct Tally: Sendable {
        let started: Int64
        var ended: Int64 = 0
        /// Time spent in the transactions that claim.
        var claiming: Int64 = 0
        var jobs = 0
    }

    /// The whole of what a daemon does for a job, but for the work.
    @Sendable static func worker(_ options: Options, _ answer: inout JSONWriter) async throws {
        let place = try await Place(options)
        let looking = try options.location.openForReading()
        let worker = try place.worker(KindRunner(NoStage { _ in }))
        let started = try await place.besideCheckpointer {
            QueueBench.awaitStart()
            let started = microseconds()
            try await working(worker) {
                while try await !looking.run(.unfinished(kind: NoWork.name)).isEmpty {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            return started
        }
        answer.field("started", started)
    }

    @Sendable static func listen(_ options: Options, _ answer: inout JSONWriter) async throws {
        let place = try await Place(options)
        let starts = Mutex<[Int: Int64]>([:])
        let worker = try place.worker(
            KindRunner(NoStage { work in starts.withLock { $0[work.number] = microseconds() } }))
        try await place.besideCheckpointer {
            try await working(worker) {
                // Long enough for the worker to have its bell.
                try await Task.sleep(for: .milliseconds(200))
                QueueBench.awaitStart()
                while starts.withLock({ $0.count }) < options.jobs { try await Task.sleep(for: .milliseconds(20)) }
            }
        }
        answer.field("began", starts.withLock { starts in (0..<options.jobs).map { starts[$0] ?? 0 } })
    }

    /// Lets the worker work for as long as `body` takes.
    private static func working(_ worker: Worker, while body: @escaping @Sendable () async throws -> Void) async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

/// What a worker needs, opened.
struct Place: Sendable {
    let database: Database
    let clock: LeaseClock
    private let location: DatabaseLocation
    private let log = Console.logger(.error, process: "QueueBench", environment: .ofProcess)

    init(_ options: Options) async throws {
        location = options.location
        database = try location.open(now: SystemClock.now())
        clock = try await LeaseClock.join(
            database, boot: SystemClock.bootID(), sinceBoot: SystemClock.sinceBoot, now: SystemClock.now)
    }

    func worker(_ runner: KindRunner) throws -> Worker {
        guard let doorbell = Doorbell(directory: location.bells) else { throw NoDoorbell() }
        return Worker(
            [runner], name: "worker-\(processID())", database: database, doorbell: doorbell, clock: clock, log: log,
            now: SystemClock.now, chance: { Double.random(in: 0..<1) })
    }

    func besideCheckpointer<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        let checkpointer = Checkpointer(location, log: log, now: SystemClock.now)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await checkpointer.run() }
            let result = try await body()
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }
}
