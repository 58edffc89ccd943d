package import Model

/// Pack a few blocks of a feed's large snapshots that are not the newest any more, and ask for the next. Produced by
/// `scorer` with each publication that leaves something to pack; done by `scorer`.
package struct PackFeed: JobKind {
    package static let name = "pack-feed"
    package static let stage = StageName.score
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(5))
    package static let concurrency = 1
    package static let coalesces = true
    package let feed: String

    package init(feed: String) {
        self.feed = feed
    }

    package var uniqueKey: String? { "pack-feed:\(feed)" }
}
