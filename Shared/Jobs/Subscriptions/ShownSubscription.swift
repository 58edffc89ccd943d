package import Model
package import SQLite
package import Store

/// A subscription with its keys, as far as they may be shown.
package struct ShownSubscription: Sendable {
    package let subscription: Subscription
    /// Those that sign now, the current one first.
    package let keys: [ShownKey]

    package init(_ subscription: Subscription, now: Timestamp, from db: borrowing Connection) throws(SQLiteError) {
        self.subscription = subscription
        keys = try db.run(.shownKeys(of: subscription.id, now: now))
    }

    package static func find(
        _ id: String, now: Timestamp, in db: borrowing Connection
    ) throws(SQLiteError) -> ShownSubscription? {
        guard let subscription = try db.run(.subscription(id: id)).first else { return nil }
        return try ShownSubscription(subscription, now: now, from: db)
    }

    /// What receivers verify with, where that is no secret.
    package var publicKey: String? { keys.first?.publicKey }
}
