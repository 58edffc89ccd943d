package import Model
package import SQLite

/// A body that was computed once and is served as it is.
package struct Document: Equatable, Sendable {
    package let body: [UInt8]
    package let snapshot: String
    package let updatedAt: Timestamp
}

/// The health of a part of the service, as the part itself last reported it.
package struct Component: Equatable, Sendable {
    package let name: String
    package let status: String
    package let since: Timestamp
    package let lastError: String?
}

extension Query {
    /// Stores a body in the place of an older one; a newer one stays.
    package static func saveDocument(
        _ name: String, body: [UInt8], snapshot: String, updatedAt: Timestamp
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO document (name, body, snapshot_id, updated_at_ms) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (name) DO UPDATE
               SET body = excluded.body, snapshot_id = excluded.snapshot_id, updated_at_ms = excluded.updated_at_ms
             WHERE excluded.updated_at_ms >= document.updated_at_ms
            """, [.text(name), .blob(body), .text(snapshot), .integer(updatedAt.milliseconds)])
    }

    package static func document(_ name: String) -> Query<Document> {
        Query<Document>("SELECT body, snapshot_id, updated_at_ms FROM document WHERE name = ?1", [.text(name)]) {
            Document(body: $0.blob(0), snapshot: $0.text(1), updatedAt: Timestamp(milliseconds: $0.integer(2)))
        }
    }

    /// A part says how it is; `since` moves only when the status changes.
    package static func reportComponent(
        _ name: String, status: String, lastError: String?, now: Timestamp
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO component (name, status, since_ms, last_error) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (name) DO UPDATE
               SET since_ms = CASE WHEN component.status = excluded.status
                                   THEN component.since_ms ELSE excluded.since_ms END,
                   status = excluded.status, last_error = excluded.last_error
            """, [.text(name), .text(status), .integer(now.milliseconds), .text(lastError)])
    }

    package static func components() -> Query<Component> {
        Query<Component>("SELECT name, status, since_ms, last_error FROM component ORDER BY name") {
            Component(
                name: $0.text(0), status: $0.text(1), since: Timestamp(milliseconds: $0.integer(2)),
                lastError: $0.textOrNull(3))
        }
    }
}
