import Daemon
import Glibc
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit

/// A daemon that does nothing useful, with the product's worker, committer, checkpointer and doorbell: what the fault
/// tests kill, stop and starve. It says on standard output what happens to it; `done N` is its word that job N is
/// stored.
@main
struct FaultWorker {
    static func main() async {
        _ = signal(SIGPIPE, SIG_IGN)
        let orders = Orders.ofProcess
        do {
            try await runUntilStopped {
                switch orders.role {
                case .prepare: try prepare(orders)
                case .work: try await work(orders)
                case .read: try await read(orders)
                }
            }
            exit(0)
        } catch {
            Console.print("failed: \(error)")
            exit(1)
        }
    }

    private static func prepare(_ orders: Orders) throws {
        let now = orders.now()
        let connection = try Connection(path: orders.location.path)
        try connection.migrate(now: now)
        try connection.keepFaultRecord()
        try connection.transaction { db throws(SQLiteError) in
            for _ in 0..<orders.jobs { try db.enqueue(Toil(follows: false).job(), now: now) }
        }
    }

    private static func work(_ orders: Orders) async throws {
        let database = try orders.location.open(now: orders.now())
        guard let doorbell = Doorbell(directory: orders.location.bells) else {
            throw DoorbellFault(directory: orders.location.bells)
        }
        let clock = try await LeaseClock.join(
            database, boot: SystemClock.bootID(), sinceBoot: SystemClock.sinceBoot, now: orders.now)
        let queue = try Database(path: orders.location.path, durability: orders.location.durability)
        let worker = Worker(
            [KindRunner(TracedStage<Toil>()), KindRunner(TracedStage<Echo>()), KindRunner(TracedStage<Tick>())],
            name: orders.name, database: queue, doorbell: doorbell, clock: clock, timing: orders.timing, log: log,
            now: orders.now, chance: { 0.5 },
            at: { point in
                switch point {
                case .claimed: orders.strike?.pass(.afterClaim)
                case .storing: orders.strike?.pass(.beforeCommit)
                case .stored: orders.strike?.pass(.afterCommit)
                }
            })
        let checkpointer = Checkpointer(orders.location, log: log, now: orders.now, pace: .milliseconds(20))
        Console.print("ready")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            group.addTask { try await checkpointer.run() }
            group.addTask { try await dieWithParent() }
            if let tick = orders.tick {
                group.addTask { try await fire(every: tick, database, doorbell, now: orders.now) }
            }
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
    }

    /// A test process that is killed cannot end those that it has started.
    private static func dieWithParent() async throws {
        let parent = getppid()
        while getppid() == parent {
            guard !Task.isCancelled else { return }
            try? await Task.sleep(for: .milliseconds(200))
        }
        exit(1)
    }

    /// Every process asks for the tick far more often than it comes.
    private static func fire(
        every tick: Duration, _ database: Database, _ doorbell: Doorbell, now: @Sendable () -> Timestamp
    ) async throws {
        while !Task.isCancelled {
            let moment = now()
            let fired = try await database.write { db throws(SQLiteError) in
                try db.firePeriodic("tick", every: tick, job: Tick().job(), now: moment)
            }
            if fired != nil { doorbell.ring(StageName.fetch.rawValue) }
            try? await Task.sleep(for: tick / 10)
        }
    }

    private static func read(_ orders: Orders) async throws {
        let connection = try Connection(path: orders.location.path, readOnly: true)
        try connection.runScript("BEGIN; SELECT count(*) FROM effect")
        Console.print("reading")
        try await Task.sleep(for: .seconds(600))
    }

    private static var log: Logger {
        Logger { event in
            switch (event.name, event.fields["job.end"]) {
            case ("job ended", "done"): Console.print("done \(event.fields["job.id"] ?? "")")
            case ("leases renewed", _): break
            default:
                Console.print(
                    [event.name, event.fields["job.id"], event.fields["error"]].compactMap(\.self)
                        .joined(separator: " "))
            }
        }
    }
}
