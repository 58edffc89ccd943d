package import Model
package import SQLite

/// How a rule stands in a scope, as it is stored.
package struct StoredAlert: Equatable, Sendable {
    package let rule: String
    package let scope: String
    package var state: AlertState

    package init(rule: String, scope: String, state: AlertState) {
        self.rule = rule
        self.scope = scope
        self.state = state
    }

    init(_ row: borrowing Row) {
        rule = row.text(0)
        scope = row.text(1)
        func moment(_ milliseconds: Int64?) -> Timestamp? { milliseconds.map { Timestamp(milliseconds: $0) } }
        state = AlertState(evaluatedAt: Timestamp(milliseconds: row.integer(7)))
        state.status = AlertStatus(rawValue: row.text(2)) ?? .ok
        state.value = row.realOrNull(3)
        state.triggeredAt = moment(row.integerOrNull(4))
        state.notifiedAt = moment(row.integerOrNull(5))
        state.isDeduped = row.flag(6)
        state.severity = AlertSeverity(rawValue: row.text(8)) ?? .ok
        state.suppression = row.textOrNull(9).flatMap(AlertSuppression.init(rawValue:))
        state.told = row.textOrNull(10).flatMap(AlertLevel.init(rawValue:))
        state.warning = AlertCondition(
            since: moment(row.integerOrNull(11)), lastHeld: moment(row.integerOrNull(12)))
        state.critical = AlertCondition(
            since: moment(row.integerOrNull(13)), lastHeld: moment(row.integerOrNull(14)))
        state.unknownSince = moment(row.integerOrNull(15))
    }
}

extension Query {
    /// All of them, in a fixed order.
    package static func alertStates() -> Query<StoredAlert> {
        Query<StoredAlert>(
            """
            SELECT rule_id, scope, status, value, triggered_at_ms, notified_at_ms, deduped, evaluated_at_ms, severity,
                   suppression, told, warning_since_ms, warning_held_ms, critical_since_ms, critical_held_ms,
                   unknown_since_ms
              FROM alert_state ORDER BY rule_id, scope
            """
        ) { StoredAlert($0) }
    }

    /// Stores how a rule stands, new or not.
    /// - Parameter fingerprint: the rule, the scope and the status.
    package static func saveAlertState(_ row: StoredAlert, fingerprint: String) -> Query<Void> {
        let state = row.state
        return Query<Void>(
            """
            INSERT INTO alert_state (rule_id, scope, status, value, fingerprint, triggered_at_ms, notified_at_ms,
                                     deduped, evaluated_at_ms, severity, suppression, told, warning_since_ms,
                                     warning_held_ms, critical_since_ms, critical_held_ms, unknown_since_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            ON CONFLICT (rule_id, scope) DO UPDATE
               SET status = excluded.status, value = excluded.value, fingerprint = excluded.fingerprint,
                   triggered_at_ms = excluded.triggered_at_ms, notified_at_ms = excluded.notified_at_ms,
                   deduped = excluded.deduped, evaluated_at_ms = excluded.evaluated_at_ms,
                   severity = excluded.severity, suppression = excluded.suppression, told = excluded.told,
                   warning_since_ms = excluded.warning_since_ms, warning_held_ms = excluded.warning_held_ms,
                   critical_since_ms = excluded.critical_since_ms, critical_held_ms = excluded.critical_held_ms,
                   unknown_since_ms = excluded.unknown_since_ms
            """,
            [
                .text(row.rule), .text(row.scope), .text(state.status.rawValue), .real(state.value), .text(fingerprint),
                .integer(state.triggeredAt?.milliseconds), .integer(state.notifiedAt?.milliseconds),
                .flag(state.isDeduped), .integer(state.evaluatedAt.milliseconds), .text(state.severity.rawValue),
                .text(state.suppression?.rawValue), .text(state.told?.rawValue),
                .integer(state.warning.since?.milliseconds), .integer(state.warning.lastHeld?.milliseconds),
                .integer(state.critical.since?.milliseconds), .integer(state.critical.lastHeld?.milliseconds),
                .integer(state.unknownSince?.milliseconds),
            ])
    }

    package static func forgetAlertState(rule: String, scope: String) -> Query<Void> {
        Query<Void>(
            "DELETE FROM alert_state WHERE rule_id = ?1 AND scope = ?2", [.text(rule), .text(scope)])
    }

    /// Whether somebody should be asked to evaluate: a row if a rule is enabled and no job of that key waits.
    package static func anyUnaskedRule(key: String) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT 1 FROM alert_rules
             WHERE enabled = 1 AND NOT EXISTS (SELECT 1 FROM job WHERE unique_key = ?1 AND unique_held = 1)
             LIMIT 1
            """, [.text(key)]
        ) { $0.integer(0) }
    }
}

/// How many rules in their scopes stand so.
package struct AlertCount: Equatable, Sendable {
    package let severity: String
    package let amount: Int
}

/// How alerts stand all in all.
package struct AlertTotals: Equatable, Sendable {
    package let suppressed: Int
    /// When the rules were evaluated last; `nil` where there is nothing to evaluate.
    package let evaluatedAt: Timestamp?
}

extension Query {
    /// How many alerts there are of each severity that somebody may be told of, and how many rules find nothing wrong,
    /// nothing to judge, or no way to judge.
    package static func alertCounts() -> Query<AlertCount> {
        Query<AlertCount>(
            """
            SELECT CASE WHEN status IN ('warning', 'critical') THEN status
                        WHEN severity IN ('no_data', 'error') THEN severity ELSE 'ok' END AS standing, count(*)
              FROM alert_state GROUP BY standing ORDER BY standing
            """
        ) { AlertCount(severity: $0.text(0), amount: $0.count(1)) }
    }

    package static func alertTotals() -> Query<AlertTotals> {
        Query<AlertTotals>("SELECT count(suppression), max(evaluated_at_ms) FROM alert_state") {
            AlertTotals(
                suppressed: $0.count(0), evaluatedAt: $0.integerOrNull(1).map { Timestamp(milliseconds: $0) })
        }
    }
}
