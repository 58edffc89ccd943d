import Jobs
import Model
import Store

/// What the pages about subscriptions have in common.
struct WebhookFrame: Sendable {
    var now: Timestamp
    /// The operator who is signed in; others see hosts only, since the path of a webhook often is its password.
    var signedIn: String?
    /// What came of the act that led here.
    var result: String?
    var theme = Theme.system
    let assets: AssetCatalog

    func render(title: String, _ content: (inout HTML) -> Void) -> [UInt8] {
        var frame = PageFrame(
            title: title, place: .operations, theme: theme, assets: assets,
            footer: [
                PageFrame.FooterLink(name: "Operations", path: "/ops"),
                PageFrame.FooterLink(name: "Public keys", path: "/.well-known/webhook-keys"),
            ])
        frame.hasOperations = true
        return frame.render(capacity: 32_768) { page in content(&page) }
    }

    /// Who acts here, or the way to become somebody who may. Signing in leads back.
    func session(_ page: inout HTML, back place: String) {
        if let signedIn {
            page += #"""
                <form method="post" action="/ops/sign-out"><button class="btn" title="Signed in as \#(signedIn)">\#
                Sign out <span class="muted who">\#(signedIn)</span></button></form>
                """#
        } else {
            page +=
                #"<a class="btn" href="/ops/sign-in\#(QueryText.suffix([(name: "next", value: place)]))">Sign in</a>"#
        }
    }

    func tell(_ page: inout HTML) {
        guard let result else { return }
        page += #"<p class="banner good" role="status">\#(result)</p>"#
    }
}

/// The page `/ops/webhooks`: every subscription, and how its receiver is.
struct WebhooksPage: Sendable {
    /// A subscription of the page.
    struct Line: Sendable {
        let shown: ShownSubscription
        let health: WebhookHealth
    }

    let frame: WebhookFrame
    let lines: [Line]
    /// Subscriptions by state, over all pages.
    let states: [Subscription.State: Int]
    let day: (ended: Int, succeeded: Int)
    let pending: Int
    let index: PageIndex

    func render() -> [UInt8] {
        frame.render(title: "Webhooks") { page in
            page += #"""
                <div class="head"><div><h1>Webhooks</h1><p class="sub">Who hears of events, and whether it arrives. \#
                <a class="link" href="/ops">Operations</a></p></div><div class="end">
                """#
            frame.session(&page, back: "/ops/webhooks")
            page += "</div></div>\n"
            frame.tell(&page)
            strip(&page)
            table(&page)
        }
    }

    private func strip(_ page: inout HTML) {
        page += #"<dl class="strip six">"#
        cell(&page, "Subscriptions", Figures.exact(Int64(index.total)), "of 1,000 at most")
        cell(&page, "Active", count(.active), "hear of events")
        cell(&page, "Not verified", count(.pending), "have a challenge to answer")
        cell(&page, "Disabled", count(.disabled), "hear nothing")
        let rate = day.ended > 0 ? Self.percent((day.succeeded * 1_000 + day.ended / 2) / day.ended) : "—"
        cell(&page, "Delivered, 24 h", rate, "of \(Figures.exact(Int64(day.ended))) that ended")
        cell(&page, "Waiting, now", Figures.exact(Int64(pending)), "deliveries to come or to come again")
        page += "</dl>\n"
    }

    private func count(_ state: Subscription.State) -> String { Figures.exact(Int64(states[state] ?? 0)) }

    static func percent(_ thousandths: Int) -> String { Figures.oneDecimal(tenths: Int32(thousandths)) + "%" }

    private func cell(_ page: inout HTML, _ label: HTML, _ value: String, _ note: String) {
        page += #"<div><dt>\#(label)</dt><dd>\#(value)</dd><dd class="note">\#(note)</dd></div>"#
    }

    private func table(_ page: inout HTML) {
        page += #"""
            <section class="panel" aria-labelledby="list-title"><header><h2 id="list-title">Subscriptions</h2>\#
            <span class="end muted">Oldest first</span></header>
            """#
        guard !lines.isEmpty else {
            page += #"""
                <div class="body soft"><p>Once somebody subscribes to events, the receiver and its health appear \#
                here. It needs a token, and a POST to <code>/api/v4/webhooks</code>:</p>\#
                <p><code class="command">helicarrier token create --scope webhooks</code></p></div></section>

                """#
            return
        }
        page += #"""
            <div class="scroll"><table><thead><tr><th scope="col">Endpoint</th><th scope="col">State</th>\#
            <th scope="col" class="r">Success <span class="unit">24 h</span></th>\#
            <th scope="col" class="r p2">Failed <span class="unit">in a row</span></th>\#
            <th scope="col" class="p3">Breaker</th><th scope="col" class="r p2">Waiting</th>\#
            <th scope="col" class="r p3">Last success</th><th scope="col" class="r p4">Key made</th>\#
            </tr></thead><tbody>

            """#
        for line in lines { row(&page, line) }
        page += "</tbody></table></div>\n"
        pager(&page)
        page += "</section>\n"
    }

    private func row(_ page: inout HTML, _ line: Line) {
        let (subscription, health) = (line.shown.subscription, line.health)
        let failures = subscription.health.consecutiveFailures
        page += #"""
            <tr data-row><th scope="row"><a href="/ops/webhooks/\#(subscription.id)" data-open><b class="host">\#
            \#(DeliveriesPanel.host(of: subscription.url))</b></a>\#
            <span class="sub muted">\#(subscription.description ?? subscription.id)</span></th>\#
            <td>\#(WebhookMarks.state(subscription))</td>\#
            <td class="r">\#(health.successRate.map(Self.percent) ?? "—")</td>\#
            <td class="r p2">\#(failures == 0 ? "0" : WebhookMarks.bad(failures))</td>\#
            <td class="p3">\#(WebhookMarks.breaker(health))</td>\#
            <td class="r p2">\#(Figures.exact(Int64(health.pending)))</td>\#
            <td class="r p3 muted num">\#(WebhookMarks.ago(subscription.health.lastSuccessAt, frame.now))</td>\#
            <td class="r p4 muted num">\#(WebhookMarks.ago(line.shown.keys.first?.createdAt, frame.now))</td></tr>

            """#
    }

    private func pager(_ page: inout HTML) {
        guard index.count > 1 else { return }
        page += #"""
            <nav class="pager" aria-label="Pages of subscriptions"><span class="num">\#
            \#(Figures.exact(Int64(index.rows.lowerBound + 1)))–\#(Figures.exact(Int64(index.rows.upperBound))) of \#
            \#(Figures.exact(Int64(index.total)))</span><span class="end">
            """#
        step(&page, index.previous, "prev", "\(.icon("i-left"))Previous")
        page += #"<span class="num">Page \#(index.number) of \#(index.count)</span>"#
        step(&page, index.next, "next", "Next\(.icon("i-right"))")
        page += "</span></nav>\n"
    }

    private func step(_ page: inout HTML, _ number: Int?, _ rel: String, _ content: HTML) {
        guard let number else {
            page += #"<span class="btn small" aria-disabled="true">\#(content)</span>"#
            return
        }
        page +=
            #"<a class="btn small" id="page-\#(rel)" rel="\#(rel)" href="/ops/webhooks?page=\#(number)">"#
        page += "\(content)</a>"
    }
}
