package import Model

/// Make a further attempt, or one at an endpoint that failed the last time. A kind of its own, so that endpoints that
/// hang never take the places of those that answer.
package struct RetryWebhook: JobKind {
    package static let name = "retry-webhook"
    package static let stage = StageName.notify
    package static let retry = DeliverWebhook.retry
    package static let concurrency = 32
    package let delivery: String

    package init(delivery: String) {
        self.delivery = delivery
    }

    package var uniqueKey: String? { "deliver-webhook:\(delivery)" }
}
