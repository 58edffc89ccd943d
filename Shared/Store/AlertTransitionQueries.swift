package import Model
package import SQLite

/// Something that happened to an alert.
package struct AlertTransition: Equatable, Sendable {
    package let rule: String
    package let metric: String
    package let scope: String
    /// A status, or `pending`.
    package let from: String
    package let to: String
    package let suppression: AlertSuppression?
    /// Why somebody was told; `nil`: nobody was.
    package let notice: String?
    /// Why the alert ended.
    package let ending: String?
    package let value: Double?
    package let at: Timestamp

    package init(
        rule: String, metric: String, scope: String, from: String, to: String, suppression: AlertSuppression?,
        notice: String?, ending: String?, value: Double?, at: Timestamp
    ) {
        self.rule = rule
        self.metric = metric
        self.scope = scope
        self.from = from
        self.to = to
        self.suppression = suppression
        self.notice = notice
        self.ending = ending
        self.value = value
        self.at = at
    }

    init(_ row: borrowing Row) {
        self.init(
            rule: row.text(1), metric: row.text(2), scope: row.text(3), from: row.text(4), to: row.text(5),
            suppression: row.textOrNull(6).flatMap(AlertSuppression.init(rawValue:)), notice: row.textOrNull(7),
            ending: row.textOrNull(8), value: row.realOrNull(9), at: Timestamp(milliseconds: row.integer(10)))
    }
}

extension Query {
    /// Keeps what happened; answers its number, which no other has or will have.
    package static func addAlertTransition(_ transition: AlertTransition) -> Query<Int64> {
        Query<Int64>(
            """
            INSERT INTO alert_transition (rule_id, metric, scope, from_status, to_status, suppression, notice, ending,
                                          value, at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            RETURNING id
            """,
            [
                .text(transition.rule), .text(transition.metric), .text(transition.scope), .text(transition.from),
                .text(transition.to), .text(transition.suppression?.rawValue), .text(transition.notice),
                .text(transition.ending), .real(transition.value), .integer(transition.at.milliseconds),
            ]
        ) { $0.integer(0) }
    }

    /// The newest first; of one rule, or of all.
    package static func alertTransitions(limit: Int) -> Query<(id: Int64, transition: AlertTransition)> {
        Query<(id: Int64, transition: AlertTransition)>(
            """
            SELECT id, rule_id, metric, scope, from_status, to_status, suppression, notice, ending, value, at_ms
              FROM alert_transition ORDER BY id DESC LIMIT ?1
            """, [.integer(limit)]
        ) { ($0.integer(0), AlertTransition($0)) }
    }

    package static func alertTransitions(
        of rule: String, limit: Int
    ) -> Query<(id: Int64, transition: AlertTransition)> {
        Query<(id: Int64, transition: AlertTransition)>(
            """
            SELECT id, rule_id, metric, scope, from_status, to_status, suppression, notice, ending, value, at_ms
              FROM alert_transition WHERE rule_id = ?1 ORDER BY id DESC LIMIT ?2
            """, [.text(rule), .integer(limit)]
        ) { ($0.integer(0), AlertTransition($0)) }
    }

    /// Deletes some of what happened before a moment.
    package static func pruneAlertTransitions(before moment: Timestamp, limit: Int) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM alert_transition
             WHERE id IN (SELECT id FROM alert_transition WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)
            """, [.integer(moment.milliseconds), .integer(limit)])
    }
}
