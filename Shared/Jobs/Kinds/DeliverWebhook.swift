package import Model

/// Make the first attempt to bring one event to an endpoint that is not known to fail. Done by `notifier`.
///
/// A job is one attempt. It is done once the attempt is recorded, whatever the receiver said; the delivery knows when
/// the next one is due.
package struct DeliverWebhook: JobKind {
    package static let name = "deliver-webhook"
    package static let stage = StageName.notify
    /// For lost leases and errors of the database, which are no attempts.
    package static let retry = RetryPolicy(attempts: 30, firstWait: .seconds(1), longestWait: .seconds(60))
    package static let concurrency = 64
    package let delivery: String

    package init(delivery: String) {
        self.delivery = delivery
    }

    package var uniqueKey: String? { "deliver-webhook:\(delivery)" }
}
