package import Model
package import SQLite

/// An event of a session as it is stored.
package struct SessionEventRow: Equatable, Sendable {
    package let eventID: String
    package let sequence: Int64
    package let type: SessionEventType
    package let at: Timestamp
    /// JSON.
    package let payload: String

    package init(eventID: String, sequence: Int64, type: SessionEventType, at: Timestamp, payload: String) {
        self.eventID = eventID
        self.sequence = sequence
        self.type = type
        self.at = at
        self.payload = payload
    }
}

extension Query {
    /// Stores an event; one that was told before is replaced, and nothing is written where it says the same.
    package static func saveSessionEvent(_ event: SessionEventRow, of sessionID: String) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO session_events (session_id, event_id, seq, event_type, event_at_ms, payload)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (session_id, event_id) DO UPDATE
               SET seq = excluded.seq, event_type = excluded.event_type, event_at_ms = excluded.event_at_ms,
                   payload = excluded.payload
             WHERE seq <> excluded.seq OR event_type <> excluded.event_type
                OR event_at_ms <> excluded.event_at_ms OR payload <> excluded.payload
            """,
            [
                .text(sessionID), .text(event.eventID), .integer(event.sequence), .text(event.type.rawValue),
                .integer(event.at.milliseconds), .text(event.payload),
            ])
    }

    /// The events of a session in their order; two with one number by their ids.
    package static func sessionEvents(of sessionID: String) -> Query<SessionEventRow> {
        Query<SessionEventRow>(
            """
            SELECT event_id, seq, event_type, event_at_ms, payload FROM session_events
             WHERE session_id = ?1 ORDER BY seq, event_id
            """, [.text(sessionID)]
        ) {
            SessionEventRow(
                eventID: $0.text(0), sequence: $0.integer(1),
                type: SessionEventType(rawValue: $0.text(2)) ?? .message,
                at: Timestamp(milliseconds: $0.integer(3)), payload: $0.text(4))
        }
    }

    /// One row: how many events of a session tell of an artifact.
    package static func artifactCount(of sessionID: String) -> Query<Int64> {
        Query<Int64>(
            "SELECT count(*) FROM session_events WHERE session_id = ?1 AND event_type = 'artifact'",
            [.text(sessionID)]
        ) { $0.integer(0) }
    }
}
