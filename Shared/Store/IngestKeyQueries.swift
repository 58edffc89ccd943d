package import Model
package import SQLite

/// What was taken under a key.
package struct IngestKeyRow: Equatable, Sendable {
    package let fingerprint: [UInt8]
    /// The body of the answer.
    package let result: String

    package init(fingerprint: [UInt8], result: String) {
        self.fingerprint = fingerprint
        self.result = result
    }
}

extension Query {
    /// What was taken under a key whose time is not over.
    package static func ingestKey(_ key: String, now: Timestamp) -> Query<IngestKeyRow> {
        Query<IngestKeyRow>(
            "SELECT fingerprint, result FROM ingest_key WHERE key = ?1 AND expires_at_ms > ?2",
            [.text(key), .integer(now.milliseconds)]
        ) { IngestKeyRow(fingerprint: $0.blob(0), result: $0.text(1)) }
    }

    /// Keeps what was taken under a key, in the place of what was taken under it before.
    package static func keepIngestKey(
        _ key: String, _ row: IngestKeyRow, of sessionID: String, until: Timestamp
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO ingest_key (key, session_id, fingerprint, result, expires_at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (key) DO UPDATE
               SET session_id = excluded.session_id, fingerprint = excluded.fingerprint, result = excluded.result,
                   expires_at_ms = excluded.expires_at_ms
            """,
            [
                .text(key), .text(sessionID), .blob(row.fingerprint), .text(row.result),
                .integer(until.milliseconds),
            ])
    }

    /// Forgets some of the keys whose time is over; answers each.
    package static func forgetIngestKeys(now: Timestamp, limit: Int) -> Query<String> {
        Query<String>(
            """
            DELETE FROM ingest_key
             WHERE key IN (SELECT key FROM ingest_key WHERE expires_at_ms <= ?1 ORDER BY expires_at_ms LIMIT ?2)
            RETURNING key
            """, [.integer(now.milliseconds), .integer(limit)]
        ) { $0.text(0) }
    }
}
