package import Model
package import SQLite

/// What decides which deliveries of a subscription may start now.
package struct AdmissionState: Equatable, Sendable {
    package var state: Subscription.State
    package var isOrdered = false
    package var maxInFlight: Int
    package var ratePerSecond: Int
    /// The theoretical arrival time of the token bucket, in microseconds.
    package var bucket: Int64 = 0
    package var throttledUntil: Timestamp?
    package var breakerUntil: Timestamp?
    package var consecutiveFailures = 0
    package var nextStart: Timestamp?
    /// How many attempts are under way or about to be.
    package var underWay = 0

    package init(state: Subscription.State, maxInFlight: Int, ratePerSecond: Int) {
        self.state = state
        self.maxInFlight = maxInFlight
        self.ratePerSecond = ratePerSecond
    }

    init(_ row: borrowing Row) {
        // The schema knows no other words.
        state = Subscription.State(rawValue: row.text(0)) ?? .disabled
        isOrdered = row.flag(1)
        maxInFlight = row.count(2)
        ratePerSecond = row.count(3)
        bucket = row.integer(4)
        throttledUntil = row.integerOrNull(5).map { Timestamp(milliseconds: $0) }
        breakerUntil = row.integerOrNull(6).map { Timestamp(milliseconds: $0) }
        consecutiveFailures = row.count(7)
        nextStart = row.integerOrNull(8).map { Timestamp(milliseconds: $0) }
        underWay = row.count(9)
    }
}

/// A delivery that no job works on yet.
package struct WaitingDelivery: Equatable, Sendable {
    package let id: String
    package let attempts: Int
    package let trigger: Delivery.Trigger
    package let dueAt: Timestamp
    package let traceParent: String?

    package init(id: String, attempts: Int, trigger: Delivery.Trigger, dueAt: Timestamp, traceParent: String? = nil) {
        self.id = id
        self.attempts = attempts
        self.trigger = trigger
        self.dueAt = dueAt
        self.traceParent = traceParent
    }

    init(_ row: borrowing Row) {
        id = row.text(0)
        attempts = row.count(1)
        trigger = Delivery.Trigger(rawValue: row.text(2)) ?? .scheduled
        dueAt = Timestamp(milliseconds: row.integer(3))
        traceParent = row.textOrNull(4)
    }
}

extension Query {
    package static func admissionState(of subscription: String) -> Query<AdmissionState> {
        Query<AdmissionState>(
            """
            SELECT state, ordered, max_in_flight, rate_per_second, bucket_us, throttled_until_ms, breaker_until_ms,
                   consecutive_failures, next_start_ms,
                   (SELECT count(*) FROM delivery WHERE subscription_id = ?1 AND job_id IS NOT NULL)
              FROM subscription WHERE id = ?1
            """, [.text(subscription)]
        ) { AdmissionState($0) }
    }

    /// What waits for its turn, the longest due first.
    /// - Parameter isProving: the receiver has not proved that it wants anything: it gets what asks it for that, and
    ///   what somebody sends to see it arrive.
    package static func waitingDeliveries(
        of subscription: String, isProving: Bool, limit: Int
    ) -> Query<WaitingDelivery> {
        Query<WaitingDelivery>(
            """
            SELECT delivery.id, attempts, trigger, next_attempt_at_ms,
                   coalesce(delivery.traceparent, event.traceparent)
              FROM delivery JOIN event ON event.id = event_id
             WHERE subscription_id = ?1 AND state = 'pending' AND job_id IS NULL
               AND (?2 = 0 OR type = 'subscription.verification' OR type = 'subscription.test')
             ORDER BY next_attempt_at_ms, position LIMIT ?3
            """, [.text(subscription), .flag(isProving), .integer(limit)]
        ) { WaitingDelivery($0) }
    }

    /// The first of those that have not ended: in an ordered subscription no other may go. What asks the receiver
    /// whether it wants anything, and tests, stand beside the line.
    package static func headDelivery(of subscription: String) -> Query<WaitingDelivery> {
        Query<WaitingDelivery>(
            """
            SELECT delivery.id, attempts, trigger, next_attempt_at_ms,
                   coalesce(delivery.traceparent, event.traceparent)
              FROM delivery JOIN event ON event.id = event_id
             WHERE subscription_id = ?1 AND state = 'pending'
               AND type <> 'subscription.verification' AND type <> 'subscription.test'
             ORDER BY position LIMIT 1
            """, [.text(subscription)]
        ) { WaitingDelivery($0) }
    }

    package static func assignJob(_ job: JobID, to delivery: String) -> Query<Void> {
        Query<Void>(
            "UPDATE delivery SET job_id = ?2 WHERE id = ?1", [.text(delivery), .integer(job.rawValue)])
    }

    package static func saveAdmission(
        of subscription: String, bucket: Int64, nextStart: Timestamp?
    ) -> Query<Void> {
        Query<Void>(
            "UPDATE subscription SET bucket_us = ?2, next_start_ms = ?3 WHERE id = ?1",
            [.text(subscription), .integer(bucket), .integer(nextStart?.milliseconds)])
    }

    /// Subscriptions where something may start now, and when the next one follows.
    package static func startable(limit: Int) -> Query<(subscription: String, at: Timestamp)> {
        Query<(subscription: String, at: Timestamp)>(
            """
            SELECT id, next_start_ms FROM subscription WHERE next_start_ms IS NOT NULL
             ORDER BY next_start_ms LIMIT ?1
            """, [.integer(limit)]
        ) { ($0.text(0), Timestamp(milliseconds: $0.integer(1))) }
    }

    /// Cancels some of what waits for a subscription; answers each.
    package static func cancelWaiting(of subscription: String, limit: Int, now: Timestamp) -> Query<String> {
        Query<String>(
            """
            UPDATE delivery SET state = 'cancelled', ended_at_ms = ?3, next_attempt_at_ms = NULL
             WHERE id IN (SELECT id FROM delivery
                           WHERE subscription_id = ?1 AND state = 'pending' AND job_id IS NULL
                           ORDER BY next_attempt_at_ms LIMIT ?2)
            RETURNING id
            """, [.text(subscription), .integer(limit), .integer(now.milliseconds)]
        ) { $0.text(0) }
    }

    /// Deliveries whose job ended without their knowing: an operator cancelled it, or it was given up.
    package static func orphanedDeliveries() -> Query<OrphanedDelivery> {
        Query<OrphanedDelivery>(
            """
            SELECT delivery.id, delivery.subscription_id, delivery.attempts, job.state
              FROM delivery LEFT JOIN job ON job.id = delivery.job_id
             WHERE delivery.job_id IS NOT NULL AND (job.id IS NULL OR job.finished_at_ms IS NOT NULL)
            """
        ) { OrphanedDelivery($0) }
    }
}

/// A delivery whose job is over without having ended it.
package struct OrphanedDelivery: Equatable, Sendable {
    package let id: String
    package let subscription: String
    package let attempts: Int
    /// `nil` where the job is no longer kept.
    package let jobState: JobState?

    init(_ row: borrowing Row) {
        id = row.text(0)
        subscription = row.text(1)
        attempts = row.count(2)
        jobState = row.textOrNull(3).flatMap { JobState(rawValue: $0) }
    }
}
