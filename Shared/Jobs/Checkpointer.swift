import Daemon
package import Model
import SQLite
package import Store
package import Telemetry

/// Moves the write-ahead log into the database file, in the one process that holds the lock.
///
/// SQLite before 3.51.3 loses acknowledged commits when two processes checkpoint at once, so every process runs one
/// of these and a file lock lets one of them work. If its process dies, the lock is free and the next one goes on.
package struct Checkpointer: Sendable {
    private static let largeLog: Int64 = 4 << 20
    private static let longest: Duration = .seconds(30)

    private let location: DatabaseLocation
    private let log: Logger
    private let now: @Sendable () -> Timestamp
    private let pace: Duration

    /// - Parameter pace: how often the size of the log is looked at.
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
        var last = now()
        while !Task.isCancelled {
            if lock == nil {
                lock = FileLock(path: location.checkpointLock)
                if lock != nil { log.log(.debug, "checkpointer elected") }
            }
            if let lock, isDue(since: last) {
                await checkpoint(database, lock)
                last = now()
            }
            try? await Task.sleep(for: pace)
        }
    }

    /// One checkpoint at the end of a command, unless a daemon does it anyway.
    package func runOnce() async throws {
        guard let lock = FileLock(path: location.checkpointLock) else { return }
        await checkpoint(try Database(path: location.path, durability: location.durability), lock)
    }

    private func isDue(since last: Timestamp) -> Bool {
        Self.isDue(logSize: FileSize.of(location.path + "-wal"), age: now() - last)
    }

    /// - Parameter age: since the last checkpoint; less than nothing if the clock was put back meanwhile.
    static func isDue(logSize: Int64, age: Duration) -> Bool {
        logSize > largeLog || (logSize > 0 && (age > longest || age < .zero))
    }

    private func checkpoint(_ database: Database, _ lock: FileLock) async {
        let before = FileSize.of(location.path + "-wal")
        do {
            let complete = try await database.access { db throws(SQLiteError) in try db.checkpoint() }
            lock.write("{\"at\":\"\(now().rfc3339)\",\"walBytes\":\(before),\"complete\":\(complete)}\n")
            log.log(.debug, complete ? "checkpoint done" : "a reader holds the log", ["wal.bytes": "\(before)"])
        } catch {
            log.log(.warning, "checkpoint failed", ["error": "\(error)"])
        }
    }
}
