import Daemon
import JSON
import Model
import SQLite
import Store

/// `helicarrier queue jobs` and `queue show`: single jobs, and everything that is known about one.
enum QueueJobs {
    static let commands = [
        Command(
            "queue jobs", "single jobs, newest first",
            options: [
                Option("--stage", "S", "only this stage"), Option("--kind", "K", "only this kind"),
                Option("--state", "S", "only this state: " + JobState.allCases.map(\.rawValue).joined(separator: ", ")),
                Option("--limit", "N", "how many at most (default: 50)"), .json,
            ], run: list),
        Command(
            "queue show", "one job: payload, attempts, errors, trace", operands: "ID", count: 1...1, options: [.json],
            run: show),
    ]

    private static func list(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let stage = try arguments.oneOf("--stage", QueueTarget.stages)
        let state = try arguments.oneOf("--state", JobState.allCases.map(\.rawValue)).flatMap(JobState.init(rawValue:))
        let limit = try arguments.number("--limit", within: 1...100_000) ?? 50
        let database = try await session.existingLocation().openForLooking()
        let jobs = try await database.run(
            .jobs(stage: stage, kind: arguments.value("--kind"), state: state, limit: limit))
        if arguments.has("--json") {
            session.terminal.print(.array(jobs.map(json)))
            return .fine
        }
        var table = TextTable([
            .right("ID"), .left("KIND"), .left("STATE"), .right("ATTEMPT"), .left("CREATED"), .left("PAYLOAD"),
            .left("ERROR"),
        ])
        for job in jobs {
            let error = job.errorClass.map { "\($0): \(job.errorMessage ?? "")" } ?? ""
            table.add(
                [
                    "\(job.id)", job.kind, job.state.rawValue, "\(job.attempt)/\(job.maxAttempts)",
                    job.createdAt.rfc3339, String(job.payload.prefix(60)), String(error.prefix(80)),
                ], colours: colours(job.state))
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func colours(_ state: JobState) -> [Int: Colour] {
        switch state {
        case .dead: [2: .red]
        case .done: [2: .green]
        case .cancelled: [2: .dim]
        case .scheduled, .ready, .running: [:]
        }
    }

    private static func show(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let id = try QueueTarget.id(arguments.positionals[0])
        let database = try await session.existingLocation().openForLooking()
        let boot = SystemClock.bootID()
        let (found, failed, offset) = try await database.read { db throws(SQLiteError) in
            (
                try db.run(Query<JobRecord>.job(id)).first, try db.run(Query<AttemptRecord>.attempts(of: id)),
                try db.run(Query<Int64>.readLeaseClock(boot: boot)).first
            )
        }
        guard let job = found else { throw CommandFailure("there is no job \(id)") }
        let attempts = failed + [job.goodAttempt].compactMap(\.self)
        let lease = lease(of: job, offset: offset, now: session.now())
        if arguments.has("--json") {
            guard case .object(var members) = json(job) else { return .failed }
            members.append(JSONMember("leaseUntil", .time(lease)))
            session.terminal.print(.object(members + [JSONMember("attempts", .array(attempts.map(json)))]))
            return .fine
        }
        print(job, lease, session.terminal)
        if !attempts.isEmpty {
            var table = TextTable([
                .right("ATTEMPT"), .left("ENDED"), .right("TOOK"), .left("OUTCOME"), .left("WORKER"), .left("ERROR"),
            ])
            for attempt in attempts {
                table.add([
                    "\(attempt.attempt)", attempt.endedAt.rfc3339,
                    attempt.startedAt.map { Spoken.duration(attempt.endedAt - $0) },
                    attempt.times > 1 ? "\(attempt.outcome) \(attempt.times) times" : attempt.outcome, attempt.worker,
                    [attempt.errorClass, attempt.message].compactMap(\.self).joined(separator: ": "),
                ])
            }
            session.terminal.write("\n" + table.text(session.terminal.paint))
        }
        return .fine
    }

    /// When the lease ends if nobody renews it, in the time of clocks. Of another boot there is none any more.
    private static func lease(of job: JobRecord, offset: Int64?, now: Timestamp) -> Timestamp? {
        guard let until = job.leaseUntil, let offset else { return nil }
        let day: Int64 = 86_400_000
        return now + .milliseconds(min(max(until &- offset &- SystemClock.sinceBoot(), -day), day))
    }

    private static func print(_ job: JobRecord, _ lease: Timestamp?, _ terminal: Terminal) {
        let error = job.errorClass.map { "\($0): \(job.errorMessage ?? "")" }
        let lines: [(String, String?)] = [
            ("id", "\(job.id)"), ("kind", job.kind), ("stage", job.stage), ("state", job.state.rawValue),
            ("attempt", "\(job.attempt) of \(job.maxAttempts)"), ("priority", "\(job.priority)"),
            ("payload", "\(job.payload) (version \(job.payloadVersion))"), ("created", job.createdAt.rfc3339),
            ("due", job.runAt.rfc3339), ("started", job.startedAt?.rfc3339), ("finished", job.finishedAt?.rfc3339),
            ("worker", job.worker), ("lease until", lease?.rfc3339), ("unique key", job.uniqueKey),
            ("parent", job.parent?.description),
            ("trace", job.traceParent), ("error", error),
        ]
        for (name, value) in lines {
            guard let value else { continue }
            terminal.print("\(name.padded(to: 12))\(Printable.line(value))")
        }
    }

    private static func json(_ job: JobRecord) -> JSONValue {
        .record([
            "id": .integer(job.id.rawValue), "kind": .text(job.kind), "stage": .text(job.stage),
            "state": .text(job.state.rawValue), "payload": .text(job.payload),
            "payloadVersion": .count(job.payloadVersion), "priority": .count(job.priority),
            "attempt": .count(job.attempt), "maxAttempts": .count(job.maxAttempts), "runAt": .time(job.runAt),
            "worker": .text(job.worker), "uniqueKey": .text(job.uniqueKey), "parent": .number(job.parent?.rawValue),
            "traceparent": .text(job.traceParent), "createdAt": .time(job.createdAt), "startedAt": .time(job.startedAt),
            "finishedAt": .time(job.finishedAt), "errorClass": .text(job.errorClass),
            "errorMessage": .text(job.errorMessage),
        ])
    }

    private static func json(_ attempt: AttemptRecord) -> JSONValue {
        .record([
            "attempt": .count(attempt.attempt), "worker": .text(attempt.worker), "startedAt": .time(attempt.startedAt),
            "endedAt": .time(attempt.endedAt), "outcome": .text(attempt.outcome),
            "durationMs": .number(attempt.startedAt.map { (attempt.endedAt - $0).milliseconds }),
            "times": .count(attempt.times), "errorClass": .text(attempt.errorClass), "message": .text(attempt.message),
        ])
    }
}
