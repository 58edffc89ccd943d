import Daemon
package import Model
import SQLite
package import Store
package import Telemetry

/// Moves the write-ahead log into the database file, in the one process that holds the lock.
///
/// SQLite before 3.51.3 loses acknowledged commits when two processes checkpoint at once, so every process runs one
/// of these and a file lock lets one of them work. If its process dies, the lock is free and the next one goes on. What
/// it does and when is decided by ``LogUpkeep``.
package struct Checkpointer: Sendable {
    /// The elected one looks this many times as often: a disk takes a hundred megabytes in a second.
    private static let haste = 10

    private let location: DatabaseLocation
    private let log: Logger
    private let now: @Sendable () -> Timestamp
    private let pace: Duration

    /// - Parameter pace: how often a process stands for election.
    package init(
        _ location: DatabaseLocation, log: Logger, now: @escaping @Sendable () -> Timestamp,
        pace: Duration = .seconds(1)
    ) {
        self.location = location
        self.log = log
        self.now = now
        self.pace = pace
    }

    /// Stands for election and works until the task is cancelled.
    package func run() async throws {
        let database = try Database(path: location.path, durability: location.durability)
        var lock: FileLock?
        var upkeep = LogUpkeep()
        var last = now()
        while !Task.isCancelled {
            if lock == nil {
                lock = FileLock(path: location.checkpointLock)
                if lock != nil { log.log(.debug, "checkpointer elected") }
            }
            var pause = lock == nil ? pace : pace / Self.haste
            if let lock, case .empty(let file) = await nextStep(&upkeep, database, since: last) {
                // Whoever reads for long reads on, and each try holds writers up for a moment.
                if await !checkpoint(database, lock, file) { pause = pace }
                last = now()
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// One checkpoint at the end of a command, unless a daemon does it anyway.
    package func runOnce() async throws {
        guard let lock = FileLock(path: location.checkpointLock) else { return }
        await checkpoint(try Database(path: location.path, durability: location.durability), lock, .released)
    }

    private func nextStep(
        _ upkeep: inout LogUpkeep, _ database: Database, since last: Timestamp
    ) async -> LogUpkeep.Step {
        let fileSize = logFileSize
        let step = LogUpkeep.step(fileSize: fileSize, age: now() - last)
        guard step == .measure else { return step }
        do {
            let logSize = try await database.access { db throws(SQLiteError) in try db.copyLog() }
            return upkeep.step(logSize: logSize, fileSize: fileSize, now: now())
        } catch {
            log.log(.warning, "checkpoint failed", ["error": "\(error)"])
            return .wait
        }
    }

    private var logFileSize: Int64 { FileSize.of(location.path + "-wal") }

    /// - Returns: whether all of the log was moved.
    @discardableResult
    private func checkpoint(_ database: Database, _ lock: FileLock, _ file: LogFile) async -> Bool {
        let before = logFileSize
        do {
            let complete = try await database.access { db throws(SQLiteError) in try db.checkpoint(file) }
            lock.write("{\"at\":\"\(now().rfc3339)\",\"walBytes\":\(before),\"complete\":\(complete)}\n")
            log.log(.debug, complete ? "checkpoint done" : "a reader holds the log", ["wal.bytes": "\(before)"])
            return complete
        } catch {
            log.log(.warning, "checkpoint failed", ["error": "\(error)"])
            return false
        }
    }
}
