package import Model

/// Start one observation of a feed. Produced by the clock of `fetcher` and by whoever asks for fresh figures; done by
/// `fetcher`.
package struct PlanRefresh: JobKind {
    package static let name = "plan-refresh"
    package static let stage = StageName.fetch
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(5))
    package static let concurrency = 1
    package let feed: String

    package init(feed: String) {
        self.feed = feed
    }

    package var uniqueKey: String? { "plan-refresh:\(feed)" }
}
