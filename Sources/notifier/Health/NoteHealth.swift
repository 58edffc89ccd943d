import JSON
import Jobs
import Model
import SQLite
import Store
import Webhooks

/// Brings what is known of a receiver up to date with an attempt that is stored already, in its transaction: so it
/// counts right however many notifiers work for the subscription.
struct NoteHealth: Write {
    private let subscription: String
    private let failure: String?
    private let startedAt: Timestamp
    private let traceParent: String?
    private let now: Timestamp

    init(of attempt: DeliveryAttempt, to subscription: String, now: Timestamp) {
        self.subscription = subscription
        failure = attempt.errorClass
        startedAt = attempt.startedAt
        traceParent = attempt.traceParent
        self.now = now
    }

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        guard let known = try connection.run(.subscription(id: subscription)).first, known.state != .disabled else {
            return
        }
        var recent = (attempts: 0, failures: 0)
        // A success never opens the breaker, so the many that succeed are not counted.
        if failure != nil {
            let since = max(now - HealthStep.breakerWindow, known.health.breakerSince)
            recent = try connection.run(.attemptFigures(of: subscription, since: since)).first ?? recent
        }
        let step = HealthStep(
            known.health, failed: failure != nil, startedAt: startedAt, recent: recent, now: now)
        try connection.run(Query<Void>.saveHealth(step.health, of: subscription))
        for percent in step.failing {
            try emit(failing(percent, step.health), connection)
        }
        if step.isRecovered { try emit(recovered, connection) }
        if step.isHopeless {
            let reason =
                "\(step.health.consecutiveFailures) attempts in a row failed since "
                + "\(step.health.failingSince?.rfc3339 ?? "long ago"), the last one with \(failure ?? "nothing")"
            try DisableSubscription(
                subscription, reason: reason, hasFailed: true, traceParent: traceParent, now: now
            )
            .apply(to: connection)
        }
    }

    private func emit(_ event: OutgoingEvent?, _ connection: borrowing Connection) throws(SQLiteError) {
        guard let event else { return }
        try EmitEvent(event, except: subscription, now: now).apply(to: connection)
    }

    private func failing(_ percent: Int, _ health: SubscriptionHealth) -> OutgoingEvent? {
        let since = health.failingSince ?? now
        return OutgoingEvent(
            type: WebhookEvent.failing,
            originKey: "\(WebhookEvent.failing):\(subscription):\(since.milliseconds):\(percent)", occurredAt: now,
            traceParent: traceParent
        ) { json in
            json.beginObject()
            json.subscription(subscription)
            json.key("percent")
            json.integer(percent)
            json.key("consecutiveFailures")
            json.integer(health.consecutiveFailures)
            json.key("failingSince")
            json.string(since.rfc3339)
            json.key("lastErrorClass")
            json.string(failure)
            json.endObject()
        }
    }

    private var recovered: OutgoingEvent? {
        OutgoingEvent(
            type: WebhookEvent.recovered,
            originKey: "\(WebhookEvent.recovered):\(subscription):\(now.milliseconds)", occurredAt: now,
            traceParent: traceParent
        ) { json in
            json.beginObject()
            json.subscription(subscription)
            json.endObject()
        }
    }
}

extension JSONWriter {
    /// Which subscription an event is about, and where to look at it.
    fileprivate mutating func subscription(_ id: String) {
        key("subscriptionId")
        string(id)
        key("link")
        string("/api/v4/webhooks/\(id)")
    }
}
