import Model
import SQLite
import Store

/// The webhooks' part of `/metrics`: what waits, which receivers are in trouble, and what became of attempts.
struct DeliveryMetrics: Sendable {
    let backlog: DeliveryBacklog?
    /// Since ever, over all notifiers.
    let counts: [DeliveryCount]

    static func read(_ db: borrowing Connection, now: Timestamp) throws(SQLiteError) -> DeliveryMetrics {
        DeliveryMetrics(
            backlog: try db.run(.deliveryBacklog(now: now)).first, counts: try db.run(.deliveryCounts()))
    }

    func write(to metrics: inout OpenMetrics) {
        if let backlog { write(backlog, to: &metrics) }
        metrics.family("helicarrier_webhook_attempts", .counter, "Attempts, by outcome: ok or the class of the error.")
        let attempts = counts.filter { $0.what == "total" }
        for outcome in Self.outcomes(of: attempts) {
            let amount = attempts.filter { $0.outcome == outcome }.reduce(0) { $0 + $1.amount }
            metrics.sample("helicarrier_webhook_attempts_total", [("outcome", outcome)], Int(amount))
        }
        for (what, name, help) in [
            ("total", "helicarrier_webhook_attempt_seconds", "How long attempts took, by outcome."),
            ("wait", "helicarrier_webhook_wait_seconds", "From the event to the end of the first attempt, by outcome."),
        ] {
            metrics.family(name, .histogram, help)
            let times = counts.filter { $0.what == what }
            for outcome in Self.outcomes(of: times) {
                write(times.filter { $0.outcome == outcome }, name, [("outcome", outcome)], to: &metrics)
            }
        }
    }

    private static func outcomes(of counts: [DeliveryCount]) -> [String] {
        Set(counts.map(\.outcome)).sorted()
    }

    private func write(_ backlog: DeliveryBacklog, to metrics: inout OpenMetrics) {
        let gauges = [
            ("helicarrier_webhook_deliveries_pending", "Deliveries that have not ended.", backlog.pending),
            ("helicarrier_webhook_attempts_under_way", "Attempts that run or are about to.", backlog.underWay),
            ("helicarrier_webhook_breakers_open", "Subscriptions whose breaker is open.", backlog.openBreakers),
            ("helicarrier_webhook_throttled", "Subscriptions whose receiver asked for time.", backlog.throttled),
        ]
        for (name, help, value) in gauges {
            metrics.family(name, .gauge, help)
            metrics.sample(name, [], value)
        }
        metrics.family("helicarrier_webhook_subscriptions", .gauge, "Subscriptions by state.")
        for (state, count) in [
            ("active", backlog.active), ("pending", backlog.unverified), ("disabled", backlog.disabled),
        ] {
            metrics.sample("helicarrier_webhook_subscriptions", [("state", state)], count)
        }
    }

    /// The bounds are powers of two milliseconds, up to half an hour: every fourth of the stored ones.
    private func write(
        _ buckets: [DeliveryCount], _ name: String, _ labels: [(String, String)], to metrics: inout OpenMetrics
    ) {
        for power in 0...21 {
            let bound = Int64(1) << power
            let within = buckets.reduce(0) { $1.bound <= bound ? $0 + $1.amount : $0 }
            metrics.sample(name + "_bucket", labels + [("le", "\(Double(bound) / 1_000)")], Int(within))
        }
        let all = Int(buckets.reduce(0) { $0 + $1.amount })
        metrics.sample(name + "_bucket", labels + [("le", "+Inf")], all)
        metrics.sample(name + "_sum", labels, Double(buckets.reduce(0) { $0 + $1.sum }) / 1_000)
        metrics.sample(name + "_count", labels, all)
    }
}
