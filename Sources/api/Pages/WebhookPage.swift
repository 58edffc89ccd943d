import Jobs
import Model
import Store

/// The page of one subscription: health, settings, keys without secrets, and its deliveries with their attempts.
struct WebhookPage: Sendable {
    /// A delivery with what was tried.
    struct Line: Sendable {
        let delivery: Delivery
        let attempts: [DeliveryAttempt]
    }

    let frame: WebhookFrame
    let shown: ShownSubscription
    let health: WebhookHealth
    let address: WebhookAddress
    let lines: [Line]
    /// Where the deliveries before these begin.
    let older: String?
    /// Deliveries of the state that the address names.
    let total: Int

    private var subscription: Subscription { shown.subscription }
    private var host: String { DeliveriesPanel.host(of: subscription.url) }

    func render() -> [UInt8] {
        frame.render(title: "Webhook \(host)") { page in
            head(&page)
            frame.tell(&page)
            warnings(&page)
            page += #"<div class="stack"><div class="halves">"#
            healthPanel(&page)
            settingsPanel(&page)
            page += "</div>\n"
            keysPanel(&page)
            DeliveryLog(
                frame: frame, subscription: subscription, address: address, lines: lines, older: older, total: total
            ).draw(&page)
            page += "</div>\n"
        }
    }

