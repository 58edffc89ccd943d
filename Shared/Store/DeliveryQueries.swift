package import Model
package import SQLite

/// One event on its way to one endpoint.
package struct Delivery: Equatable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case pending, succeeded, failed, cancelled
    }

    /// What made the delivery.
    package enum Trigger: String, Sendable {
        case scheduled, manual, test, replay
    }

    package let id: String
    package let event: String
    package let eventType: String
    package let subscription: String
    package let trigger: Trigger
    package let state: State
    /// Tries that have been made and recorded.
    package let attempts: Int
    package let createdAt: Timestamp
    package let endedAt: Timestamp?
    package let nextAttemptAt: Timestamp?

    init(_ row: borrowing Row) {
        id = row.text(0)
        event = row.text(1)
        eventType = row.text(2)
        subscription = row.text(3)
        // The schema knows no other words.
        trigger = Trigger(rawValue: row.text(4)) ?? .scheduled
        state = State(rawValue: row.text(5)) ?? .cancelled
        attempts = row.count(6)
        createdAt = Timestamp(milliseconds: row.integer(7))
        endedAt = row.integerOrNull(8).map { Timestamp(milliseconds: $0) }
        nextAttemptAt = row.integerOrNull(9).map { Timestamp(milliseconds: $0) }
    }
}

/// What every receiver of an event gets, byte for byte, and the trace that it belongs to.
package struct StoredEvent: Equatable, Sendable {
    package let id: String
    package let type: String
    package let body: [UInt8]
    package let traceParent: String?
}

extension Query {
    package static func delivery(id: String) -> Query<Delivery> {
        Query<Delivery>(
            """
            SELECT delivery.id, event_id, event.type, subscription_id, trigger, state, attempts, created_at_ms,
                   ended_at_ms, next_attempt_at_ms
              FROM delivery JOIN event ON event.id = event_id WHERE delivery.id = ?1
            """, [.text(id)]
        ) { Delivery($0) }
    }

    /// The newest first, from before `before` on; of one state where one is given.
    package static func deliveries(
        of subscription: String, state: Delivery.State? = nil, before: (createdAt: Timestamp, id: String)? = nil,
        limit: Int
    ) -> Query<Delivery> {
        Query<Delivery>(
            """
            SELECT delivery.id, event_id, event.type, subscription_id, trigger, state, attempts, created_at_ms,
                   ended_at_ms, next_attempt_at_ms
              FROM delivery JOIN event ON event.id = event_id
             WHERE subscription_id = ?1 AND (?2 IS NULL OR state = ?2)
               AND (?3 IS NULL OR (created_at_ms, delivery.id) < (?3, ?4))
             ORDER BY created_at_ms DESC, delivery.id DESC LIMIT ?5
            """,
            [
                .text(subscription), .text(state?.rawValue), .integer(before?.createdAt.milliseconds),
                .text(before?.id), .integer(limit),
            ]
        ) { Delivery($0) }
    }

    package static func event(id: String) -> Query<StoredEvent> {
        Query<StoredEvent>("SELECT id, type, body, traceparent FROM event WHERE id = ?1", [.text(id)]) {
            StoredEvent(id: $0.text(0), type: $0.text(1), body: $0.blob(2), traceParent: $0.textOrNull(3))
        }
    }

    /// A delivery that somebody asked for.
    package static func saveDelivery(
        id: String, event: String, subscription: String, trigger: Delivery.Trigger, now: Timestamp
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO delivery (id, event_id, subscription_id, trigger, state, created_at_ms, next_attempt_at_ms)
            VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?5)
            """,
            [.text(id), .text(event), .text(subscription), .text(trigger.rawValue), .integer(now.milliseconds)])
    }

    /// Ends a delivery; the first end stays.
    package static func endDelivery(
        id: String, state: Delivery.State, attempts: Int, now: Timestamp
    ) -> Query<Void> {
        precondition(state != .pending, "an end that is none")
        return Query<Void>(
            """
            UPDATE delivery SET state = ?2, attempts = ?3, ended_at_ms = ?4, next_attempt_at_ms = NULL
             WHERE id = ?1 AND state = 'pending'
            """, [.text(id), .text(state.rawValue), .integer(attempts), .integer(now.milliseconds)])
    }

    package static func postponeDelivery(id: String, attempts: Int, until: Timestamp) -> Query<Void> {
        Query<Void>(
            "UPDATE delivery SET attempts = ?2, next_attempt_at_ms = ?3 WHERE id = ?1 AND state = 'pending'",
            [.text(id), .integer(attempts), .integer(until.milliseconds)])
    }
}

extension Query {
    package static func deliveryCount(of subscription: String, state: Delivery.State? = nil) -> Query<Int> {
        Query<Int>(
            "SELECT count(*) FROM delivery WHERE subscription_id = ?1 AND (?2 IS NULL OR state = ?2)",
            [.text(subscription), .text(state?.rawValue)]
        ) { $0.count(0) }
    }
}
