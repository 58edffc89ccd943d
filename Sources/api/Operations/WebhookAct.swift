import HTTPServer
import Jobs
import Model
import SQLite
import Store

/// An act on a subscription that an operator may do at the page.
struct WebhookAct: Equatable, Sendable {
    enum Verb: String, Sendable, CaseIterable {
        case resend, test, enable, disable
    }

    let verb: Verb
    let subscription: String
    /// The delivery whose event is sent again.
    let delivery: String?

    private static let longestName = 96

    /// Reads the fields of a form; `nil` where they ask for nothing that there is.
    init?(_ verb: String, _ fields: [QueryItem]) {
        func name(_ field: String) -> String? {
            fields.first { $0.name == field && (1...Self.longestName).contains($0.value.utf8.count) }?.value
        }
        guard let verb = Verb(rawValue: verb), let subscription = name("webhook") else { return nil }
        let delivery = name("delivery")
        guard (delivery != nil) == (verb == .resend) else { return nil }
        self.verb = verb
        self.subscription = subscription
        self.delivery = delivery
    }

    var fields: [(name: String, value: String)] {
        var fields = [(name: "act", value: "webhook-\(verb.rawValue)"), (name: "webhook", value: subscription)]
        if let delivery { fields.append((name: "delivery", value: delivery)) }
        return fields
    }

    /// The page that shows what came of it.
    var place: String { "/ops/webhooks/\(QueryText.percentEncoded(subscription))" }
}

/// What an act on a subscription covers now.
struct WebhookScope: Sendable {
    let act: WebhookAct
    let subscription: Subscription
    /// The delivery that is sent again.
    let delivery: Delivery?
    /// Deliveries that wait.
    let pending: Int

    /// - Returns: `nil` where the act would change nothing.
    static func find(_ act: WebhookAct, in db: borrowing Connection) throws(SQLiteError) -> WebhookScope? {
        guard let subscription = try db.run(.subscription(id: act.subscription)).first else { return nil }
        var delivery: Delivery?
        switch act.verb {
        case .resend:
            guard subscription.state != .disabled, let name = act.delivery,
                let found = try db.run(.delivery(id: name)).first, found.subscription == subscription.id
            else { return nil }
            delivery = found
        case .test, .disable:
            guard subscription.state != .disabled else { return nil }
        case .enable:
            guard subscription.state != .active else { return nil }
        }
        let pending = try db.run(.deliveryCount(of: subscription.id, state: .pending)).first ?? 0
        return WebhookScope(act: act, subscription: subscription, delivery: delivery, pending: pending)
    }

    var label: String {
        switch act.verb {
        case .resend: "Send \(delivery?.eventType ?? "the event") again"
        case .test: "Send a test event"
        case .enable: subscription.state == .pending ? "Ask for the challenge again" : "Enable the subscription"
        case .disable: "Disable the subscription"
        }
    }

    /// What the act will do, in sentences.
    func explain(_ page: inout HTML) {
        page += "<p>"
        switch act.verb {
        case .resend:
            page += #"""
                The event goes once more to <b>\#(host)</b>, with the same body and the same \#
                <code>webhook-id</code>, signed now with the current key. The delivery so far stays in the log.
                """#
        case .test:
            page += "A signed <code>subscription.test</code> event goes to <b>\(host)</b>."
        case .enable where subscription.verifiedAt != nil || subscription.isVerificationSkipped:
            page +=
                "Events from now on go to <b>\(host)</b> again; what happened meanwhile only where it is replayed."
        case .enable:
            page += "<b>\(host)</b> gets a challenge. Once it answers, events go to it."
        case .disable:
            page += "Nothing more goes to <b>\(host)</b> until somebody enables it. "
            page += pending == 1 ? "One delivery waits" : "\(Figures.exact(Int64(pending))) deliveries wait"
            page += " and would be cancelled."
        }
        page += #"</p><ul class="first"><li><code>\#(subscription.id)</code>"#
        if let text = subscription.description { page += " \(text)" }
        if let delivery {
            page += #"""
                <span class="sub">Delivery <code>\#(delivery.id)</code>, \#(delivery.state.rawValue) after \#
                \#(Figures.exact(Int64(delivery.attempts))) \#(delivery.attempts == 1 ? "attempt" : "attempts")</span>
                """#
        }
        page += "</li></ul>"
    }

    private var host: String { DeliveriesPanel.host(of: subscription.url) }
}

extension WebhookAct {
    /// Does it, with a line in the audit; answers a sentence.
    func carryOut(
        by who: String, challenge: Challenge, now: Timestamp, in db: borrowing Connection
    ) throws(SQLiteError) -> String {
        let words = try words(challenge, now, db)
        try db.run(
            .audit(
                AuditEntry(
                    at: now, who: who, action: "webhooks \(verb.rawValue)", target: delivery ?? subscription,
                    result: words)))
        return words
    }

    private func words(
        _ challenge: Challenge, _ now: Timestamp, _ db: borrowing Connection
    ) throws(SQLiteError) -> String {
        guard let found = try db.run(.subscription(id: subscription)).first else {
            return "The subscription is gone; nothing was changed."
        }
        switch verb {
        case .resend:
            guard case .sent(_, let made) = try ResendDelivery(delivery ?? "", of: subscription, now: now).apply(to: db)
            else { return "The delivery cannot be sent any more; nothing was changed." }
            return "The event is sent again, as delivery \(made)."
        case .test:
            guard found.state != .disabled, let test = SendTestEvent(to: subscription, traceParent: nil, now: now)
            else { return "The subscription is disabled; nothing was sent." }
            try test.apply(to: db)
            return "A test event is sent, as delivery \(test.delivery)."
        case .enable:
            try EnableSubscription(found, challenge: challenge, traceParent: nil, now: now).apply(to: db)
            let isPending = try db.run(.subscription(id: subscription)).first?.state == .pending
            return isPending
                ? "The challenge is sent; its answer activates the subscription." : "The subscription is active."
        case .disable:
            try DisableSubscription(subscription, reason: "disabled by an operator", traceParent: nil, now: now)
                .apply(to: db)
            return "The subscription is disabled."
        }
    }
}
