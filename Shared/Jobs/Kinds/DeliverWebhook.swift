package import Model

/// Bring one event to one endpoint. Produced with the event itself; done by `notifier`.
package struct DeliverWebhook: JobKind {
    package static let name = "deliver-webhook"
    package static let stage = StageName.notify
    /// The delivery itself counts its ten attempts and waits by the schedule of webhooks. The job has more, so that
    /// lost leases and database errors do not use them up.
    package static let retry = RetryPolicy(attempts: 30, firstWait: .seconds(5), longestWait: .hours(24))
    package static let concurrency = 16
    package let delivery: String

    package init(delivery: String) {
        self.delivery = delivery
    }

    package var uniqueKey: String? { "deliver-webhook:\(delivery)" }
}
