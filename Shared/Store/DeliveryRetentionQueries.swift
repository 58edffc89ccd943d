package import Model
package import SQLite

extension Query {
    /// Deletes some of the deliveries that ended before a moment, with their attempts; answers each.
    package static func pruneDeliveries(endedBefore moment: Timestamp, limit: Int) -> Query<String> {
        Query<String>(
            """
            DELETE FROM delivery
             WHERE id IN (SELECT id FROM delivery WHERE ended_at_ms < ?1 ORDER BY ended_at_ms LIMIT ?2)
            RETURNING id
            """, [.integer(moment.milliseconds), .integer(limit)]
        ) { $0.text(0) }
    }

    /// Deletes some of the events that are older than a moment and that no delivery is kept of; answers each.
    /// - Parameter newest: so many stay however old they are: by them a happening is known that has been told.
    package static func pruneEvents(before moment: Timestamp, keeping newest: Int, limit: Int) -> Query<String> {
        Query<String>(
            """
            DELETE FROM event
             WHERE id IN (SELECT id FROM event
                           WHERE occurred_at_ms < ?1 AND sequence <= (SELECT max(sequence) FROM event) - ?2
                             AND NOT EXISTS (SELECT 1 FROM delivery WHERE event_id = event.id)
                           ORDER BY occurred_at_ms LIMIT ?3)
            RETURNING id
            """, [.integer(moment.milliseconds), .integer(newest), .integer(limit)]
        ) { $0.text(0) }
    }
}
