package import Model
package import SQLite

/// One act of an operator: who did what to what, and with what result.
package struct AuditEntry: Equatable, Sendable {
    package let at: Timestamp
    package let who: String
    package let action: String
    package let target: String
    package let result: String

    package init(at: Timestamp, who: String, action: String, target: String, result: String) {
        self.at = at
        self.who = who
        self.action = action
        self.target = target
        self.result = result
    }
}

extension Query {
    /// To be written in the transaction of the act itself.
    package static func audit(_ entry: AuditEntry) -> Query<Void> {
        Query<Void>(
            "INSERT INTO audit (at_ms, who, action, target, result) VALUES (?1, ?2, ?3, ?4, ?5)",
            [
                .integer(entry.at.milliseconds), .text(entry.who), .text(entry.action), .text(entry.target),
                .text(entry.result),
            ])
    }

    /// The same, and the number of the row: for an act that goes on in other transactions.
    package static func auditNumbered(_ entry: AuditEntry) -> Query<Int64> {
        Query<Int64>(
            "INSERT INTO audit (at_ms, who, action, target, result) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
            [
                .integer(entry.at.milliseconds), .text(entry.who), .text(entry.action), .text(entry.target),
                .text(entry.result),
            ]
        ) { $0.integer(0) }
    }

    /// What has come of an act so far.
    package static func amendAudit(_ id: Int64, result: String) -> Query<Void> {
        Query<Void>("UPDATE audit SET result = ?2 WHERE id = ?1", [.integer(id), .text(result)])
    }

    /// The newest acts first.
    /// - Parameters:
    ///   - place: the number behind which to begin; `nil`: with the newest.
    ///   - action: what was done, or the first words of it.
    package static func auditEntries(
        before place: Int64? = nil, who: String? = nil, action: String? = nil, limit: Int
    ) -> Query<(id: Int64, entry: AuditEntry)> {
        Query<(id: Int64, entry: AuditEntry)>(
            """
            SELECT id, at_ms, who, action, target, result FROM audit
             WHERE id < ?1 AND (?2 IS NULL OR who = ?2)
               AND (?3 IS NULL OR substr(action || ' ', 1, length(?3) + 1) = ?3 || ' ')
             ORDER BY id DESC LIMIT ?4
            """, [.integer(place ?? .max), .text(who), .text(action), .integer(limit)]
        ) {
            let entry = AuditEntry(
                at: Timestamp(milliseconds: $0.integer(1)), who: $0.text(2), action: $0.text(3), target: $0.text(4),
                result: $0.text(5))
            return ($0.integer(0), entry)
        }
    }
}
