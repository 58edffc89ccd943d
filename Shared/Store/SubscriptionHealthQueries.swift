package import Model
package import SQLite

/// Attempts of one outcome whose length falls into one bucket.
package struct DeliveryCount: Equatable, Sendable {
    /// `ok` or the error class.
    package let outcome: String
    /// `total` of the attempt, or `wait` from the event to the end of a first attempt.
    package let what: String
    /// The upper bound of the bucket, in milliseconds.
    package let bound: Int64
    package let amount: Int64
    /// The lengths together, in milliseconds.
    package let sum: Int64
}

/// What waits to be delivered, and which receivers are in trouble.
package struct DeliveryBacklog: Equatable, Sendable {
    package let pending: Int
    package let underWay: Int
    package let openBreakers: Int
    package let throttled: Int
    package let active: Int
    package let unverified: Int
    package let disabled: Int
}

extension Query {
    package static func saveHealth(_ health: SubscriptionHealth, of subscription: String) -> Query<Void> {
        Query<Void>(
            """
            UPDATE subscription
               SET consecutive_failures = ?2, failing_since_ms = ?3, failing_notice = ?4, last_attempt_at_ms = ?5,
                   last_success_at_ms = ?6, breaker_until_ms = ?7, breaker_since_ms = ?8
             WHERE id = ?1
            """,
            [
                .text(subscription), .integer(health.consecutiveFailures), .integer(health.failingSince?.milliseconds),
                .integer(health.failingNotice), .integer(health.lastAttemptAt?.milliseconds),
                .integer(health.lastSuccessAt?.milliseconds), .integer(health.breakerUntil?.milliseconds),
                .integer(health.breakerSince.milliseconds),
            ])
    }

    /// How the attempts of a subscription that count went since a moment: how many, and how many failed.
    package static func attemptFigures(
        of subscription: String, since moment: Timestamp
    ) -> Query<(attempts: Int, failures: Int)> {
        Query<(attempts: Int, failures: Int)>(
            """
            SELECT count(*), count(error_class) FROM delivery_attempt
             WHERE subscription_id = ?1 AND counts = 1 AND started_at_ms >= ?2
            """, [.text(subscription), .integer(moment.milliseconds)]
        ) { ($0.count(0), $0.count(1)) }
    }

    package static func countDelivery(
        outcome: String, what: String, bound: Int64, milliseconds: Int64
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO delivery_count (outcome, what, le_ms, amount, sum_ms) VALUES (?1, ?2, ?3, 1, ?4)
            ON CONFLICT (outcome, what, le_ms) DO UPDATE
               SET amount = amount + 1, sum_ms = sum_ms + excluded.sum_ms
            """, [.text(outcome), .text(what), .integer(bound), .integer(milliseconds)])
    }

    /// Since ever.
    package static func deliveryCounts() -> Query<DeliveryCount> {
        Query<DeliveryCount>(
            "SELECT outcome, what, le_ms, amount, sum_ms FROM delivery_count ORDER BY what, outcome, le_ms"
        ) {
            DeliveryCount(
                outcome: $0.text(0), what: $0.text(1), bound: $0.integer(2), amount: $0.integer(3),
                sum: $0.integer(4))
        }
    }

    package static func deliveryBacklog(now: Timestamp) -> Query<DeliveryBacklog> {
        Query<DeliveryBacklog>(
            """
            SELECT (SELECT count(*) FROM delivery WHERE state = 'pending'),
                   (SELECT count(*) FROM delivery WHERE job_id IS NOT NULL),
                   coalesce(sum(CASE WHEN state <> 'disabled' AND breaker_until_ms > ?1 THEN 1 END), 0),
                   coalesce(sum(CASE WHEN state <> 'disabled' AND throttled_until_ms > ?1 THEN 1 END), 0),
                   coalesce(sum(CASE WHEN state = 'active' THEN 1 END), 0),
                   coalesce(sum(CASE WHEN state = 'pending' THEN 1 END), 0),
                   coalesce(sum(CASE WHEN state = 'disabled' THEN 1 END), 0)
              FROM subscription
            """, [.integer(now.milliseconds)]
        ) {
            DeliveryBacklog(
                pending: $0.count(0), underWay: $0.count(1), openBreakers: $0.count(2), throttled: $0.count(3),
                active: $0.count(4), unverified: $0.count(5), disabled: $0.count(6))
        }
    }
}
