package import Model

/// Compute the newest state of a feed, for readers: deltas against named baselines, standings, the v3 document.
/// Produced and done by `scorer`. It coalesces: a snapshot that lands during the run asks for another run.
package struct PublishFeed: JobKind {
    package static let name = "publish-feed"
    package static let stage = StageName.score
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(5))
    package static let concurrency = 1
    package static let coalesces = true
    package let feed: String

    package init(feed: String) {
        self.feed = feed
    }

    package var uniqueKey: String? { "publish-feed:\(feed)" }
}
