package import Model
package import SQLite

/// A key that signs a subscription's deliveries, in the text form of Standard Webhooks.
package struct SubscriptionKey: Sendable, CustomStringConvertible, CustomReflectable {
    package let id: String
    package let secret: String
    /// `whpk_…` of a pair, `nil` of a shared secret.
    package let publicKey: String?

    package init(id: String, secret: String, publicKey: String? = nil) {
        self.id = id
        self.secret = secret
        self.publicKey = publicKey
    }

    /// The secret does not show itself.
    package var description: String { "key \(id)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What may be shown of a key.
package struct ShownKey: Equatable, Sendable {
    package let id: String
    package let subscription: String
    /// `hmac` or `ed25519`.
    package let kind: String
    /// `whpk_…` of a pair.
    package let publicKey: String?
    package let createdAt: Timestamp
    /// `nil` for the current key.
    package let expiresAt: Timestamp?

    init(_ row: borrowing Row) {
        id = row.text(0)
        subscription = row.text(1)
        kind = row.text(2)
        publicKey = row.textOrNull(3)
        createdAt = Timestamp(milliseconds: row.integer(4))
        expiresAt = row.integerOrNull(5).map { Timestamp(milliseconds: $0) }
    }
}

/// Makes a key the current one of a subscription: those before it sign for a while longer, and the oldest end at once
/// where there are more than receivers can be expected to try.
package struct RotateKey: Write {
    package static let mostOldKeys = 10

    private let key: SubscriptionKey
    private let subscription: String
    private let graceUntil: Timestamp
    private let now: Timestamp

    package init(to key: SubscriptionKey, of subscription: String, grace: Duration, now: Timestamp) {
        self.key = key
        self.subscription = subscription
        graceUntil = now + grace
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(Query<Void>.retireKeys(of: subscription, at: graceUntil))
        try connection.run(Query<Void>.addSubscriptionKey(key, of: subscription, createdAt: now))
        try connection.run(Query<Void>.dropOldKeys(of: subscription, keeping: Self.mostOldKeys, now: now))
        try connection.run(Query<Void>.countChange(of: subscription, now: now))
    }
}

extension Query {
    /// - Parameter expiresAt: `nil` for the current key.
    package static func addSubscriptionKey(
        _ key: SubscriptionKey, of subscription: String, createdAt: Timestamp, expiresAt: Timestamp? = nil
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO subscription_key (id, subscription_id, secret, created_at_ms, expires_at_ms, kind, public_key)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """,
            [
                .text(key.id), .text(subscription), .text(key.secret), .integer(createdAt.milliseconds),
                .integer(expiresAt?.milliseconds), .text(key.publicKey == nil ? "hmac" : "ed25519"),
                .text(key.publicKey),
            ])
    }

    /// The keys that sign now: the current one first, then those that a rotation has not ended yet, newest first.
    package static func validKeys(of subscription: String, now: Timestamp) -> Query<SubscriptionKey> {
        Query<SubscriptionKey>(
            """
            SELECT id, secret, public_key FROM subscription_key
             WHERE subscription_id = ?1 AND (expires_at_ms IS NULL OR expires_at_ms > ?2)
             ORDER BY expires_at_ms IS NULL DESC, created_at_ms DESC, expires_at_ms DESC, id LIMIT 11
            """, [.text(subscription), .integer(now.milliseconds)]
        ) { SubscriptionKey(id: $0.text(0), secret: $0.text(1), publicKey: $0.textOrNull(2)) }
    }

    /// The same keys, as they may be shown.
    package static func shownKeys(of subscription: String, now: Timestamp) -> Query<ShownKey> {
        Query<ShownKey>(
            """
            SELECT id, subscription_id, kind, public_key, created_at_ms, expires_at_ms FROM subscription_key
             WHERE subscription_id = ?1 AND (expires_at_ms IS NULL OR expires_at_ms > ?2)
             ORDER BY expires_at_ms IS NULL DESC, created_at_ms DESC, expires_at_ms DESC, id LIMIT 11
            """, [.text(subscription), .integer(now.milliseconds)]
        ) { ShownKey($0) }
    }

    /// Every public key that something may be signed with now.
    package static func publicKeys(now: Timestamp) -> Query<ShownKey> {
        Query<ShownKey>(
            """
            SELECT id, subscription_id, kind, public_key, created_at_ms, expires_at_ms FROM subscription_key
             WHERE public_key IS NOT NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?1)
             ORDER BY created_at_ms, id
            """, [.integer(now.milliseconds)]
        ) { ShownKey($0) }
    }

    /// Gives the current key an end.
    static func retireKeys(of subscription: String, at moment: Timestamp) -> Query<Void> {
        Query<Void>(
            "UPDATE subscription_key SET expires_at_ms = ?2 WHERE subscription_id = ?1 AND expires_at_ms IS NULL",
            [.text(subscription), .integer(moment.milliseconds)])
    }

    /// Secrets that sign no more are not kept.
    static func dropOldKeys(of subscription: String, keeping count: Int, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM subscription_key
             WHERE subscription_id = ?1 AND expires_at_ms IS NOT NULL
               AND (expires_at_ms <= ?3
                    OR id NOT IN (SELECT id FROM subscription_key
                                   WHERE subscription_id = ?1 AND expires_at_ms > ?3
                                   ORDER BY created_at_ms DESC, expires_at_ms DESC, id LIMIT ?2))
            """, [.text(subscription), .integer(count), .integer(now.milliseconds)])
    }

    /// Secrets that sign no more, of all subscriptions.
    package static func dropExpiredKeys(now: Timestamp) -> Query<Void> {
        Query<Void>("DELETE FROM subscription_key WHERE expires_at_ms <= ?1", [.integer(now.milliseconds)])
    }

    static func countChange(of subscription: String, now: Timestamp) -> Query<Void> {
        Query<Void>(
            "UPDATE subscription SET version = version + 1, updated_at_ms = ?2 WHERE id = ?1",
            [.text(subscription), .integer(now.milliseconds)])
    }
}
