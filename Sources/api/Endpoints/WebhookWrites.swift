import Crypto
import Deployment
import JSON
import Jobs
import Model
import SQLite
import Store
import Webhooks

/// Creates a subscription with its key and, unless it need not be verified, the delivery of its challenge.
struct CreateSubscription: Write {
    private(set) var subscription: Subscription
    private let priority: Int
    let secret: WebhookSecret
    private let key: SubscriptionKey
    private let verification: OutgoingEvent?

    /// - Parameter caller: whom it belongs to, and whose plan bounds it.
    init(_ order: WebhookOrder, of caller: Caller, traceParent: String?, random: (Int) -> [UInt8], now: Timestamp) {
        let id = RandomName.make("sub_")
        let challenge = order.skipVerification ? nil : Base64.encode(random(24), .urlSafe)
        subscription = Subscription(
            id: id, url: order.url, types: order.types, state: challenge == nil ? .active : .pending,
            allowHTTP: order.allowHTTP, description: order.description, challenge: challenge, createdAt: now)
        subscription.createdBy = caller.token
        if let plan = caller.plan { subscription.maxInFlight = min(subscription.maxInFlight, plan.concurrency) }
        priority = caller.plan?.priority ?? 0
        secret = WebhookSecret(generatedBy: random)
        key = SubscriptionKey(id: RandomName.make("key_"), secret: secret.reveal())
        verification = challenge.flatMap { challenge in
            OutgoingEvent(
                type: WebhookEvent.verification, originKey: "\(WebhookEvent.verification):\(id)", occurredAt: now,
                traceParent: traceParent
            ) { json in
                json.beginObject()
                json.key("subscriptionId")
                json.string(id)
                json.key("challenge")
                json.string(challenge)
                json.endObject()
            }
        }
    }

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let id = subscription.id
        try connection.run(Query<Void>.addSubscription(subscription))
        if priority != 0 { try connection.run(Query<Void>.setDeliveryPriority(of: id, priority)) }
        try connection.run(Query<Void>.addSubscriptionKey(key, of: id, createdAt: subscription.createdAt))
        guard let verification else { return }
        try connection.run(.saveEvent(verification))
        try SendEvent(event: verification.id, to: id, now: subscription.createdAt).apply(to: connection)
    }
}

/// Writes a test event and its delivery to one subscription.
struct SendTestEvent: Write {
    let event: OutgoingEvent
    private let sending: SendEvent

    var delivery: String { sending.delivery.id }

    /// - Returns: `nil` never in practice: the body is short.
    init?(to subscription: String, traceParent: String?, now: Timestamp) {
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

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(.saveEvent(event))
        try sending.apply(to: connection)
    }
}

extension Query where Output == String {
    fileprivate static func saveEvent(_ event: OutgoingEvent) -> Query<String> {
        .saveEvent(
            id: event.id, type: event.type, originKey: event.originKey, occurredAt: event.occurredAt, body: event.body,
            traceParent: event.traceParent)
    }
}
