import Daemon
import JSON
import Model
import SQLite
import Store

/// `helicarrier queue limit`: how much a stage may hold, how many jobs of a kind may run, and how fast they may start.
enum QueueLimits {
    static let command = Command(
        "queue limit", "what a stage or kind may take; without options: what it is", operands: "STAGE|KIND",
        count: 1...1,
        options: [
            Option("--depth", "N", "of a stage: how many jobs may wait before producers are refused, or off"),
            Option("--objective", "TIME", "of a stage: how old its oldest waiting job may become, or off"),
            Option("--running", "N", "of a kind: how many jobs may run at once over all processes, or off"),
            Option("--rate", "N/TIME", "of a kind: how many jobs may start in a time, such as 10/1s, or off"), .json,
        ],
        notes: """
            Limits hold at once in every process. A producer that is refused says so and tries again; jobs that come
            back after a failure are never refused. Paces start from nothing: the first jobs of a pace may start
            together, up to N.
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let target = arguments.positionals[0]
        let stage = try QueueTarget.stage(of: target)
        let isStage = stage.rawValue == target
        for (option, belongs) in [
            ("--depth", isStage), ("--objective", isStage), ("--running", !isStage), ("--rate", !isStage),
        ] where arguments.value(option) != nil && !belongs {
            throw UsageError("\(option) is for a \(isStage ? "kind" : "stage"), and \(target) is not one")
        }
        let location = try session.existingLocation()
        let change = try LimitChange(arguments)
        guard !change.isEmpty else {
            return try await show(target, location.openForLooking(), arguments, session)
        }
        let database = try location.open(now: session.now())
        let (now, who) = (session.now(), session.operatorName)
        try await database.write { db throws(SQLiteError) in
            let old = try db.run(.limit(of: target)).first ?? QueueLimit(target: target)
            try db.run(.limit(change.applied(to: old)))
            switch change.pace {
            case .keep: break
            case .off: try db.run(.freePace(target))
            case .set(let pace):
                try db.run(.limitPace(PaceLimit(key: target, interval: pace.interval, burst: pace.burst)))
            }
            try db.run(
                .audit(AuditEntry(at: now, who: who, action: "queue limit", target: target, result: change.words)))
        }
        return try await show(target, database, arguments, session)
    }

    private static func show(
        _ target: String, _ database: Database, _ arguments: Arguments, _ session: Session
    ) async throws -> ExitStatus {
        let (limit, pace) = try await database.read { db throws(SQLiteError) in
            (try db.run(.limit(of: target)).first ?? QueueLimit(target: target), try db.run(.pace(target)).first)
        }
        if arguments.has("--json") {
            session.terminal.print(
                .record([
                    "target": .text(target), "depth": .number(limit.depth.map { Int64($0) }),
                    "running": .number(limit.running.map { Int64($0) }),
                    "objectiveSeconds": .number(limit.objective.map { $0.components.seconds }),
                    "startIntervalMicroseconds": .number(pace?.interval),
                    "startBurst": .number(pace.map { Int64($0.burst) }),
                ]))
            return .fine
        }
        let lines = [
            limit.depth.map { "at most \($0) jobs wait" },
            limit.objective.map { "the oldest should wait no longer than \(Spoken.duration($0))" },
            limit.running.map { "at most \($0) jobs run at once" },
            pace.map { "a job starts every \(Spoken.duration(.microseconds($0.interval))), \($0.burst) at once" },
        ].compactMap(\.self)
        session.terminal.print("\(target): " + (lines.isEmpty ? "no limits" : lines.joined(separator: "; ")))
        return .fine
    }
}

/// What a command line changes of the limits.
private struct LimitChange: Sendable {
    enum Part<Value: Sendable>: Sendable {
        case keep, off
        case set(Value)

        func applied(to old: Value?) -> Value? {
            switch self {
            case .keep: old
            case .off: nil
            case .set(let value): value
            }
        }

        var isKept: Bool {
            if case .keep = self { true } else { false }
        }
    }

    let depth: Part<Int>
    let objective: Part<Duration>
    let running: Part<Int>
    let pace: Part<(interval: Int64, burst: Int)>
    /// For the audit row.
    let words: String

    init(_ arguments: Arguments) throws(UsageError) {
        depth = try Self.part("--depth", arguments, expects: "a whole number") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        running = try Self.part("--running", arguments, expects: "a whole number") {
            Int($0).flatMap { $0 > 0 ? $0 : nil }
        }
        objective = try Self.part("--objective", arguments, expects: Period.expectation) {
            Period(setting: $0)?.duration
        }
        pace = try Self.part("--rate", arguments, expects: "a number and a length of time such as 10/1s") { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let count = Int64(parts[0]), count > 0, let period = Period(setting: parts[1])
            else { return nil }
            return (max(1, period.duration.milliseconds * 1_000 / count), Int(count))
        }
        words = ["--depth", "--objective", "--running", "--rate"].compactMap { name in
            arguments.value(name).map { "\(name.dropFirst(2)) \($0)" }
        }.joined(separator: ", ")
    }

    private static func part<Value: Sendable>(
        _ name: String, _ arguments: Arguments, expects: String, _ read: (String) -> Value?
    ) throws(UsageError) -> Part<Value> {
        guard let text = arguments.value(name) else { return .keep }
        if text == "off" { return .off }
        guard let value = read(text) else { throw UsageError("\(name) expects \(expects), or off") }
        return .set(value)
    }

    var isEmpty: Bool { depth.isKept && objective.isKept && running.isKept && pace.isKept }

    func applied(to old: QueueLimit) -> QueueLimit {
        QueueLimit(
            target: old.target, depth: depth.applied(to: old.depth), running: running.applied(to: old.running),
            objective: objective.applied(to: old.objective))
    }
}
