package import Daemon
import Model
package import SQLite
package import Store
package import Telemetry

/// What every daemon of the pipeline is made of: a database, a place in the election of the checkpointer, and a
/// worker for the kinds of its stage.
package struct PipelineProcess: Sendable {
    /// For the stages.
    package let database: Database
    /// The worker's own: a stage that reads for long must not hold up heartbeats.
    private let queue: Database
    package let doorbell: Doorbell
    package let clock: LeaseClock
    package let log: Logger
    private let location: DatabaseLocation

    /// Opens everything; the error of a place that cannot be used names the place.
    package static func open(_ location: DatabaseLocation, log: Logger) async throws -> PipelineProcess {
        let database = try location.open(now: SystemClock.now())
        guard let doorbell = Doorbell(directory: location.bells) else { throw DoorbellFault(directory: location.bells) }
        let clock = try await LeaseClock.join(
            database, boot: SystemClock.bootID(), sinceBoot: SystemClock.sinceBoot, now: SystemClock.now)
        let queue = try Database(path: location.path, durability: location.durability)
        return PipelineProcess(
            database: database, queue: queue, doorbell: doorbell, clock: clock, log: log, location: location)
    }

    private init(
        database: Database, queue: Database, doorbell: Doorbell, clock: LeaseClock, log: Logger,
        location: DatabaseLocation
    ) {
        self.database = database
        self.queue = queue
        self.doorbell = doorbell
        self.clock = clock
        self.log = log
        self.location = location
    }

    /// Works until the task is cancelled. `also` runs beside the worker, for as long as it does.
    package func run(
        _ runners: [KindRunner], also: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        let stage = runners.first?.stage.rawValue ?? "none"
        let log = log.with(["stage": stage])
        let status = StatusLine()
        let worker = Worker(
            runners, name: Self.workerName(stage), database: queue, doorbell: doorbell, clock: clock, log: log,
            now: SystemClock.now, chance: { Double.random(in: 0..<1) },
            progress: { pulse in
                ServiceNotice.alive()
                status.show("\(stage): \(pulse.words)")
            })
        let checkpointer = Checkpointer(location, log: log, now: SystemClock.now)
        let housekeeper = Housekeeper(queue, location, log: log, now: SystemClock.now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            group.addTask { try await checkpointer.run() }
            group.addTask { try await housekeeper.run() }
            group.addTask { try await also() }
            ServiceNotice.ready("\(stage): waits for jobs")
            log.log(.info, "ready")
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
    }

    /// Unique among all workers, alive or dead.
    private static func workerName(_ stage: String) -> String {
        let chance = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return "\(stage)-\(processID())-\(chance)"
    }
}

/// The directory of the doorbells cannot be made or used.
package struct DoorbellFault: ConfigurationFault, CustomStringConvertible {
    package let description: String

    package init(directory: String) {
        description = "cannot use the directory of doorbells \(directory)"
    }
}
