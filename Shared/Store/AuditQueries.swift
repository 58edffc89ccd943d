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

    /// The newest acts first.
    package static func auditEntries(limit: Int) -> Query<AuditEntry> {
        Query<AuditEntry>(
            "SELECT at_ms, who, action, target, result FROM audit ORDER BY id DESC LIMIT ?1", [.integer(limit)]
        ) {
            AuditEntry(
                at: Timestamp(milliseconds: $0.integer(0)), who: $0.text(1), action: $0.text(2), target: $0.text(3),
                result: $0.text(4))
        }
    }
}
