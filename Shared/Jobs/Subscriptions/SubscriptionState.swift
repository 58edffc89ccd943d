import JSON
package import Model
package import SQLite
package import Store
import Webhooks

/// Sends a subscription its challenge.
package struct AskVerification: Write {
    private let event: OutgoingEvent?
    private let subscription: String
    private let now: Timestamp

    package init(of subscription: String, _ challenge: Challenge, traceParent: String?, now: Timestamp) {
        self.subscription = subscription
        self.now = now
        let name = RandomName.make("msg_")
        // `nil` never in practice: the body is short.
        event = OutgoingEvent(
            id: name, type: WebhookEvent.verification, originKey: "\(WebhookEvent.verification):\(name)",
            occurredAt: now, traceParent: traceParent
        ) { json in
            json.beginObject()
            json.key("subscriptionId")
            json.string(subscription)
            json.key("challenge")
            json.string(challenge.text)
            json.endObject()
        }
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        guard let event else { return }
        try connection.run(.saveEvent(event))
        try SendEvent(event: event.id, to: subscription, now: now).apply(to: connection)
    }
}

/// Begins anew with a subscription that was disabled, and asks one again that has not answered its challenge. One that
/// is active stays as it is.
package struct EnableSubscription: Write {
    private let subscription: Subscription
    private let challenge: Challenge
    private let traceParent: String?
    private let now: Timestamp

    package init(_ subscription: Subscription, challenge: Challenge, traceParent: String?, now: Timestamp) {
        self.subscription = subscription
        self.challenge = challenge
        self.traceParent = traceParent
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        guard subscription.state != .active else { return }
        let (id, isProven) = (subscription.id, subscription.verifiedAt != nil || subscription.isVerificationSkipped)
        _ = try connection.run(
            .enableSubscription(
                id: id, version: subscription.version, challenge: isProven ? nil : challenge.text, now: now))
        if !isProven {
            try AskVerification(of: id, challenge, traceParent: traceParent, now: now).apply(to: connection)
        }
        try AdmitDeliveries(of: id, now: now).apply(to: connection)
    }
}

/// Disables a subscription because somebody wants it; others are told, as of one that was given up.
package struct DisableSubscription: Write {
    private let id: String
    private let reason: String
    private let hasFailed: Bool
    private let notice: OutgoingEvent?
    private let now: Timestamp

    /// - Parameter hasFailed: whether the receiver is the reason, so that its recovery is news.
    package init(_ id: String, reason: String, hasFailed: Bool = false, traceParent: String?, now: Timestamp) {
        self.id = id
        self.reason = reason
        self.hasFailed = hasFailed
        self.now = now
        let name = RandomName.make("msg_")
        notice = OutgoingEvent(
            id: name, type: WebhookEvent.disabled, originKey: "\(WebhookEvent.disabled):\(name)", occurredAt: now,
            traceParent: traceParent
        ) { json in
            json.beginObject()
            json.key("subscriptionId")
            json.string(id)
            json.key("reason")
            json.string(reason)
            json.key("link")
            json.string("/api/v4/webhooks/\(id)")
            json.endObject()
        }
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let ended = try connection.run(
            .disableSubscription(id: id, reason: reason, hasFailed: hasFailed, now: now))
        guard !ended.isEmpty else { return }
        try AdmitDeliveries(of: id, now: now).apply(to: connection)
        if let notice { try EmitEvent(notice, except: id, now: now).apply(to: connection) }
    }
}
