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
    let subscription: Subscription
    let key: NewKey
    private let verification: AskVerification?
    /// Of its deliveries' jobs.
    private let priority: Int

    init(
        _ order: WebhookOrder, by caller: Caller?, traceParent: String?, random: (Int) -> [UInt8], now: Timestamp
    ) {
        let id = RandomName.make("sub_")
        let challenge = order.skipVerification ? nil : Challenge(random: random)
        var subscription = Subscription(
            id: id, url: order.url, types: order.types, state: challenge == nil ? .active : .pending,
            allowHTTP: order.allowHTTP, description: order.description, challenge: challenge?.text, createdAt: now)
        subscription.signature = order.signature
        subscription.createdBy = caller?.token
        subscription.isVerificationSkipped = order.skipVerification
        subscription.take(order)
        self.subscription = subscription
        priority = caller?.plan?.priority ?? 0
        key = NewKey(order.signature, random: random)
        verification = challenge.map { AskVerification(of: id, $0, traceParent: traceParent, now: now) }
    }

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let (id, now) = (subscription.id, subscription.createdAt)
        try connection.run(Query<Void>.addSubscription(subscription))
        if priority != 0 { try connection.run(Query<Void>.setDeliveryPriority(of: id, priority)) }
        try connection.run(Query<Void>.addSubscriptionKey(key.stored, of: id, createdAt: now))
        try verification?.apply(to: connection)
    }
}

extension Subscription {
    /// The fields that may be changed later too.
    fileprivate mutating func take(_ order: WebhookOrder) {
        url = order.url
        types = order.types
        filter = order.filter
        isOrdered = order.isOrdered
        allowHTTP = order.allowHTTP
        description = order.description
        maxInFlight = order.maxInFlight
        ratePerSecond = order.ratePerSecond
    }
}

/// Changes a subscription as it was read. A new URL is a new receiver: it must echo a challenge before anything else is
/// sent to it. A disabled subscription stays disabled; enabling it asks then.
struct ChangeSubscription: Sendable {
    let now: Timestamp
    private let changed: Subscription
    /// Whether it begins anew with its receiver, and with which challenge.
    private let beginning: Beginning
    private let verification: AskVerification?

    private enum Beginning: Sendable {
        case none
        case at(Challenge?)
    }

    init(
        _ subscription: Subscription, to order: WebhookOrder, traceParent: String?, random: (Int) -> [UInt8],
        now: Timestamp
    ) {
        self.now = now
        var changed = subscription
        changed.take(order)
        let isNewReceiver = subscription.url != order.url
        if isNewReceiver {
            changed.verifiedAt = nil
            changed.isVerificationSkipped = false
        }
        if order.skipVerification { changed.isVerificationSkipped = true }
        self.changed = changed
        let isWaiting = subscription.state == .pending && order.skipVerification
        guard subscription.state != .disabled, isNewReceiver || isWaiting else {
            (beginning, verification) = (.none, nil)
            return
        }
        let challenge = order.skipVerification ? nil : Challenge(random: random)
        beginning = .at(challenge)
        verification = challenge.map {
            AskVerification(of: subscription.id, $0, traceParent: traceParent, now: now)
        }
    }

    /// - Returns: whether it was still as it had been read.
    func apply(to connection: borrowing Connection) throws(SQLiteError) -> Bool {
        guard let version = try connection.run(.changeSubscription(changed, now: now)).first else { return false }
        if case .at(let challenge) = beginning {
            _ = try connection.run(
                .enableSubscription(id: changed.id, version: version, challenge: challenge?.text, now: now))
        }
        try verification?.apply(to: connection)
        try AdmitDeliveries(of: changed.id, now: now).apply(to: connection)
        return true
    }
}
