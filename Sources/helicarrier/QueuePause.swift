import Daemon
import Jobs
import Model
import SQLite
import Store

/// `helicarrier queue pause|resume|drain`: whether a stage or kind is worked on.
enum QueuePause {
    static let commands = [
        Command(
            "queue pause", "stop claiming jobs of a stage or kind; what runs goes on", operands: "STAGE|KIND",
            count: 1...1,
            options: [
                Option("--reason", "R", "what everybody is told (default: paused by an operator)"),
                Option("--for", "TIME", "until when, such as 30m or 1h (default: until it is resumed)"),
            ], run: pause),
        Command(
            "queue resume", "go on with a stage or kind", operands: "STAGE|KIND", count: 1...1, run: resume),
        Command(
            "queue drain", "pause a stage and wait until none of its jobs runs", operands: "STAGE", count: 1...1,
            options: [
                Option("--timeout", "TIME", "how long to wait (default: 30s)"),
                Option("--reason", "R", "what everybody is told (default: drained by an operator)"),
            ], notes: "The stage stays paused: `helicarrier queue resume STAGE` lets it go on.", run: drain),
    ]

    private static func pause(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let target = arguments.positionals[0]
        _ = try QueueTarget.stage(of: target)
        let length = try arguments.value("--for", as: Period.self)?.duration
        let database = try session.existingLocation().open(now: session.now())
        let pause = try await store(
            target, reason: arguments.value("--reason") ?? "paused by an operator", length: length,
            action: "queue pause", database, session)
        session.terminal.print("\(target) is paused\(pause.until.map { " until \($0.rfc3339)" } ?? "")")
        return .fine
    }

    private static func store(
        _ target: String, reason: String, length: Duration?, action: String, _ database: Database, _ session: Session
    ) async throws -> Pause {
        let now = session.now()
        let pause = Pause(
            target: target, reason: Printable.line(reason), pausedBy: session.operatorName, since: now,
            until: length.map { now + $0 })
        try await database.write { db throws(SQLiteError) in
            try db.run(.pause(pause))
            try db.run(
                .audit(AuditEntry(at: now, who: pause.pausedBy, action: action, target: target, result: pause.reason)))
        }
        return pause
    }

    private static func resume(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let target = arguments.positionals[0]
        let stage = try QueueTarget.stage(of: target)
        let location = try session.existingLocation()
        let database = try location.open(now: session.now())
        let (now, who) = (session.now(), session.operatorName)
        let wasPaused = try await database.write { db throws(SQLiteError) in
            let wasPaused = try !db.run(Query<String>.resume(target)).isEmpty
            try db.run(
                .audit(
                    AuditEntry(
                        at: now, who: who, action: "queue resume", target: target,
                        result: wasPaused ? "resumed" : "was not paused")))
            return wasPaused
        }
        Doorbell(directory: location.bells)?.ring(stage.rawValue)
        session.terminal.print(wasPaused ? "\(target) goes on" : "\(target) was not paused")
        return .fine
    }

    private static func drain(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let target = arguments.positionals[0]
        guard QueueTarget.stages.contains(target) else {
            throw UsageError("there is no stage '\(target)'; there is: \(QueueTarget.stages.joined(separator: ", "))")
        }
        let limit = try arguments.value("--timeout", as: Period.self)?.duration ?? .seconds(30)
        let database = try session.existingLocation().open(now: session.now())
        _ = try await store(
            target, reason: arguments.value("--reason") ?? "drained by an operator", length: nil,
            action: "queue drain", database, session)
        let bar = ProgressBar("draining", on: session.terminal)
        defer { bar.clear() }
        let clock = ContinuousClock()
        let start = clock.now
        var most = 0
        while true {
            let running = try await database.run(.runningCount(stage: target)).first ?? 0
            most = max(most, running)
            if running == 0 {
                bar.clear()
                session.terminal.print("\(target) is paused and none of its jobs runs")
                return .fine
            }
            guard clock.now - start < limit else {
                throw CommandFailure("\(Spoken.count(running, "job", "jobs")) of \(target) still run; it stays paused")
            }
            bar.show(most - running, of: most)
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
