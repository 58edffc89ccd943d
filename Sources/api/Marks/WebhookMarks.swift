import Jobs
import Model
import Store

/// Small marks of the pages about subscriptions.
enum WebhookMarks {
    static func state(_ subscription: Subscription) -> HTML {
        switch subscription.state {
        case .active where subscription.health.consecutiveFailures > 0:
            #"<span class="badge state warn">Failing</span>"#
        case .active: #"<span class="badge state good">Active</span>"#
        case .pending: #"<span class="badge state">Not verified</span>"#
        case .disabled: #"<span class="badge state bad">Disabled</span>"#
        }
    }

    static func state(_ delivery: Delivery.State) -> HTML {
        switch delivery {
        case .succeeded: #"<span class="badge good">delivered</span>"#
        case .failed: #"<span class="badge bad">gave up</span>"#
        case .cancelled: #"<span class="badge">cancelled</span>"#
        case .pending: #"<span class="badge warn">waiting</span>"#
        }
    }

    static func breaker(_ health: WebhookHealth) -> HTML {
        switch health.breaker {
        case .closed: #"<span class="muted">Closed</span>"#
        case .halfOpen: #"<span class="badge warn">Half-open</span>"#
        case .open: #"<span class="badge bad">Open</span>"#
        }
    }

    static func bad(_ number: Int) -> HTML { #"<span class="wrong">\#(Figures.exact(Int64(number)))</span>"# }

    static func ago(_ moment: Timestamp?, _ now: Timestamp) -> HTML {
        moment.map { .timeAgo($0, now: now) } ?? "—"
    }

    /// What came of one try: `204`, `500`, `timeout`. A status whose answer broke off says less than what broke it.
    static func outcome(status: Int?, errorClass: String?) -> HTML {
        if let errorClass, status == nil || !errorClass.hasPrefix("http_") {
            return #"<span class="badge bad">\#(errorClass)</span>"#
        }
        guard let status else { return #"<span class="muted">—</span>"# }
        let tone: HTML = errorClass == nil ? "good" : status < 500 ? "warn" : "bad"
        return #"<span class="badge \#(tone)">\#(status)</span>"#
    }
}