    private func head(_ page: inout HTML) {
        page += #"""
            <div class="head"><div><h1 class="host">\#(host)</h1><p class="sub">\#
            \#(WebhookMarks.state(subscription)) \#(subscription.description ?? "") \#
            <a class="link" href="/ops/webhooks">All subscriptions</a></p></div><div class="end">
            """#
        if subscription.state != .disabled { act(&page, .test, "Send a test…") }
        switch subscription.state {
        case .active: act(&page, .disable, "Disable…")
        case .pending: act(&page, .enable, "Ask again…")
        case .disabled: act(&page, .enable, "Enable…")
        }
        frame.session(&page, back: "/ops/webhooks/\(subscription.id)")
        page += "</div></div>\n"
    }

    private func act(_ page: inout HTML, _ verb: WebhookAct.Verb, _ words: HTML) {
        page += #"""
            <form method="post" action="/ops/confirm"><input type="hidden" name="webhook" value="\#(subscription.id)">\#
            <button class="btn" name="act" value="webhook-\#(verb.rawValue)">\#(words)</button></form>
            """#
    }

    /// What somebody should know at once.
    private func warnings(_ page: inout HTML) {
        var words: HTML?
        if subscription.state == .disabled {
            words = "<b>Nothing is sent.</b> \(subscription.disabledReason ?? "")"
        } else if subscription.state == .pending {
            words = #"""
                <b>Not verified.</b> The receiver has to answer its challenge; only that and tests are sent until then.
                """#
        } else if health.breaker == .open, let until = subscription.health.breakerUntil {
            words = #"""
                <b>The breaker is open.</b> Most attempts of the last five minutes failed; the next is made at \#
                \#(.time(until, as: TimeText.clock(until))) UTC.
                """#
        } else if let until = health.throttledUntil {
            words = "<b>The receiver asked for time</b> until \(.time(until, as: TimeText.clock(until))) UTC."
        }
        guard let words else { return }
        page += #"<div class="banner bad">\#(.icon("i-warn"))<p>\#(words)</p></div>"#
    }

    private func healthPanel(_ page: inout HTML) {
        let known = subscription.health
        page += #"""
            <section class="panel" aria-labelledby="health-title"><header><h2 id="health-title">Health</h2>\#
            <span class="end muted">Last 24 h</span></header><div class="body"><dl class="facts">
            """#
        fact(
            &page, "Attempts that succeeded",
            "\(health.successRate.map(WebhooksPage.percent) ?? "—") of \(Figures.exact(Int64(health.attempts)))")
        fact(
            &page, "Failures in a row",
            known.consecutiveFailures == 0 ? "0" : WebhookMarks.bad(known.consecutiveFailures))
        fact(&page, "Failing since", WebhookMarks.ago(known.failingSince, frame.now))
        fact(&page, "Breaker", WebhookMarks.breaker(health))
        fact(&page, "Deliveries that wait", "\(Figures.exact(Int64(health.pending)))")
        fact(&page, "Last attempt", WebhookMarks.ago(known.lastAttemptAt, frame.now))
        fact(&page, "Last success", WebhookMarks.ago(known.lastSuccessAt, frame.now))
        page += "</dl></div></section>\n"
    }

    private func settingsPanel(_ page: inout HTML) {
        page += #"""
            <section class="panel" aria-labelledby="settings-title"><header><h2 id="settings-title">Settings</h2>\#
            <span class="end muted"><code>\#(subscription.id)</code></span></header>\#
            <div class="body"><dl class="facts">
            """#
        if frame.signedIn != nil {
            fact(&page, "Address", #"<code class="wrap">\#(Self.withoutQuery(subscription.url))</code>"#)
        }
        fact(&page, "Hears of", #"<code class="wrap">\#(subscription.types.joined(separator: " "))</code>"#)
        if let filter = subscription.filter { fact(&page, "Only where", #"<code class="wrap">\#(filter)</code>"#) }
        fact(&page, "Order", subscription.isOrdered ? "one at a time, as it happened" : "none")
        fact(&page, "Signature", subscription.signature == .v1 ? "v1, shared secret" : "v1a, public key")
        fact(
            &page, "At most",
            "\(subscription.maxInFlight) at once, \(Figures.exact(Int64(subscription.ratePerSecond))) a second")
        let verified: HTML =
            subscription.verifiedAt.map { .timeAgo($0, now: frame.now) }
            ?? (subscription.isVerificationSkipped ? "skipped by an operator" : "no")
        fact(&page, "Verified", verified)
        fact(&page, "Made", .timeAgo(subscription.createdAt, now: frame.now))
        page += "</dl></div></section>\n"
    }

    private func fact(_ page: inout HTML, _ name: HTML, _ value: HTML) {
        page += "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }

    static func withoutQuery(_ url: String) -> String {
        url.contains("?") ? url.prefix { $0 != "?" } + "?…" : url
    }

    private func keysPanel(_ page: inout HTML) {
        page += #"""
            <section class="panel" aria-labelledby="keys-list-title"><header>\#
            <h2 id="keys-list-title">Signing keys</h2>\#
            <span class="end muted">The current one first</span></header><div class="scroll"><table><thead><tr>\#
            <th scope="col">Key</th><th scope="col" class="p2">Kind</th><th scope="col" class="r p1">Made</th>\#
            <th scope="col" class="r">Signs until</th></tr></thead><tbody>

            """#
        for key in shown.keys {
            let end: HTML = key.expiresAt.map { .time($0, as: TimeText.moment($0)) } ?? "it is replaced"
            page += #"""
                <tr><th scope="row"><code class="wrap">\#(key.id)</code></th>\#
                <td class="p2 soft">\#(key.kind == "hmac" ? "shared secret" : "Ed25519 pair")</td>\#
                <td class="r p1 num">\#(.timeAgo(key.createdAt, now: frame.now))</td><td class="r">\#(end)</td></tr>

                """#
        }
        page += "</tbody></table></div></section>\n"
    }
}

/// The state of a subscription's page as its query string says it; what is unknown is ignored.
struct WebhookAddress: Equatable, Sendable {
    let subscription: String
    var state: Delivery.State?
    /// Behind which delivery the page begins.
    var before: (createdAt: Timestamp, id: String)?
    /// The confirmation whose result is shown once.
    var done: Int64?

    init(_ subscription: String, query pairs: [(name: String, value: String)] = []) {
        self.subscription = subscription
        func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        state = first("state").flatMap(Delivery.State.init(rawValue:))
        done = first("done").flatMap { Int64($0) }
        let parts = first("before")?.split(separator: ".", maxSplits: 1).map(String.init) ?? []
        if parts.count == 2, let moment = Int64(parts[0]) {
            before = (Timestamp(milliseconds: moment), parts[1])
        }
    }

    static func == (left: WebhookAddress, right: WebhookAddress) -> Bool { left.path == right.path }

    func with(state: Delivery.State?) -> Self {
        var address = self
        (address.state, address.before, address.done) = (state, nil, nil)
        return address
    }

    func behind(_ delivery: Delivery?) -> Self {
        var address = self
        (address.before, address.done) = (delivery.map { ($0.createdAt, $0.id) }, nil)
        return address
    }

    /// The link to this state: `/ops/webhooks/sub_…?state=failed`.
    var path: String {
        var pairs: [(name: String, value: String)] = []
        if let state { pairs.append((name: "state", value: state.rawValue)) }
        if let before { pairs.append((name: "before", value: "\(before.createdAt.milliseconds).\(before.id)")) }
        return "/ops/webhooks/\(QueryText.percentEncoded(subscription))" + QueryText.suffix(pairs)
    }
}
