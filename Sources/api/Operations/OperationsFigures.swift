import Daemon
import JSON
import Model
import SQLite
import Store
import Synchronization

/// What the operations page says of the queue, the upstream and the files, read at one moment.
struct OperationsFigures: Sendable {
    /// The write-ahead log and the file it belongs to, in bytes.
    struct Storage: Equatable, Sendable {
        var log: Int64 = 0
        var database: Int64 = 0
        var free: Int64?
        var lastCheckpoint: Timestamp?
    }

    /// Minutes that ``flow`` covers: the last hour and the one before.
    static let minutes = 120

    var backlog: [StageBacklog]
    /// Jobs done in each of the last ``minutes``, oldest first.
    var flow: [StageName: [Int]] = [:]
    /// Stages of which a process listens for work.
    var listening: Set<StageName> = Set(StageName.allCases)
    var quota: UpstreamQuota?
    var storage = Storage()
    var readAt: Timestamp

    /// What is in the database, in a consistent read.
    static func load(now: Timestamp, from db: borrowing Connection) throws(SQLiteError) -> OperationsFigures {
        let minute = now.milliseconds - now.milliseconds % 60_000
        let first = Timestamp(milliseconds: minute) - .minutes(Int64(minutes - 1))
        var figures = OperationsFigures(backlog: try db.backlog(), readAt: now)
        for step in try db.run(.queueFlow(from: first, step: .minutes(1))) where step.step < minutes {
            guard let stage = StageName(rawValue: step.stage) else { continue }
            figures.flow[stage, default: Array(repeating: 0, count: minutes)][step.step] += step.done
        }
        figures.quota = try db.run(.upstreamQuota()).first
        return figures
    }

    func doneInTheHourBefore(_ stage: StageName) -> Int {
        flow[stage, default: []].prefix(Self.minutes - 60).reduce(0, +)
    }

    /// Jobs done in each of the last forty minutes.
    func bars(_ stage: StageName) -> [Int] {
        flow[stage].map { Array($0.suffix(40)) } ?? Array(repeating: 0, count: 40)
    }
}

extension OperationsFigures.Storage {
    static func read(at location: DatabaseLocation) -> Self {
        let state = TextFile.read(location.checkpointLock).flatMap { try? JSONDocument(parsing: $0) }
        return Self(
            log: FileSize.of(location.path + "-wal"), database: FileSize.of(location.path),
            free: FileSize.free(at: location.path),
            lastCheckpoint: state?.root["at"]?.string.flatMap { Timestamp(rfc3339: $0) })
    }
}

extension Site {
    /// Everything that changes by itself on the operations page.
    func operationsFigures(_ open: Open) async throws(SQLiteError) -> OperationsFigures {
        let now = SystemClock.now()
        var figures = try await open.reader.read { db throws(SQLiteError) in
            try OperationsFigures.load(now: now, from: db)
        }
        // A ring is cheap, and clears the bells of killed processes away.
        let bells = doorbell.withLock { $0 }
        figures.listening = Set(StageName.allCases.filter { (bells?.ring($0.rawValue) ?? 0) > 0 })
        figures.storage = .read(at: settings.location)
        return figures
    }
}
