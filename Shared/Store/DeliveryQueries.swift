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
    /// The place in the order of its subscription.
    package let position: Int64
    /// The delivery that was sent again.
    package let original: String?
    /// Whether it says something about the receiver's health.
    package let counts: Bool
    /// The job of the attempt that is under way or about to be.
    package let job: JobID?

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
        position = row.integer(10)
        original = row.textOrNull(11)
        counts = row.flag(12)
        job = row.integerOrNull(13).map { JobID($0) }
    }
}

/// What every receiver of an event gets, byte for byte, and the trace that it belongs to.
package struct StoredEvent: Equatable, Sendable {
    package let id: String
    package let type: String
    package let body: [UInt8]
    package let traceParent: String?
}

/// An event with its place in the order of all.
package struct RecordedEvent: Equatable, Sendable {
    package let sequence: Int64
    package let event: StoredEvent
}

/// A delivery that is about to be written.
package struct NewDelivery: Equatable, Sendable {
    package let id: String
    package let event: String
    package let subscription: String
    package var trigger = Delivery.Trigger.scheduled
    /// The delivery that is sent again.
    package var original: String?
    /// Whether it says something about the receiver's health.
    package var counts = true
    /// The trace of the request that asked for it; `nil` for that of the event.
    package var traceParent: String?

    package init(id: String, event: String, subscription: String) {
        self.id = id
        self.event = event
        self.subscription = subscription
    }
}

extension Query {
    package static func delivery(id: String) -> Query<Delivery> {
        Query<Delivery>(
            """
            SELECT delivery.id, event_id, event.type, subscription_id, trigger, state, attempts, created_at_ms,
                   ended_at_ms, next_attempt_at_ms, position, original_id, counts, job_id
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
                   ended_at_ms, next_attempt_at_ms, position, original_id, counts, job_id
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

    /// Events that were written in a time, in order, with their places; what concerns one subscriber alone is left out.
    package static func recordedEvents(
        since: Timestamp, until: Timestamp, after sequence: Int64 = 0, limit: Int
    ) -> Query<RecordedEvent> {
        Query<RecordedEvent>(
            """
            SELECT sequence, id, type, body, traceparent FROM event
             WHERE occurred_at_ms >= ?1 AND occurred_at_ms < ?2 AND sequence > ?3
               AND type <> 'subscription.verification' AND type <> 'subscription.test'
             ORDER BY sequence LIMIT ?4
            """,
            [.integer(since.milliseconds), .integer(until.milliseconds), .integer(sequence), .integer(limit)]
        ) {
            RecordedEvent(
                sequence: $0.integer(0),
                event: StoredEvent(id: $0.text(1), type: $0.text(2), body: $0.blob(3), traceParent: $0.textOrNull(4)))
        }
    }

    /// A new delivery, behind all others of its subscription. One that only looks whether the receiver answers is
    /// before them.
    package static func saveDelivery(_ delivery: NewDelivery, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO delivery (id, event_id, subscription_id, trigger, state, created_at_ms, next_attempt_at_ms,
                                  original_id, counts, traceparent, position)
            VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?5, ?6, ?7, ?8,
                    CASE WHEN ?4 = 'test' THEN 0
                         ELSE coalesce((SELECT max(position) FROM delivery WHERE subscription_id = ?3), 0) + 1 END)
            """,
            [
                .text(delivery.id), .text(delivery.event), .text(delivery.subscription),
                .text(delivery.trigger.rawValue), .integer(now.milliseconds), .text(delivery.original),
                .flag(delivery.counts), .text(delivery.traceParent),
            ])
    }

    /// Ends a delivery; the first end stays.
    package static func endDelivery(
        id: String, state: Delivery.State, attempts: Int, now: Timestamp
    ) -> Query<Void> {
        precondition(state != .pending, "an end that is none")
        return Query<Void>(
            """
            UPDATE delivery SET state = ?2, attempts = ?3, ended_at_ms = ?4, next_attempt_at_ms = NULL, job_id = NULL
             WHERE id = ?1 AND state = 'pending'
            """, [.text(id), .text(state.rawValue), .integer(attempts), .integer(now.milliseconds)])
    }

    /// Lets a delivery wait for its turn again, as if it had not been let in.
    package static func releaseDelivery(id: String) -> Query<Void> {
        Query<Void>("UPDATE delivery SET job_id = NULL WHERE id = ?1", [.text(id)])
    }

    /// Lets a delivery wait for its next attempt; no job is under way for it then.
    package static func postponeDelivery(id: String, attempts: Int, until: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE delivery SET attempts = ?2, next_attempt_at_ms = ?3, job_id = NULL
             WHERE id = ?1 AND state = 'pending'
            """, [.text(id), .integer(attempts), .integer(until.milliseconds)])
    }
}

extension Query {
    package static func deliveryCount(of subscription: String, state: Delivery.State? = nil) -> Query<Int> {
        Query<Int>(
            "SELECT count(*) FROM delivery WHERE subscription_id = ?1 AND (?2 IS NULL OR state = ?2)",
            [.text(subscription), .text(state?.rawValue)]
        ) { $0.count(0) }
    }

    /// Deliveries that have not ended, of all subscriptions.
    package static func pendingDeliveryCount() -> Query<Int> {
        Query<Int>("SELECT count(*) FROM delivery WHERE state = 'pending'") { $0.count(0) }
    }
}
