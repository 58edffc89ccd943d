/// The event types that have a meaning for the subscription itself, apart from what happens to models.
package enum WebhookEvent {
    /// Carries `data.challenge`, which the receiver must echo.
    package static let verification = "subscription.verification"
    /// Asked for by somebody who wants to see a delivery arrive.
    package static let test = "subscription.test"
    package static let disabled = "subscription.disabled"
    /// An endpoint is on its way to being disabled.
    package static let failing = "subscription.failing"
    /// An endpoint of which that was said answers again.
    package static let recovered = "subscription.recovered"

    /// What a subscription may ask for, beside `*` and `<group>.*`.
    package static let types = [
        "alert.critical", "alert.resolved", "alert.warning", "job.dead", "model.added", "model.anomaly.closed",
        "model.anomaly.opened", "model.license.changed", "model.rank.changed", "model.removed", "quota.exhausted",
        "snapshot.created", "subscription.disabled", "subscription.failing", "subscription.recovered",
    ]

    /// Whether a subscription may ask for this: a type, `*`, or the beginning of types and `.*`.
    package static func isKnown(pattern: String) -> Bool {
        if pattern == "*" || types.contains(pattern) { return true }
        guard pattern.hasSuffix(".*") else { return false }
        return types.contains { $0.hasPrefix(pattern.dropLast(1)) }
    }
}
