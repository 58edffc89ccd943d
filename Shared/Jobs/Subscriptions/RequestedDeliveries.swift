import JSON
package import Model
package import SQLite
import Store
import Webhooks

/// Writes a test event and its delivery to one subscription.
package struct SendTestEvent: Write {
    package let event: OutgoingEvent
    private let sending: SendEvent

    package var delivery: String { sending.delivery.id }

    /// - Returns: `nil` never in practice: the body is short.
    package init?(to subscription: String, traceParent: String?, now: Timestamp) {
        let name = RandomName.make("msg_")
        let event = OutgoingEvent(
            id: name, type: WebhookEvent.test, originKey: "\(WebhookEvent.test):\(name)", occurredAt: now,
            traceParent: traceParent
        ) { json in
            json.beginObject()
            json.key("subscriptionId")
            json.string(subscription)
            json.endObject()
        }
        guard let event else { return nil }
        self.event = event
        sending = SendEvent(event: event.id, to: subscription, trigger: .test, now: now)
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(.saveEvent(event))
        try sending.apply(to: connection)
    }
}

extension Query where Output == String {
    static func saveEvent(_ event: OutgoingEvent) -> Query<String> {
        .saveEvent(
            id: event.id, type: event.type, originKey: event.originKey, occurredAt: event.occurredAt, body: event.body,
            traceParent: event.traceParent)
    }
}

/// Sends the event of a delivery once more, as a delivery of its own that is signed with the current key.
package struct ResendDelivery: Sendable {
    /// What came of it.
    package enum Outcome: Equatable, Sendable {
        case sent(event: String, delivery: String)
        case noSubscription
        case noDelivery
        case disabled
    }

    private let delivery: String
    private let subscription: String
    private let traceParent: String?
    private let now: Timestamp

    package init(_ delivery: String, of subscription: String, traceParent: String? = nil, now: Timestamp) {
        self.delivery = delivery
        self.subscription = subscription
        self.traceParent = traceParent
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) -> Outcome {
        guard let found = try connection.run(.subscription(id: subscription)).first else { return .noSubscription }
        guard let old = try connection.run(.delivery(id: delivery)).first, old.subscription == subscription else {
            return .noDelivery
        }
        guard found.state != .disabled else { return .disabled }
        let sending = SendEvent(
            event: old.event, to: subscription, trigger: .manual, original: old.id, traceParent: traceParent, now: now)
        try sending.apply(to: connection)
        return .sent(event: old.event, delivery: sending.delivery.id)
    }
}
