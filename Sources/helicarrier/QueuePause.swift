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
        let stage = try QueueTarget.stage(of: target)
        let length = try arguments.value("--for", as: Period.self)?.duration
        let database = try session.existingLocation().open(now: session.now())
        let pause = try await session.queueOperator(database).pause(
            target, of: stage, reason: Printable.line(arguments.value("--reason") ?? "paused by an operator"),
            for: length)
        session.terminal.print("\(target) is paused\(pause.until.map { " until \($0.rfc3339)" } ?? "")")
        return .fine
    }

    private static func resume(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let target = arguments.positionals[0]
        let stage = try QueueTarget.stage(of: target)
        let location = try session.existingLocation()
        let wasPaused = try await session.queueOperator(location.open(now: session.now())).resume(target)
        Doorbell(directory: location.bells)?.ring(stage.rawValue)
        session.terminal.print(wasPaused ? "\(target) goes on" : "\(target) was not paused")
        return .fine
    }

    private static func drain(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let target = arguments.positionals[0]
        guard let stage = StageName(rawValue: target) else {
            throw UsageError("there is no stage '\(target)'; there is: \(QueueTarget.stages.joined(separator: ", "))")
        }
        let limit = try arguments.value("--timeout", as: Period.self)?.duration ?? .seconds(30)
        let database = try session.existingLocation().open(now: session.now())
        try await session.queueOperator(database).pause(
            target, of: stage, reason: Printable.line(arguments.value("--reason") ?? "drained by an operator"),
            for: nil, action: "queue drain")
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
