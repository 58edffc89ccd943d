package import Model
package import SQLite

extension Query {
    package static func addSubscription(_ subscription: Subscription) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO subscription (id, url, types, state, allow_http, description, challenge, created_at_ms,
                                      updated_at_ms, filter, ordered, signature, max_in_flight, rate_per_second,
                                      created_by, verification_skipped)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """,
            [
                .text(subscription.id), .text(subscription.url), .text(subscription.types.joined(separator: "\n")),
                .text(subscription.state.rawValue), .flag(subscription.allowHTTP), .text(subscription.description),
                .text(subscription.challenge), .integer(subscription.createdAt.milliseconds),
                .text(subscription.filter), .flag(subscription.isOrdered), .text(subscription.signature.rawValue),
                .integer(subscription.maxInFlight), .integer(subscription.ratePerSecond),
                .text(subscription.createdBy), .flag(subscription.isVerificationSkipped),
            ])
    }

    package static func subscription(id: String) -> Query<Subscription> {
        Query<Subscription>(
            """
            SELECT id, url, types, state, allow_http, description, challenge, throttled_until_ms, version,
                   created_at_ms, updated_at_ms, disabled_reason, filter, ordered, signature, max_in_flight,
                   rate_per_second, created_by, verified_at_ms, verification_skipped, consecutive_failures,
                   failing_since_ms, failing_notice, last_attempt_at_ms, last_success_at_ms, breaker_until_ms,
                   breaker_since_ms
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
                   created_at_ms, updated_at_ms, disabled_reason, filter, ordered, signature, max_in_flight,
                   rate_per_second, created_by, verified_at_ms, verification_skipped, consecutive_failures,
                   failing_since_ms, failing_notice, last_attempt_at_ms, last_success_at_ms, breaker_until_ms,
                   breaker_since_ms
              FROM subscription
             WHERE ?1 IS NULL OR (created_at_ms, id) > (?1, ?2)
             ORDER BY created_at_ms, id LIMIT ?3
            """, [.integer(after?.createdAt.milliseconds), .text(after?.id), .integer(limit)]
        ) { Subscription($0) }
    }

    /// Stores what a user may change, and the state that follows from it. Answers the new version, unless the
    /// subscription has changed since it was read.
    package static func changeSubscription(_ subscription: Subscription, now: Timestamp) -> Query<Int> {
        Query<Int>(
            """
            UPDATE subscription
               SET url = ?3, types = ?4, filter = ?5, ordered = ?6, allow_http = ?7, description = ?8,
                   max_in_flight = ?9, rate_per_second = ?10, state = ?11, challenge = ?12, verified_at_ms = ?13,
                   verification_skipped = ?14, disabled_reason = ?15, version = version + 1, updated_at_ms = ?16,
                   next_start_ms = ?16
             WHERE id = ?1 AND version = ?2
            RETURNING version
            """,
            [
                .text(subscription.id), .integer(subscription.version), .text(subscription.url),
                .text(subscription.types.joined(separator: "\n")), .text(subscription.filter),
                .flag(subscription.isOrdered), .flag(subscription.allowHTTP), .text(subscription.description),
                .integer(subscription.maxInFlight), .integer(subscription.ratePerSecond),
                .text(subscription.state.rawValue), .text(subscription.challenge),
                .integer(subscription.verifiedAt?.milliseconds), .flag(subscription.isVerificationSkipped),
                .text(subscription.disabledReason), .integer(now.milliseconds),
            ]
        ) { $0.count(0) }
    }

    /// Takes the subscription away with its keys, deliveries and attempts. Answers a row unless it has changed since.
    package static func deleteSubscription(id: String, version: Int) -> Query<String> {
        Query<String>(
            "DELETE FROM subscription WHERE id = ?1 AND version = ?2 RETURNING id", [.text(id), .integer(version)]
        ) { $0.text(0) }
    }

    /// The receiver has echoed the challenge.
    package static func activateSubscription(id: String, challenge: String, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE subscription
               SET state = 'active', challenge = NULL, verified_at_ms = ?3, version = version + 1, updated_at_ms = ?3
             WHERE id = ?1 AND state = 'pending' AND challenge = ?2
            """, [.text(id), .text(challenge), .integer(now.milliseconds)])
    }

    /// Ends a subscription until somebody enables it; answers its new version to the first who does. What waits for it
    /// is cancelled afterwards, little by little.
    /// - Parameter hasFailed: whether the receiver is the reason, so that its recovery is news.
    package static func disableSubscription(
        id: String, reason: String, hasFailed: Bool, now: Timestamp
    ) -> Query<Int> {
        Query<Int>(
            """
            UPDATE subscription
               SET state = 'disabled', disabled_reason = ?2, challenge = NULL,
                   failing_notice = CASE WHEN ?4 = 1 THEN 100 ELSE failing_notice END,
                   version = version + 1, updated_at_ms = ?3, next_start_ms = ?3
             WHERE id = ?1 AND state <> 'disabled'
            RETURNING version
            """, [.text(id), .text(reason), .integer(now.milliseconds), .flag(hasFailed)]
        ) { $0.count(0) }
    }

    /// Begins anew with a receiver: what was known of its failures is forgotten, but not that they were told, so that
    /// its recovery is told as well. Answers the new version, unless the subscription has changed since it was read.
    ///
    /// - Parameter challenge: what it must echo first; `nil` makes it active at once.
    package static func enableSubscription(
        id: String, version: Int, challenge: String?, now: Timestamp
    ) -> Query<Int> {
        Query<Int>(
            """
            UPDATE subscription
               SET state = CASE WHEN ?3 IS NULL THEN 'active' ELSE 'pending' END, challenge = ?3,
                   disabled_reason = NULL, throttled_until_ms = NULL, consecutive_failures = 0,
                   failing_since_ms = NULL, breaker_until_ms = NULL, breaker_since_ms = ?4, next_start_ms = ?4,
                   version = version + 1, updated_at_ms = ?4
             WHERE id = ?1 AND version = ?2
            RETURNING version
            """, [.text(id), .integer(version), .text(challenge), .integer(now.milliseconds)]
        ) { $0.count(0) }
    }

    /// Nothing is sent to the subscription before that moment. A later moment that is known already stays.
    package static func throttleSubscription(id: String, until: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE subscription
               SET throttled_until_ms = CASE WHEN throttled_until_ms > ?2 THEN throttled_until_ms ELSE ?2 END
             WHERE id = ?1
            """, [.text(id), .integer(until.milliseconds)])
    }
}

extension Query {
    package static func subscriptionCount() -> Query<Int> {
        Query<Int>("SELECT count(*) FROM subscription") { $0.count(0) }
    }
}
