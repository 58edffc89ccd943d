import Model
import Store

/// The deliveries of one subscription, the newest first, each with its attempts. What receivers answered, and where
/// they are, is for operators who are signed in.
struct DeliveryLog: Sendable {
    private static let longestAnswer = 2_000

    let frame: WebhookFrame
    let subscription: Subscription
    let address: WebhookAddress
    let lines: [WebhookPage.Line]
    let older: String?
    let total: Int

    func draw(_ page: inout HTML) {
        page += #"""
            <section class="panel" id="deliveries" aria-labelledby="deliveries-title"><header>\#
            <h2 id="deliveries-title">Deliveries</h2><span class="badge">\#(Figures.exact(Int64(total)))</span>
            """#
        states(&page)
        page += "</header>"
        if lines.isEmpty {
            empty(&page)
        } else {
            page += #"""
                <div class="scroll"><table class="log"><thead><tr><th scope="col">When</th><th scope="col">Event</th>\#
                <th scope="col" class="p3">Made by</th><th scope="col">State</th>\#
                <th scope="col" class="r p2">Attempts</th><th scope="col" class="r p2">Next</th>\#
                <th scope="col"><span class="vh">Act</span></th></tr></thead>

                """#
            for line in lines { row(&page, line) }
            page += "</table></div>\n"
        }
        pager(&page)
        page += "</section>\n"
    }

    private func states(_ page: inout HTML) {
        page += #"<nav class="seg end" aria-label="Deliveries of which state">"#
        let entries: [(name: HTML, state: Delivery.State?)] = [
            ("All", nil), ("Waiting", .pending), ("Delivered", .succeeded), ("Gave up", .failed),
            ("Cancelled", .cancelled),
        ]
        for entry in entries {
            page += #"<a href="\#(address.with(state: entry.state).path)#deliveries""#
            if entry.state == address.state { page += #" aria-current="true""# }
            page += ">\(entry.name)</a>"
        }
        page += "</nav>"
    }

    private func empty(_ page: inout HTML) {
        page += #"<div class="body soft">"#
        if address.state == nil, address.before == nil {
            page +=
                "<p>As soon as an event is for this subscription, what was sent and what came back appears here.</p>"
        } else {
            page += #"""
                <p>No delivery fits. <a class="link" href="\#(address.with(state: nil).path)#deliveries">\#
                Show all</a></p>
                """#
        }
        page += "</div>\n"
    }

    private func row(_ page: inout HTML, _ line: WebhookPage.Line) {
        let delivery = line.delivery
        page += #"""
            <tbody><tr data-row><td class="num muted">\#(.timeAgo(delivery.createdAt, now: frame.now))</td>\#
            <td><code class="wrap">\#(delivery.eventType)</code></td>\#
            <td class="p3 soft">\#(Self.words(delivery.trigger))</td>\#
            <td>\#(WebhookMarks.state(delivery.state))</td>\#
            <td class="r p2">\#(Figures.exact(Int64(delivery.attempts)))</td>\#
            <td class="r p2 muted num">\#(next(delivery))</td><td class="act">\#(resend(delivery))</td></tr>

            """#
        page += #"<tr class="tries"><td colspan="7"><details>"#
        let count = line.attempts.count
        page += "<summary>\(count == 0 ? "No attempt yet" : count == 1 ? "1 attempt" : "\(count) attempts")"
        if let last = line.attempts.last { page += ", the last \(outcome(last))" }
        page += #"</summary><p class="sub muted">Delivery <code class="wrap">\#(delivery.id)</code>, event "#
        page += #"<code class="wrap">\#(delivery.event)</code>"#
        if let original = delivery.original { page += #", sent before as <code class="wrap">\#(original)</code>"# }
        page += "</p><ol>"
        for attempt in line.attempts { draw(&page, attempt) }
        page += "</ol></details></td></tr></tbody>\n"
    }

    private func outcome(_ attempt: DeliveryAttempt) -> HTML {
        WebhookMarks.outcome(status: attempt.status, errorClass: attempt.errorClass)
    }

    private static func words(_ trigger: Delivery.Trigger) -> HTML {
        switch trigger {
        case .scheduled: "the event"
        case .manual: "a resend"
        case .test: "a test"
        case .replay: "a replay"
        }
    }

    private func next(_ delivery: Delivery) -> HTML {
        guard delivery.state == .pending else { return "—" }
        guard let moment = delivery.nextAttemptAt, moment > frame.now else { return "due" }
        return "in \(.time(moment, as: TimeText.duration(moment - frame.now)))"
    }

    private func resend(_ delivery: Delivery) -> HTML {
        guard subscription.state != .disabled else { return "" }
        return #"""
            <form method="post" action="/ops/confirm"><input type="hidden" name="webhook" value="\#(subscription.id)">\#
            <input type="hidden" name="delivery" value="\#(delivery.id)">\#
            <button class="btn small" name="act" value="webhook-resend" \#
            aria-label="Send \#(delivery.eventType) of \#(TimeText.moment(delivery.createdAt)) again…">\#
            \#(.icon("i-redo"))<span class="hide-s">Resend…</span></button></form>
            """#
    }

    private func draw(_ page: inout HTML, _ attempt: DeliveryAttempt) {
        page += #"""
            <li><b>Attempt \#(attempt.number)</b> \#(outcome(attempt)) at \#
            \#(.time(attempt.startedAt, as: TimeText.moment(attempt.startedAt))), took \#
            \#(TimeText.duration(.milliseconds(Int64(attempt.steps.total))))
            """#
        if let retryAfter = attempt.retryAfter {
            page += ", asked to wait \(TimeText.duration(retryAfter))"
        }
        if let moment = attempt.nextAttemptAt { page += ", next at \(.time(moment, as: TimeText.moment(moment)))" }
        if frame.signedIn != nil { details(&page, attempt) }
        page += "</li>"
    }

    private func details(_ page: inout HTML, _ attempt: DeliveryAttempt) {
        if let message = attempt.errorMessage { page += #"<span class="sub wrong">\#(message)</span>"# }
        let steps = attempt.steps
        let times: [(name: String, length: Int?)] = [
            ("name", steps.dns), ("connect", steps.connect), ("TLS", steps.tls), ("first byte", steps.firstByte),
        ]
        let told = times.compactMap { step in step.length.map { "\(step.name) \($0) ms" } }
        let facts: [String?] = [
            attempt.address, attempt.httpVersion, attempt.tlsVersion, told.isEmpty ? nil : told.joined(separator: ", "),
            "key \(attempt.keys.joined(separator: ", "))", "by \(attempt.worker)",
        ]
        page += #"""
            <span class="sub soft wrap"><code class="wrap">\#(attempt.url)</code> · \#
            \#(facts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " · "))</span>
            """#
        for line in attempt.responseHeaders {
            page += #"<span class="sub mono">\#(line.name): \#(line.value)</span>"#
        }
        guard let body = attempt.responseBody, !body.isEmpty else { return }
        let isCut = attempt.isTruncated || body.count > Self.longestAnswer
        page += #"<pre>\#(String(decoding: body.prefix(Self.longestAnswer), as: UTF8.self))\#(isCut ? "…" : "")</pre>"#
    }

    private func pager(_ page: inout HTML) {
        guard address.before != nil || older != nil else { return }
        page += #"<nav class="pager" aria-label="Pages of deliveries"><span class="end">"#
        if address.before != nil {
            page += #"<a class="btn small" id="page-first" href="\#(address.behind(nil).path)#deliveries">Newest</a>"#
        }
        if let older {
            page +=
                #"<a class="btn small" id="page-next" rel="next" href="\#(older)#deliveries">Older"#
            page += "\(.icon("i-right"))</a>"
        }
        page += "</span></nav>\n"
    }
}
