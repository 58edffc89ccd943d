package import Model

/// Dated prices under a version. A cost that was computed names the version of the book it was computed with.
package struct PriceBook: Hashable, Sendable {
    package let version: String
    /// Sessions that started before are not priced from it.
    package let effectiveFrom: Timestamp
    /// Nobody knew it before.
    package let publishedAt: Timestamp
    /// Where the prices come from.
    package let source: String
    package let prices: [Price]
    /// Whether it only prices what no other book does: the one that came with the configuration, which nobody chose.
    package let isFallback: Bool

    package init(
        version: String, effectiveFrom: Timestamp, publishedAt: Timestamp, source: String, prices: [Price],
        isFallback: Bool = false
    ) {
        self.version = version
        self.effectiveFrom = effectiveFrom
        self.publishedAt = publishedAt
        self.source = source
        self.prices = prices
        self.isFallback = isFallback
    }

    /// What stands in place of a book's version where the provider billed, and where an old row does not say.
    package static let providerNative = "provider_native"
    package static let legacyUnknown = "legacy_unknown"
}

/// Why a session has no computed cost.
package enum UnpricedReason: Hashable, Sendable, CustomStringConvertible {
    /// Nobody said how many tokens there were, or how they divide into input and output.
    case noTokens
    case noSplit
    /// The figures contradict each other, so that a bucket is not known.
    case contradiction
    /// No book that is known holds at the time of the session.
    case noBook
    /// No book has the model.
    case noModel
    /// The book has the model, and no price for a bucket that was used.
    case noPrice(TokenBucket)
    case tooLarge

    package var description: String {
        switch self {
        case .noTokens: "no_tokens"
        case .noSplit: "no_split"
        case .contradiction: "usage_anomaly"
        case .noBook: "no_price_book"
        case .noModel: "no_price_for_model"
        case .noPrice(let bucket): "no_price_for_\(bucket.rawValue)"
        case .tooLarge: "too_large"
        }
    }
}

/// What a session costs by a book.
package struct ComputedCost: Hashable, Sendable {
    package let nanoUSD: Int64
    package let version: String

    package init(nanoUSD: Int64, version: String) {
        self.nanoUSD = nanoUSD
        self.version = version
    }
}
