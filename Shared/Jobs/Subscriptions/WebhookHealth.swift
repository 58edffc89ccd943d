package import Model
package import SQLite
package import Store

/// How a subscription's receiver is, as the API and the page tell it.
package struct WebhookHealth: Sendable {
    package let subscription: Subscription
    /// Attempts of the last day that say something about the receiver, and those of them that failed.
    package let attempts: Int
    package let failures: Int
    /// Deliveries that have not ended.
    package let pending: Int
    package let readAt: Timestamp

    package static func find(_ id: String, now: Timestamp, in db: borrowing Connection) throws(SQLiteError)
        -> WebhookHealth?
    {
        guard let subscription = try db.run(.subscription(id: id)).first else { return nil }
        return try WebhookHealth(subscription, now: now, from: db)
    }

    package init(_ subscription: Subscription, now: Timestamp, from db: borrowing Connection) throws(SQLiteError) {
        self.subscription = subscription
        let day = try db.run(.attemptFigures(of: subscription.id, since: now - .days(1))).first
        (attempts, failures) = (day?.attempts ?? 0, day?.failures ?? 0)
        pending = try db.run(.deliveryCount(of: subscription.id, state: .pending)).first ?? 0
        readAt = now
    }

    /// In thousandths; `nil` where nothing was tried.
    package var successRate: Int? {
        attempts > 0 ? ((attempts - failures) * 1_000 + attempts / 2) / attempts : nil
    }

    package var breaker: SubscriptionHealth.Breaker { subscription.health.breaker(at: readAt) }

    /// Until when the receiver gets time that it asked for.
    package var throttledUntil: Timestamp? { subscription.throttledUntil.flatMap { $0 > readAt ? $0 : nil } }
}
