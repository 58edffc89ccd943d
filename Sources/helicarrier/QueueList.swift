import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store

/// `helicarrier queue list`: what waits, runs and has failed, per stage.
enum QueueList {
    static let command = Command(
        "queue list", "what waits, runs and has failed, per stage",
        options: [Option("--watch", "show it again every second, until Ctrl-C"), .json],
        notes: """
            OLDEST is how long the job has been due that has waited longest; it is red when that is beyond the stage's
            objective. CHANGE is how many more jobs wait – ready, scheduled or retrying – than an hour ago, and empty if
            nothing ran then. DONE, P50 and P95 are of the last hour. The same figures stand in the views
            queue_backlog and queue_change, at /ops and in /metrics.
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let database = try await session.existingLocation().openForLooking()
        guard arguments.has("--watch") else {
            try await show(database, arguments, session)
            return .fine
        }
        try await runUntilStopped {
            while !Task.isCancelled {
                if session.terminal.outputIsTerminal { session.terminal.write("\u{1B}[H\u{1B}[2J") }
                try await show(database, arguments, session)
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return .fine
    }

    private static func show(_ database: Database, _ arguments: Arguments, _ session: Session) async throws {
        let stages = try await database.read { db throws(SQLiteError) in
            try db.backlog()
        }
        if arguments.has("--json") {
            session.terminal.print(.array(stages.map(json)))
        } else {
            session.terminal.write(table(stages).text(session.terminal.paint))
        }
    }

    static func table(_ stages: [StageBacklog]) -> TextTable {
        var table = TextTable([
            .left("STAGE"), .right("READY"), .right("SCHEDULED"), .right("RUNNING"), .right("RETRYING"),
            .right("CHANGE 1H"), .right("DEAD"), .right("OLDEST"), .right("DONE 1H"), .right("P50"), .right("P95"),
            .left("PAUSED"),
        ])
        for stage in stages {
            var colours: [Int: Colour] = [11: .yellow]
            if stage.dead > 0 { colours[6] = .red }
            if stage.isBehind { colours[7] = .red }
            table.add(
                [
                    stage.stage.rawValue, "\(stage.ready)", "\(stage.scheduled)", "\(stage.running)",
                    "\(stage.retrying)", stage.change.map(signed), "\(stage.dead)",
                    stage.oldestReadyAge.map(Spoken.duration),
                    "\(stage.done)", stage.p50.map(Spoken.duration), stage.p95.map(Spoken.duration),
                    stage.pauses.map(words).joined(separator: "; "),
                ], colours: colours)
        }
        return table
    }

    private static func signed(_ change: Int) -> String { change > 0 ? "+\(change)" : "\(change)" }

    private static func words(_ pause: Pause) -> String {
        let until = pause.until.map { " until \($0.rfc3339)" } ?? ""
        return "\(pause.target): \(pause.reason)\(until)"
    }

    private static func json(_ stage: StageBacklog) -> JSONValue {
        .record([
            "stage": .text(stage.stage.rawValue), "ready": .count(stage.ready), "scheduled": .count(stage.scheduled),
            "running": .count(stage.running), "retrying": .count(stage.retrying), "dead": .count(stage.dead),
            "oldestReadyAgeSeconds": .seconds(stage.oldestReadyAge),
            "doneLastHour": .count(stage.done), "retriedLastHour": .count(stage.retried),
            "deadLastHour": .count(stage.died), "waitingChangeLastHour": .number(stage.change.map { Int64($0) }),
            "p50Ms": .number(stage.p50.map(\.milliseconds)),
            "p95Ms": .number(stage.p95.map(\.milliseconds)), "depthLimit": .number(stage.depthLimit.map { Int64($0) }),
            "objectiveSeconds": .number(stage.objective.map { $0.components.seconds }),
            "paused": .array(
                stage.pauses.map { pause in
                    .record([
                        "target": .text(pause.target), "reason": .text(pause.reason), "by": .text(pause.pausedBy),
                        "since": .time(pause.since), "until": .time(pause.until),
                    ])
                }),
        ])
    }
}
