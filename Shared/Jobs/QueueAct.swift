package import Model
package import SQLite
package import Store

/// What an operator may do to single jobs.
package struct QueueAct: Sendable {
    /// The name in audit rows, such as `queue requeue`.
    package let action: String
    /// What has happened to a job then, such as `requeued`.
    package let past: String
    /// Which states it is for, for the message about a job in another one.
    package let applies: String
    /// Answers the job's stage if it was in a state that the act is for.
    let query: @Sendable (JobID, Timestamp) -> Query<String>
    /// What the history of attempts keeps of a job as the act finds it.
    var record: (@Sendable (JobID, Timestamp) -> Query<Void>)?

    package static let requeue = QueueAct(
        action: "queue requeue", past: "requeued",
        applies: "only dead and cancelled jobs are requeued, and only if no other job does the same work"
    ) { .requeue($0, now: $1) }
    package static let discard = QueueAct(
        action: "queue discard", past: "discarded", applies: "only dead jobs are discarded"
    ) { .discard($0, now: $1) }
    package static let cancel = QueueAct(
        action: "queue cancel", past: "cancelled", applies: "only unfinished jobs are cancelled",
        query: { .cancel($0, now: $1) }, record: { .recordInterruption(of: $0, at: $1) })
}

/// An operator at work on the queue: acts on jobs in batches that hold up no writer for long, pauses and resumes, and
/// leaves an audit row for each.
package struct QueueOperator: Sendable {
    static let batch = 500

    let database: Database
    /// Who it is, for audit rows and for whoever asks why a stage is paused.
    package let name: String
    let now: @Sendable () -> Timestamp

    package init(_ database: Database, name: String, now: @escaping @Sendable () -> Timestamp) {
        self.database = database
        self.name = name
        self.now = now
    }

    /// What came of an act.
    package struct Outcome: Equatable, Sendable {
        package var done = 0
        package var refused: [JobID] = []
        /// The stages that have work now; to be woken.
        package var stages: Set<String> = []
    }

    /// The jobs that an operator names one by one; the audit row names each.
    package func apply(_ act: QueueAct, to ids: [JobID]) async throws(SQLiteError) -> Outcome {
        var outcome = Outcome()
        var known: Set<JobID> = []
        var rest = ids.filter { known.insert($0).inserted }[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            _ = try await store(act, part, target: part.map(\.description).joined(separator: " "), &outcome)
        }
        return outcome
    }

    /// All dead jobs of a kind, or those of an error class; one audit row counts them batch by batch.
    package func apply(
        _ act: QueueAct, toDead kind: String, errorClass: String?
    ) async throws(SQLiteError) -> Outcome {
        var outcome = Outcome()
        var row: Int64?
        var last = JobID(0)
        let target = "dead \(kind)" + (errorClass.map { " \($0)" } ?? "")
        while true {
            let part = try await database.run(
                .deadJobs(kind: kind, errorClass: errorClass, after: last, limit: Self.batch))
            guard let end = part.last else { return outcome }
            last = end
            row = try await store(act, part, target: target, &outcome, audit: row)
        }
    }

    /// - Parameter row: the audit row of the batches before, which counts this one too.
    /// - Returns: the audit row.
    private func store(
        _ act: QueueAct, _ ids: [JobID], target: String, _ outcome: inout Outcome, audit row: Int64? = nil
    ) async throws(SQLiteError) -> Int64? {
        let (name, moment) = (name, now())
        let before = row == nil ? Outcome() : outcome
        let (part, audited) = try await database.write { db throws(SQLiteError) -> (Outcome, Int64?) in
            var part = Outcome()
            for id in ids {
                if let record = act.record?(id, moment) { try db.run(record) }
                if let stage = try db.run(act.query(id, moment)).first {
                    part.done += 1
                    part.stages.insert(stage)
                } else {
                    part.refused.append(id)
                }
            }
            let (done, refused) = (before.done + part.done, before.refused.count + part.refused.count)
            let entry = AuditEntry(
                at: moment, who: name, action: act.action, target: target,
                result: "\(done) \(act.past), \(refused) left as they were")
            return (part, try Self.note(entry, in: row, on: db))
        }
        outcome.done += part.done
        outcome.refused += part.refused
        outcome.stages.formUnion(part.stages)
        return audited
    }

    private static func note(
        _ entry: AuditEntry, in row: Int64?, on db: borrowing Connection
    ) throws(SQLiteError) -> Int64? {
        guard let row else { return try db.run(Query<Int64>.auditNumbered(entry)).first }
        try db.run(Query<Void>.amendAudit(row, result: entry.result))
        return row
    }

    /// Stops claims of a stage or kind in every process, at once. What runs goes on.
    /// - Parameters:
    ///   - target: a stage or a kind of `stage`.
    ///   - length: after which it goes on by itself; `nil` until somebody resumes it.
    @discardableResult
    package func pause(
        _ target: String, of stage: StageName, reason: String, for length: Duration?, action: String = "queue pause"
    ) async throws(SQLiteError) -> Pause {
        let moment = now()
        let pause = Pause(
            target: target, reason: reason, pausedBy: name, since: moment, until: length.map { moment + $0 })
        try await database.write { db throws(SQLiteError) in
            try db.run(.pause(pause, stage: stage))
            try db.run(
                .audit(
                    AuditEntry(at: moment, who: pause.pausedBy, action: action, target: target, result: pause.reason)))
        }
        return pause
    }

    /// Lets a stage or kind go on.
    /// - Returns: whether it was paused.
    package func resume(_ target: String) async throws(SQLiteError) -> Bool {
        let (name, moment) = (name, now())
        return try await database.write { db throws(SQLiteError) in
            let wasPaused = try !db.run(Query<String>.resume(target)).isEmpty
            try db.run(
                .audit(
                    AuditEntry(
                        at: moment, who: name, action: "queue resume", target: target,
                        result: wasPaused ? "resumed" : "was not paused")))
            return wasPaused
        }
    }
}
