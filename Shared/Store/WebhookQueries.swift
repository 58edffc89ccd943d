package import Model
package import SQLite

/// A webhook endpoint as it stands, without its keys.
package struct Subscription: Equatable, Sendable {
    package enum State: String, Sendable {
        case pending, active, disabled
    }

    package let id: String
    package let url: String
    /// Event types; `model.*` stands for all that begin so.
    package let types: [String]
    package let state: State
    package let allowHTTP: Bool
    package let description: String?
    /// What the receiver must echo before the subscription becomes active.
    package let challenge: String?
    package let throttledUntil: Timestamp?
    /// Counts the changes that a reader can see.
    package let version: Int
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let disabledReason: String?

    package init(
        id: String, url: String, types: [String], state: State, allowHTTP: Bool, description: String?,
        challenge: String?, createdAt: Timestamp
    ) {
        self.id = id
        self.url = url
        self.types = types
        self.state = state
        self.allowHTTP = allowHTTP
        self.description = description
        self.challenge = challenge
        throttledUntil = nil
        version = 1
        self.createdAt = createdAt
        updatedAt = createdAt
        disabledReason = nil
    }

    init(_ row: borrowing Row) {
        id = row.text(0)
        url = row.text(1)
        types = row.text(2).split(separator: "\n").map(String.init)
        // The schema knows no other words.
        state = State(rawValue: row.text(3)) ?? .disabled
        allowHTTP = row.flag(4)
        description = row.textOrNull(5)
        challenge = row.textOrNull(6)
        throttledUntil = row.integerOrNull(7).map { Timestamp(milliseconds: $0) }
        version = row.count(8)
        createdAt = Timestamp(milliseconds: row.integer(9))
        updatedAt = Timestamp(milliseconds: row.integer(10))
        disabledReason = row.textOrNull(11)
    }
}

/// A key that signs a subscription's deliveries, in the text form of Standard Webhooks.
package struct SubscriptionKey: Sendable, CustomStringConvertible, CustomReflectable {
    package let id: String
    package let secret: String

    package init(id: String, secret: String) {
        self.id = id
        self.secret = secret
    }

    /// The secret does not show itself.
    package var description: String { "key \(id)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Query {
    package static func addSubscription(_ subscription: Subscription) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO subscription (id, url, types, state, allow_http, description, challenge, created_at_ms,
                                      updated_at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
            """,
            [
                .text(subscription.id), .text(subscription.url), .text(subscription.types.joined(separator: "\n")),
                .text(subscription.state.rawValue), .flag(subscription.allowHTTP), .text(subscription.description),
                .text(subscription.challenge), .integer(subscription.createdAt.milliseconds),
            ])
    }

    /// - Parameter expiresAt: `nil` for the current key.
    package static func addSubscriptionKey(
        _ key: SubscriptionKey, of subscription: String, createdAt: Timestamp, expiresAt: Timestamp? = nil
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO subscription_key (id, subscription_id, secret, created_at_ms, expires_at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """,
            [
                .text(key.id), .text(subscription), .text(key.secret), .integer(createdAt.milliseconds),
                .integer(expiresAt?.milliseconds),
            ])
    }

    package static func subscription(id: String) -> Query<Subscription> {
        Query<Subscription>(
            """
            SELECT id, url, types, state, allow_http, description, challenge, throttled_until_ms, version,
                   created_at_ms, updated_at_ms, disabled_reason
              FROM subscription WHERE id = ?1
            """, [.text(id)]
        ) { Subscription($0) }
    }

    /// In the order of creation, from behind `after` on.
    package static func subscriptions(
        after: (createdAt: Timestamp, id: String)? = nil, limit: Int
    ) -> Query<Subscription> {
        Query<Subscription>(
            """
            SELECT id, url, types, state, allow_http, description, challenge, throttled_until_ms, version,
                   created_at_ms, updated_at_ms, disabled_reason
              FROM subscription
             WHERE ?1 IS NULL OR (created_at_ms, id) > (?1, ?2)
             ORDER BY created_at_ms, id LIMIT ?3
            """, [.integer(after?.createdAt.milliseconds), .text(after?.id), .integer(limit)]
        ) { Subscription($0) }
    }

    /// The keys that sign now: the current one first, then those that a rotation has not ended yet, newest first.
    package static func validKeys(of subscription: String, now: Timestamp) -> Query<SubscriptionKey> {
        Query<SubscriptionKey>(
            """
            SELECT id, secret FROM subscription_key
             WHERE subscription_id = ?1 AND (expires_at_ms IS NULL OR expires_at_ms > ?2)
             ORDER BY expires_at_ms IS NULL DESC, created_at_ms DESC, id LIMIT 11
            """, [.text(subscription), .integer(now.milliseconds)]
        ) { SubscriptionKey(id: $0.text(0), secret: $0.text(1)) }
    }

    /// Takes the subscription away with its keys, deliveries and attempts. Answers a row unless it has changed since.
    package static func deleteSubscription(id: String, version: Int) -> Query<String> {
        Query<String>(
            "DELETE FROM subscription WHERE id = ?1 AND version = ?2 RETURNING id", [.text(id), .integer(version)]
        ) { $0.text(0) }
    }

    /// The receiver has echoed the challenge.
    package static func activateSubscription(id: String, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE subscription SET state = 'active', challenge = NULL, version = version + 1, updated_at_ms = ?2
             WHERE id = ?1 AND state = 'pending'
            """, [.text(id), .integer(now.milliseconds)])
    }

    package static func disableSubscription(id: String, reason: String, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE subscription
               SET state = 'disabled', disabled_reason = ?2, version = version + 1, updated_at_ms = ?3
             WHERE id = ?1 AND state <> 'disabled'
            """, [.text(id), .text(reason), .integer(now.milliseconds)])
    }

    /// Nothing is sent to the subscription before that moment. A later moment that is known already stays.
    package static func throttleSubscription(id: String, until: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE subscription SET throttled_until_ms = max(coalesce(throttled_until_ms, 0), ?2) WHERE id = ?1
            """, [.text(id), .integer(until.milliseconds)])
    }
}

extension Query {
    package static func subscriptionCount() -> Query<Int> {
        Query<Int>("SELECT count(*) FROM subscription") { $0.count(0) }
    }
}

extension Query {
    /// How many subscriptions the holder of a token has made.
    package static func subscriptionCount(of token: String) -> Query<Int> {
        Query<Int>("SELECT count(*) FROM subscription WHERE created_by = ?1", [.text(token)]) { $0.count(0) }
    }
}
