import Daemon
import JSON
import Jobs
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
        var lastBackup: Timestamp?
    }

    /// What the figures of some time are about; the others are of now.
    var window = FigureWindow.hour
    var backlog: [StageBacklog]
    /// How attempts ended within the window.
    var ends: [StageName: StageEnds] = [:]
    /// Jobs done in each step of the window, oldest first, behind as many steps before it.
    var flow: [StageName: [Int]] = [:]
    /// Workers that hold jobs now.
    var workers: [StageName: Int] = [:]
    /// Answers that this process keeps ready.
    var cache = BodyCache.Figures()
    /// Stages of which a process listens for work.
    var listening: Set<StageName> = Set(StageName.allCases)
    var quota: UpstreamQuota?
    var storage = Storage()
    var readAt: Timestamp

    /// What is in the database, in a consistent read.
    static func load(
        _ window: FigureWindow, now: Timestamp, from db: borrowing Connection
    ) throws(SQLiteError) -> OperationsFigures {
        var figures = OperationsFigures(window: window, backlog: try db.backlog(), readAt: now)
        let steps = window.steps * 2
        let first = window.start(at: now, steps: steps)
        for each in try db.run(.queueFlow(from: first, step: window.step)) where each.step < steps {
            guard let stage = StageName(rawValue: each.stage) else { continue }
            figures.flow[stage, default: Array(repeating: 0, count: steps)][each.step] += each.done
        }
        for (stage, ends) in try db.run(.stageEnds(since: window.start(at: now))) {
            if let stage = StageName(rawValue: stage) { figures.ends[stage] = ends }
        }
        for (stage, workers) in try db.run(.workerCounts()) {
            if let stage = StageName(rawValue: stage) { figures.workers[stage] = workers }
        }
        figures.quota = try db.run(.upstreamQuota()).first
        return figures
    }

    func ends(_ stage: StageName) -> StageEnds { ends[stage] ?? StageEnds() }

    /// Minutes of the window that have begun.
    var minutes: Int {
        Int(((readAt - window.start(at: readAt)).milliseconds + 59_999) / 60_000)
    }

    /// Jobs done in as many steps before the window as it has.
    func doneBefore(_ stage: StageName) -> Int {
        flow[stage, default: []].prefix(window.steps).reduce(0, +)
    }

    /// Jobs done in each step of the window.
    func bars(_ stage: StageName) -> [Int] {
        flow[stage].map { Array($0.suffix(window.steps)) } ?? Array(repeating: 0, count: window.steps)
    }
}

extension FigureWindow {
    /// As the selector writes it: 1 h.
    var title: String { "\(rawValue.dropLast()) \(rawValue.suffix(1))" }

    /// Behind "the last" and before "before".
    var words: String {
        switch self {
        case .hour: "hour"
        case .sixHours: "6 hours"
        case .day: "24 hours"
        case .week: "7 days"
        }
    }

    /// How much a bar stands for.
    var stepWords: String {
        switch self {
        case .hour: "a minute"
        case .sixHours: "10 minutes"
        case .day: "30 minutes"
        case .week: "3 hours"
        }
    }
}

extension OperationsFigures.Storage {
    static func read(at location: DatabaseLocation) -> Self {
        let state = TextFile.read(location.checkpointLock).flatMap { try? JSONDocument(parsing: $0) }
        return Self(
            log: FileSize.of(location.path + "-wal"), database: FileSize.of(location.path),
            free: FileSize.free(at: location.path),
            lastCheckpoint: state?.root["at"]?.string.flatMap { Timestamp(rfc3339: $0) },
            lastBackup: LastBackup.read(location)?.at)
    }
}

extension Site {
    /// Everything that changes by itself on the operations page.
    func operationsFigures(_ window: FigureWindow, _ open: Open) async throws(SQLiteError) -> OperationsFigures {
        let now = SystemClock.now()
        var figures = try await open.reader.read { db throws(SQLiteError) in
            try OperationsFigures.load(window, now: now, from: db)
        }
        // A ring is cheap, and clears the bells of killed processes away.
        let bells = doorbell.withLock { $0 }
        figures.listening = Set(StageName.allCases.filter { (bells?.ring($0.rawValue) ?? 0) > 0 })
        figures.storage = .read(at: settings.location)
        figures.cache = bodies.figures
        return figures
    }
}
