package import Model
package import SQLite
package import Store

/// Which of a subscription's waiting deliveries start now, and when to look again. Pure: the state, what waits and the
/// time come in.
package struct Admission: Equatable, Sendable {
    /// Those that start, in their order.
    package private(set) var starting: [WaitingDelivery] = []
    /// The token bucket afterwards.
    package private(set) var bucket: Int64
    /// When something may start that waits for nothing but time. `nil`: nothing waits, or an attempt that ends makes
    /// room.
    package private(set) var nextStart: Timestamp?

    /// How many waiting deliveries the decision needs to see.
    package static func room(in state: AdmissionState, now: Timestamp) -> Int {
        guard state.state != .disabled else { return 0 }
        // Half open: one attempt shows whether the breaker closes.
        let most = state.isOrdered || state.breakerUntil != nil ? 1 : state.maxInFlight
        return max(0, min(most, share(of: state)) - state.underWay)
    }

    /// How many places one subscription may hold, whatever it asks for: a receiver that hangs must leave places of its
    /// pool to the others, and one that has failed the more so.
    private static func share(of state: AdmissionState) -> Int {
        state.consecutiveFailures == 0 ? DeliverWebhook.concurrency / 2 : RetryWebhook.concurrency / 8
    }

    /// - Parameter waiting: the longest due first; one more than there is room for, where there are so many.
    package init(_ state: AdmissionState, waiting: [WaitingDelivery], now: Timestamp) {
        bucket = state.bucket
        let room = Self.room(in: state, now: now)
        guard room > 0, let first = waiting.first else { return }
        let gates = [state.throttledUntil, state.breakerUntil].compactMap { $0 }
        if let gate = gates.max(), gate > now {
            nextStart = max(gate, first.dueAt)
            return
        }
        // The generic cell rate algorithm: a second's worth of starts at once, then one in each interval.
        let interval = 1_000_000 / Int64(state.ratePerSecond)
        let moment = now.milliseconds * 1_000
        for delivery in waiting {
            guard starting.count < room else { return }
            guard delivery.dueAt <= now else {
                nextStart = delivery.dueAt
                return
            }
            let arrival = max(bucket, moment)
            let earliest = arrival + interval - 1_000_000
            guard earliest <= moment else {
                nextStart = Timestamp(milliseconds: (earliest + 999) / 1_000)
                return
            }
            bucket = arrival + interval
            starting.append(delivery)
        }
    }
}

/// Gives jobs to the deliveries of a subscription that may start now. Whatever changes what may start calls it in its
/// own transaction, so limits hold over all processes, and nothing waits that could go.
package struct AdmitDeliveries: Write {
    /// How many deliveries of a disabled subscription one transaction cancels.
    private static let batch = 500

    private let subscription: String
    private let now: Timestamp

    package init(of subscription: String, now: Timestamp) {
        self.subscription = subscription
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        guard let state = try connection.run(.admissionState(of: subscription)).first else { return }
        if state.state == .disabled {
            let cancelled = try connection.run(.cancelWaiting(of: subscription, limit: Self.batch, now: now))
            let next = cancelled.count < Self.batch ? nil : now
            try connection.run(Query<Void>.saveAdmission(of: subscription, bucket: state.bucket, nextStart: next))
            return
        }
        let admission = Admission(state, waiting: try waiting(state, connection), now: now)
        let priority = admission.starting.isEmpty ? 0 : try connection.run(.deliveryPriority(of: subscription)).first
        for delivery in admission.starting {
            // The key is free: a delivery that waits has no job.
            if let job = try connection.enqueue(self.job(delivery, state, priority ?? 0), now: now) {
                try connection.run(Query<Void>.assignJob(job, to: delivery.id))
            }
        }
        guard admission.bucket != state.bucket || admission.nextStart != state.nextStart else { return }
        try connection.run(
            Query<Void>.saveAdmission(of: subscription, bucket: admission.bucket, nextStart: admission.nextStart))
    }

    private func waiting(
        _ state: AdmissionState, _ connection: borrowing Connection
    ) throws(SQLiteError) -> [WaitingDelivery] {
        let room = Admission.room(in: state, now: now)
        guard room > 0 else { return [] }
        let isProving = state.state == .pending
        if state.isOrdered && !isProving {
            let beside = try connection.run(.waitingDeliveries(of: subscription, isProving: true, limit: 1))
            return try (connection.run(.headDelivery(of: subscription)) + beside).sorted { $0.dueAt < $1.dueAt }
        }
        return try connection.run(.waitingDeliveries(of: subscription, isProving: isProving, limit: room + 1))
    }

    private func job(_ delivery: WaitingDelivery, _ state: AdmissionState, _ priority: Int) -> NewJob {
        if delivery.attempts == 0 && state.consecutiveFailures == 0 {
            DeliverWebhook(delivery: delivery.id).job(priority: priority, traceParent: delivery.traceParent)
        } else {
            RetryWebhook(delivery: delivery.id).job(priority: priority, traceParent: delivery.traceParent)
        }
    }
}
