package import Model

/// Turn the pages of one observation into canonical listings and one snapshot. Produced by `fetcher` and by
/// `helicarrier import hub`; done by `normalizer`.
package struct NormalizeRefresh: JobKind {
    package static let name = "normalize-refresh"
    package static let stage = StageName.normalize
    package static let retry = RetryPolicy(attempts: 10, firstWait: .seconds(1), longestWait: .minutes(5))
    package let refresh: String
    /// The last page that earlier runs have read, where an observation is too large for one.
    package let after: Int?

    package init(refresh: String, after: Int? = nil) {
        self.refresh = refresh
        self.after = after
    }

    package var uniqueKey: String? { "normalize-refresh:\(refresh)" + (after.map { ":\($0)" } ?? "") }
}
