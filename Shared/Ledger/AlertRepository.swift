import Jobs
package import Model
package import SQLite
package import Store

/// The rules by which somebody is told, and how they stand, whichever engine keeps them.
package protocol AlertRepository: Sendable {
    /// In the order in which they were made.
    func rules() async throws(LedgerFailure) -> [AlertRule]

    /// - Parameter who: as the audit calls whoever does it.
    func add(_ rule: AlertRule, by who: String) async throws(LedgerFailure)

    /// Changes a rule as `change` says, which sees it as it stands and may refuse; nobody else changes it meanwhile.
    /// - Returns: the rule as it is then; `nil` where there is none.
    func change<Refusal: Error>(
        _ id: String, by who: String, now: Timestamp,
        _ change: @escaping @Sendable (AlertRule) -> Result<AlertRule, Refusal>
    ) async throws(LedgerFailure) -> Result<AlertRule, Refusal>?

    /// What holds now or has just ceased to. Changes nothing.
    func active() async throws(LedgerFailure) -> [ActiveAlert]
}

/// The rules in SQLite.
package struct SQLiteAlerts: AlertRepository {
    private let writer: Database
    private let reader: Database

    package init(writer: Database, reader: Database) {
        self.writer = writer
        self.reader = reader
    }

    package func rules() async throws(LedgerFailure) -> [AlertRule] {
        do throws(SQLiteError) {
            return try await reader.run(.alertRules()).compactMap(\.self)
        } catch {
            throw LedgerFailure(error)
        }
    }

    package func add(_ rule: AlertRule, by who: String) async throws(LedgerFailure) {
        do throws(SQLiteError) {
            try await writer.write { db throws(SQLiteError) in
                try db.run(Query<Void>.saveAlertRule(rule))
                try db.run(
                    .audit(
                        AuditEntry(
                            at: rule.createdAt, who: who, action: "alerts create", target: rule.id,
                            result: rule.metric.rawValue)))
                try db.enqueueEvaluation(now: rule.createdAt)
            }
        } catch {
            throw LedgerFailure(error)
        }
    }

    package func change<Refusal: Error>(
        _ id: String, by who: String, now: Timestamp,
        _ change: @escaping @Sendable (AlertRule) -> Result<AlertRule, Refusal>
    ) async throws(LedgerFailure) -> Result<AlertRule, Refusal>? {
        do throws(SQLiteError) {
            return try await writer.write { db throws(SQLiteError) in
                guard let rule = try db.run(Query<AlertRule?>.alertRule(id)).compactMap(\.self).first else {
                    return nil
                }
                let changed = change(rule).map { wanted in
                    var wanted = wanted
                    wanted.version = rule.version + 1
                    wanted.updatedAt = now
                    return wanted
                }
                if case .success(let wanted) = changed {
                    try db.run(Query<Void>.saveAlertRule(wanted))
                    let result = wanted.isEnabled ? "changed" : "disabled"
                    try db.run(
                        .audit(AuditEntry(at: now, who: who, action: "alerts change", target: id, result: result)))
                    // A rule that was disabled ends its alerts.
                    try db.enqueueEvaluation(now: now)
                }
                return changed
            }
        } catch {
            throw LedgerFailure(error)
        }
    }

    package func active() async throws(LedgerFailure) -> [ActiveAlert] {
        do throws(SQLiteError) {
            return try await reader.run(.activeAlerts())
        } catch {
            throw LedgerFailure(error)
        }
    }
}
