package import Model
package import SQLite

/// What somebody does not want to be told for a while, as it is stored.
package struct AlertSilenceRow: Equatable, Sendable {
    package let id: Int64
    /// Conditions such as `agent=planner`; all must fit.
    package let matchers: [String]
    package let reason: String
    package let createdBy: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        id: Int64, matchers: [String], reason: String, createdBy: String, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.matchers = matchers
        self.reason = reason
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

extension Query {
    /// Answers the new silence's number.
    package static func addAlertSilence(
        _ matchers: [String], reason: String, by name: String, until end: Timestamp, now: Timestamp
    ) -> Query<Int64> {
        Query<Int64>(
            """
            INSERT INTO alert_silence (matchers, reason, created_by, created_at_ms, expires_at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5)
            RETURNING id
            """,
            [
                .text(matchers.joined(separator: "\n")), .text(reason), .text(name), .integer(now.milliseconds),
                .integer(end.milliseconds),
            ]
        ) { $0.integer(0) }
    }

    /// Those that have not ended at a moment, in the order in which they were made.
    package static func alertSilences(at now: Timestamp) -> Query<AlertSilenceRow> {
        Query<AlertSilenceRow>(
            """
            SELECT id, matchers, reason, created_by, created_at_ms, expires_at_ms
              FROM alert_silence WHERE expires_at_ms > ?1 ORDER BY id
            """, [.integer(now.milliseconds)]
        ) {
            AlertSilenceRow(
                id: $0.integer(0), matchers: $0.text(1).split(separator: "\n").map(String.init), reason: $0.text(2),
                createdBy: $0.text(3), createdAt: Timestamp(milliseconds: $0.integer(4)),
                expiresAt: Timestamp(milliseconds: $0.integer(5)))
        }
    }

    /// Ends a silence before its time; answers its number if it had not ended.
    package static func endAlertSilence(_ id: Int64, now: Timestamp) -> Query<Int64> {
        Query<Int64>(
            "UPDATE alert_silence SET expires_at_ms = ?2 WHERE id = ?1 AND expires_at_ms > ?2 RETURNING id",
            [.integer(id), .integer(now.milliseconds)]
        ) { $0.integer(0) }
    }

    /// Deletes some of those that ended before a moment.
    package static func pruneAlertSilences(endedBefore moment: Timestamp, limit: Int) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM alert_silence
             WHERE id IN (SELECT id FROM alert_silence WHERE expires_at_ms < ?1 ORDER BY expires_at_ms LIMIT ?2)
            """, [.integer(moment.milliseconds), .integer(limit)])
    }
}
