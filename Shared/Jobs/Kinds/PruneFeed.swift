package import Model

/// Delete one small batch of what a feed's history no longer reaches back to, and ask for the next. Produced by
/// `scorer` with each publication; done by `scorer`.
package struct PruneFeed: JobKind {
    package static let name = "prune-feed"
    package static let stage = StageName.score
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(5))
    package static let concurrency = 1
    package static let coalesces = true
    package let feed: String

    package init(feed: String) {
        self.feed = feed
    }

    package var uniqueKey: String? { "prune-feed:\(feed)" }
}
