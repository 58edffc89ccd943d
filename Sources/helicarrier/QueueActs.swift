import Daemon
import Jobs
import Model
import SQLite
import Store

/// `helicarrier queue requeue|discard|cancel`: the operator's acts on jobs.
enum QueueActs {
    static let commands = [
        bulk(.requeue, "requeue", "let dead jobs run again, with all their attempts"),
        bulk(.discard, "discard", "give dead jobs up; they are kept as cancelled for a while"),
        Command(
            "queue cancel", "end jobs that have not ended", operands: "ID…", count: 1...100_000, options: [.yes],
            notes: "A job that runs is not interrupted, but what it does is not stored."
        ) { arguments, session in
            try await apply(.cancel, arguments, session)
        },
    ]

    private static func bulk(_ act: QueueAct, _ name: String, _ summary: String) -> Command {
        Command(
            "queue \(name)", summary, operands: "[ID…]", count: 0...100_000,
            options: [
                Option("--dead", "all dead jobs of --kind, instead of single ones"),
                Option("--kind", "K", "the kind of the dead jobs"),
                Option("--error-class", "C", "only those that failed in this way"),
                .yes,
            ]
        ) { arguments, session in
            try await arguments.has("--dead")
                ? applyToDead(act, arguments, session) : apply(act, arguments, session)
        }
    }

    private static func apply(
        _ act: QueueAct, _ arguments: Arguments, _ session: Session
    ) async throws -> ExitStatus {
        guard arguments.value("--kind") == nil, arguments.value("--error-class") == nil else {
            throw UsageError("--kind and --error-class choose among all dead jobs: add --dead")
        }
        var ids: [JobID] = []
        var known: Set<JobID> = []
        for word in arguments.positionals {
            let id = try QueueTarget.id(word)
            if known.insert(id).inserted { ids.append(id) }
        }
        guard !ids.isEmpty else { throw UsageError("say which jobs: ID…, or --dead --kind K") }
        if ids.count > 1 {
            let question = "This covers \(ids.count) jobs, which would be \(act.past)."
            guard try session.terminal.confirm(question, yes: arguments.has("--yes")) else { return .failed }
        }
        let location = try session.existingLocation()
        let acting = session.queueOperator(try location.open(now: session.now()))
        return report(try await acting.apply(act, to: ids), act, location, session)
    }

    private static func applyToDead(
        _ act: QueueAct, _ arguments: Arguments, _ session: Session
    ) async throws -> ExitStatus {
        guard arguments.positionals.isEmpty else { throw UsageError("give either jobs or --dead, not both") }
        guard let kind = arguments.value("--kind") else { throw UsageError("--dead needs --kind") }
        let errorClass = arguments.value("--error-class")
        let location = try session.existingLocation()
        let database = try location.open(now: session.now())
        let count = try await database.run(.deadCount(kind: kind, errorClass: errorClass)).first ?? 0
        guard count > 0 else {
            session.terminal.print("no dead job fits")
            return .fine
        }
        let question = "This covers \(Spoken.count(count, "dead job", "dead jobs")), which would be \(act.past)."
        guard try session.terminal.confirm(question, yes: arguments.has("--yes")) else { return .failed }
        let outcome = try await session.queueOperator(database).apply(act, toDead: kind, errorClass: errorClass)
        return report(outcome, act, location, session)
    }

    private static func report(
        _ outcome: QueueOperator.Outcome, _ act: QueueAct, _ location: DatabaseLocation, _ session: Session
    ) -> ExitStatus {
        if let doorbell = Doorbell(directory: location.bells) {
            for stage in outcome.stages { doorbell.ring(stage) }
        }
        session.terminal.print("\(Spoken.count(outcome.done, "job", "jobs")) \(act.past)")
        guard !outcome.refused.isEmpty else { return .fine }
        let shown = outcome.refused.prefix(10).map(\.description).joined(separator: ", ")
        let more = outcome.refused.count > 10 ? " and \(outcome.refused.count - 10) more" : ""
        session.terminal.error("left as they were: \(shown)\(more); \(act.applies)")
        return .failed
    }
}
