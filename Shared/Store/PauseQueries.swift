package import Model
package import SQLite

/// A stage or kind that is not claimed from for now, and why.
package struct Pause: Equatable, Sendable {
    package let target: String
    package let reason: String
    package let pausedBy: String
    package let since: Timestamp
    /// `nil` until somebody resumes it.
    package let until: Timestamp?

    package init(target: String, reason: String, pausedBy: String, since: Timestamp, until: Timestamp?) {
        self.target = target
        self.reason = reason
        self.pausedBy = pausedBy
        self.since = since
        self.until = until
    }
}

extension Query {
    /// Pauses a stage or kind; a new reason or end replaces the old one.
    /// - Parameter stage: the one that the target is, or that the kind belongs to.
    package static func pause(_ pause: Pause, stage: StageName) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO pause (target, reason, paused_by, since_ms, until_ms, stage) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (target) DO UPDATE
               SET reason = excluded.reason, paused_by = excluded.paused_by, until_ms = excluded.until_ms,
                   since_ms = CASE WHEN pause.until_ms <= excluded.since_ms
                                   THEN excluded.since_ms ELSE pause.since_ms END
            """,
            [
                .text(pause.target), .text(pause.reason), .text(pause.pausedBy), .integer(pause.since.milliseconds),
                .integer(pause.until?.milliseconds), .text(stage.rawValue),
            ])
    }

    /// Lets a stage or kind go on. Answers a row if it was paused.
    package static func resume(_ target: String) -> Query<String> {
        Query<String>("DELETE FROM pause WHERE target = ?1 RETURNING target", [.text(target)]) { $0.text(0) }
    }

    /// What is paused at that moment.
    package static func pauses(now: Timestamp) -> Query<Pause> {
        Query<Pause>(
            """
            SELECT target, reason, paused_by, since_ms, until_ms FROM pause
             WHERE until_ms IS NULL OR until_ms > ?1 ORDER BY target
            """, [.integer(now.milliseconds)]
        ) { Pause($0) }
    }
}

extension Pause {
    /// From the columns target, reason, paused_by, since_ms, until_ms.
    init(_ row: borrowing Row) {
        self.init(
            target: row.text(0), reason: row.text(1), pausedBy: row.text(2),
            since: Timestamp(milliseconds: row.integer(3)),
            until: row.integerOrNull(4).map { Timestamp(milliseconds: $0) })
    }
}
