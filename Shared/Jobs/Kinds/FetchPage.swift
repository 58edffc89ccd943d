package import Model

/// Get one body from the upstream and keep it as it is. Produced and done by `fetcher`; the last one of a refresh asks
/// `normalizer` for the snapshot.
package struct FetchPage: JobKind {
    package static let name = "fetch-page"
    package static let stage = StageName.fetch
    package static let retry = RetryPolicy(attempts: 8, firstWait: .seconds(1), longestWait: .minutes(5))
    package static let concurrency = 4
    /// The observation that the page belongs to, and its place in it.
    package let refresh: String
    package let number: Int
    package let url: String
    /// Listing pages that may still follow this one by its `Link`.
    package let pagesLeft: Int
    /// The first pages of the listings that come after this one's last.
    package let listings: [String]
    /// The model that is asked for by itself; `nil` for a page of a listing.
    package let model: String?
    /// Curated models that are still to be asked for, if no page has them; settled after the last listing.
    package let models: [String]
    /// Of a walk over the whole Hub: milliseconds between two of its pages.
    package let pace: Int64?

    package init(
        refresh: String, number: Int, url: String, pagesLeft: Int, listings: [String] = [], model: String? = nil,
        models: [String] = [], pace: Int64? = nil
    ) {
        self.refresh = refresh
        self.number = number
        self.url = url
        self.pagesLeft = pagesLeft
        self.listings = listings
        self.model = model
        self.models = models
        self.pace = pace
    }

    package var uniqueKey: String? { "fetch-page:\(refresh):\(number)" }
}
