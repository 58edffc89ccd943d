import Daemon
import JSON
import Jobs
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
        let fields = LimitField.fields(of: target)
        for field in LimitField.allCases where arguments.value("--\(field.rawValue)") != nil && !fields.contains(field)
        {
            throw UsageError("--\(field.rawValue) is for a \(isStage ? "kind" : "stage"), and \(target) is not one")
        }
        let location = try session.existingLocation()
        let change = try change(arguments)
        guard !change.isEmpty else {
            return try await show(target, location.openForLooking(), arguments, session)
        }
        let database = try location.open(now: session.now())
        try await QueueOperator(database, name: session.operatorName, now: session.now).limit(target, change)
        return try await show(target, database, arguments, session)
    }

    private static func change(_ arguments: Arguments) throws(UsageError) -> LimitChange {
        do throws(LimitChange.Fault) {
            return try LimitChange { arguments.value("--\($0.rawValue)") }
        } catch {
            throw UsageError("--\(error.words)")
        }
    }

    private static func show(
        _ target: String, _ database: Database, _ arguments: Arguments, _ session: Session
    ) async throws -> ExitStatus {
        let limits = try await database.read { db throws(SQLiteError) in
            try db.limits(of: target)
        }
        let (limit, pace) = (limits.limit, limits.pace)
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
