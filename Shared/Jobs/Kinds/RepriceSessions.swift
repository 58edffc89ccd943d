package import Model

/// Compute the costs of one batch of sessions anew, with the price books that are known now, and ask for the next.
/// Produced by `helicarrier prices recompute`; done by `normalizer`.
package struct RepriceSessions: JobKind {
    package static let name = "reprice-sessions"
    package static let stage = StageName.normalize
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(5))
    package static let concurrency = 1
    /// Sessions that started from here…
    package let from: Timestamp
    /// …to here, both included.
    package let through: Timestamp
    /// The last session that is done.
    package let after: Int64

    package init(from: Timestamp, through: Timestamp, after: Int64 = 0) {
        self.from = from
        self.through = through
        self.after = after
    }

    package var uniqueKey: String? {
        "reprice-sessions:\(from.milliseconds):\(through.milliseconds):\(after)"
    }
}
