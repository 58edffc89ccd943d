import Model
import Store

/// The newest webhook deliveries. Of an address only the host is shown: this page is open, and the path of a webhook
/// often is its password.
enum DeliveriesPanel {
    static func draw(_ page: inout HTML, _ view: OperationsView) {
        let deliveries = view.deliveries
        page += #"""
            <section class="panel" aria-labelledby="deliveries-title"><header>\#
            <h2 id="deliveries-title">Webhook deliveries</h2>
            """#
        if deliveries.ended > 0 {
            let tenths = Int32((deliveries.succeeded * 1_000 + deliveries.ended / 2) / deliveries.ended)
            page += #"<span class="badge">\#(Figures.oneDecimal(tenths: tenths))% delivered, 24 h</span>"#
        }
        page += #"<span class="end"><a class="link" href="/ops/webhooks">Endpoints</a></span></header>"#
        guard !deliveries.newest.isEmpty else {
            page += #"""
                <div class="body soft"><p>Once a subscription hears of an event, what was sent and what came back \#
                appears here. A subscription is made with a token:</p>\#
                <p><code class="command">helicarrier token create --scope webhooks</code></p></div></section>

                """#
            return
        }
        page += #"""
            <div class="scroll"><table><thead><tr><th scope="col">When</th><th scope="col">Event</th>\#
            <th scope="col" class="p2">Endpoint</th><th scope="col">Response</th>\#
            <th scope="col" class="r p2">Attempts</th><th scope="col" class="r p3">Took</th>\#
            <th scope="col" class="r p2">Next</th></tr></thead><tbody>

            """#
        for delivery in deliveries.newest { row(&page, delivery, view.now) }
        page += "</tbody></table></div></section>\n"
    }

    private static func row(_ page: inout HTML, _ delivery: RecentDelivery, _ now: Timestamp) {
        page += #"""
            <tr><td class="num muted">\#(.timeAgo(delivery.createdAt, now: now))</td>\#
            <td><code class="wrap">\#(delivery.eventType)</code></td>\#
            <td class="p2 soft">\#(host(of: delivery.url))</td><td>\#(outcome(delivery))</td>\#
            <td class="r p2">\#(delivery.attempts)</td>\#
            <td class="r p3 num">\#(delivery.took.map(TimeText.duration) ?? "—")</td>\#
            <td class="r p2 muted num">\#(next(delivery, now))</td></tr>

            """#
    }

    private static func outcome(_ delivery: RecentDelivery) -> HTML {
        WebhookMarks.outcome(status: delivery.status, errorClass: delivery.errorClass)
    }

    private static func next(_ delivery: RecentDelivery, _ now: Timestamp) -> HTML {
        switch delivery.state {
        case .succeeded: return "delivered"
        case .failed: return "gave up"
        case .cancelled: return "cancelled"
        case .pending:
            guard let moment = delivery.nextAttemptAt, moment > now else { return "due" }
            return "in \(.time(moment, as: TimeText.duration(moment - now)))"
        }
    }

    /// `hooks.example.net:8443` of `https://user@hooks.example.net:8443/in?key=…`.
    static func host(of url: String) -> String {
        let rest = url.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first ?? ""
        let authority = rest.prefix { $0 != "?" && $0 != "#" }
        return String(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
    }
}
