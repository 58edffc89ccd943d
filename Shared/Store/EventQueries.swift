package import Model
package import SQLite

/// What a subscription wants to hear, as far as the outbox needs to know.
package struct Audience: Sendable {
    package let subscription: String
    /// Event types, one a line; `model.*` stands for all that begin so.
    package let types: [String]
    /// JSON: fields of `data`, and the values that each may have.
    package let filter: String?

    package init(_ subscription: Subscription) {
        self.init(subscription: subscription.id, types: subscription.types, filter: subscription.filter)
    }

    init(subscription: String, types: [String], filter: String?) {
        self.subscription = subscription
        self.types = types
        self.filter = filter
    }

    package static func pattern(_ pattern: String, covers type: String) -> Bool {
        pattern == type || pattern == "*" || (pattern.hasSuffix(".*") && type.hasPrefix(pattern.dropLast(1)))
    }

    /// Whether an event of that type is for this subscription, if its filter lets it pass.
    package func wants(_ type: String) -> Bool {
        types.contains { Self.pattern($0, covers: type) }
    }
}

extension Query {
    /// Writes an event once per origin; answers a row only to the first.
    package static func saveEvent(
        id: String, type: String, originKey: String, occurredAt: Timestamp, body: [UInt8], traceParent: String?
    ) -> Query<String> {
        Query<String>(
            """
            INSERT INTO event (id, type, origin_key, occurred_at_ms, body, traceparent) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO NOTHING RETURNING id
            """,
            [
                .text(id), .text(type), .text(originKey), .integer(occurredAt.milliseconds), .blob(body),
                .text(traceParent),
            ]
        ) { $0.text(0) }
    }

    /// Whether a happening has been told: one row if it has.
    package static func toldEvent(originKey: String) -> Query<String> {
        Query<String>("SELECT id FROM event WHERE origin_key = ?1", [.text(originKey)]) { $0.text(0) }
    }

    package static func activeAudiences() -> Query<Audience> {
        Query<Audience>("SELECT id, types, filter FROM subscription WHERE state = 'active' ORDER BY id") {
            Audience(
                subscription: $0.text(0), types: $0.text(1).split(separator: "\n").map(String.init),
                filter: $0.textOrNull(2))
        }
    }
}

/// An event as those see it who poll: its place in the order of all, and the bytes that webhooks carry.
package struct PolledEvent: Equatable, Sendable {
    package let sequence: Int64
    package let id: String
    package let body: [UInt8]
}

extension Query {
    /// What happened after a place, in order. What concerns one subscriber or the operators alone, such as the
    /// challenge that proves an endpoint, or what agents cost, is for those who subscribe.
    package static func events(after sequence: Int64, limit: Int) -> Query<PolledEvent> {
        Query<PolledEvent>(
            """
            SELECT sequence, id, body FROM event
             WHERE sequence > ?1 AND substr(type, 1, 13) <> 'subscription.' AND substr(type, 1, 4) <> 'job.'
               AND substr(type, 1, 6) <> 'alert.'
             ORDER BY sequence LIMIT ?2
            """, [.integer(sequence), .integer(limit)]
        ) { PolledEvent(sequence: $0.integer(0), id: $0.text(1), body: $0.blob(2)) }
    }
}
