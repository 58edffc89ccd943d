import Daemon
import Jobs
import Model
import SQLite
import Store

/// The words that name a part of the queue.
enum QueueTarget {
    static let stages = StageName.allCases.map(\.rawValue)
    static let kinds = Catalog.kinds.map { $0.name }

    /// The stage that a name of a stage or kind belongs to.
    static func stage(of target: String) throws(UsageError) -> StageName {
        if let stage = StageName(rawValue: target) { return stage }
        guard let kind = Catalog.kinds.first(where: { $0.name == target }) else {
            throw UsageError(
                "there is no stage or kind '\(target)'; there is: \((stages + kinds).joined(separator: ", "))")
        }
        return kind.stage
    }

    static func id(_ word: String) throws(UsageError) -> JobID {
        guard let number = Int64(word), number > 0 else { throw UsageError("'\(word)' is not the number of a job") }
        return JobID(number)
    }
}

/// What one act of an operator on jobs does and how it is told.
struct QueueAct: Sendable {
    /// The name in audit rows, such as `queue requeue`.
    let action: String
    let past: String
    /// Which states it is for, for the message about a job in another one.
    let applies: String
    let query: @Sendable (JobID, Timestamp) -> Query<String>

    static let requeue = QueueAct(
        action: "queue requeue", past: "requeued",
        applies: "only dead and cancelled jobs are requeued, and only if no other job does the same work"
    ) { .requeue($0, now: $1) }
    static let discard = QueueAct(
        action: "queue discard", past: "discarded", applies: "only dead jobs are discarded"
    ) { .discard($0, now: $1) }
    static let cancel = QueueAct(
        action: "queue cancel", past: "cancelled", applies: "only unfinished jobs are cancelled"
    ) { .cancel($0, now: $1) }
}

/// Applies an act to jobs, in batches that hold up no writer for long, each with its audit row.
struct QueueActing: Sendable {
    static let batch = 500

    let act: QueueAct
    let database: Database
    let session: Session

    /// What came of it.
    struct Outcome: Equatable, Sendable {
        var done = 0
        var refused: [JobID] = []
        var stages: Set<String> = []
    }

    /// The jobs that an operator names one by one; the audit row names each.
    func apply(to ids: [JobID]) async throws -> Outcome {
        var outcome = Outcome()
        var rest = ids[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            try await store(part, target: part.map(\.description).joined(separator: " "), &outcome)
        }
        return outcome
    }

    /// All dead jobs of a kind, or those of an error class.
    func apply(toDead kind: String, errorClass: String?) async throws -> Outcome {
        var outcome = Outcome()
        var last = JobID(0)
        let target = "dead \(kind)" + (errorClass.map { " \($0)" } ?? "")
        while true {
            let part = try await database.run(
                .deadJobs(kind: kind, errorClass: errorClass, after: last, limit: Self.batch))
            guard let end = part.last else { return outcome }
            last = end
            try await store(part, target: target, &outcome)
        }
    }

    private func store(_ ids: [JobID], target: String, _ outcome: inout Outcome) async throws {
        let (act, who, now) = (act, session.operatorName, session.now())
        let part = try await database.write { db throws(SQLiteError) in
            var part = Outcome()
            for id in ids {
                if let stage = try db.run(act.query(id, now)).first {
                    part.done += 1
                    part.stages.insert(stage)
                } else {
                    part.refused.append(id)
                }
            }
            try db.run(
                .audit(
                    AuditEntry(
                        at: now, who: who, action: act.action, target: target,
                        result: "\(part.done) \(act.past), \(part.refused.count) left as they were")))
            return part
        }
        outcome.done += part.done
        outcome.refused += part.refused
        outcome.stages.formUnion(part.stages)
    }
}
