package import Model

/// Every price book that a deployment has, and which of them prices a session.
///
/// Of the books that were known when computing (published by then) and in effect when the session started, it is the
/// one with the latest `effectiveFrom`; of two, the one published later, and then the one imported later. A book that
/// does not have the model, or none of its prices at that moment, leaves it to the one before it, so a deployment can
/// put a short list of its own prices over a long one. One that prices the model but not each kind of token decides: a
/// mixture of two lists would be nobody's price. The book of the configuration comes after all that were imported.
package struct PriceShelf: Sendable {
    private let books: [(book: PriceBook, index: PriceIndex)]

    /// - Parameter books: in the order in which they were imported.
    package init(_ books: [PriceBook] = []) {
        self.books = books.enumerated()
            .sorted { left, right in
                let (one, other) = (left.element, right.element)
                if one.isFallback != other.isFallback { return other.isFallback }
                if one.effectiveFrom != other.effectiveFrom { return one.effectiveFrom > other.effectiveFrom }
                if one.publishedAt != other.publishedAt { return one.publishedAt > other.publishedAt }
                return left.offset > right.offset
            }
            .map { ($0.element, PriceIndex($0.element.prices)) }
    }

    package var isEmpty: Bool { books.isEmpty }

    /// What a session costs that started at `moment`, as far as it can be known `now`.
    package func cost(
        of account: TokenAccount, provider: ProviderName, model: String, at moment: Timestamp, now: Timestamp
    ) -> Result<ComputedCost, Unpriced> {
        let buckets = account.buckets
        guard account.source != .missing else { return .failure(Unpriced(.noTokens)) }
        guard buckets.inputUncached != nil, buckets.outputVisible != nil else {
            return .failure(Unpriced(account.anomalies.isEmpty ? .noSplit : .contradiction))
        }
        let known = books.filter { $0.book.publishedAt <= now && $0.book.effectiveFrom <= moment }
        guard !known.isEmpty else { return .failure(Unpriced(.noBook)) }
        var outdated: Unpriced?
        for (book, index) in known {
            guard let match = Self.match(in: index, provider, model) else { continue }
            switch match.cost(of: buckets, at: moment) {
            case .success(let cost): return .success(ComputedCost(nanoUSD: cost, version: book.version))
            case .failure(let reason):
                if match.holds(at: moment) { return .failure(reason) }
                outdated = outdated ?? reason
            }
        }
        return .failure(outdated ?? Unpriced(.noModel))
    }

    /// By the names that the provider may have, and by the model's name with and without the provider before it.
    private static func match(in index: PriceIndex, _ provider: ProviderName, _ model: String) -> PriceMatch? {
        var models = [model]
        if let slash = model.firstIndex(of: "/") { models.append(String(model[model.index(after: slash)...])) }
        for name in provider.priced {
            for model in models {
                if let match = index.match(provider: name, model: model) { return match }
            }
        }
        // The provider is not known; if the book has the model at one alone, there is no doubt.
        guard provider.stated == nil else { return nil }
        for model in models {
            let providers = index.providers(of: model)
            if providers.count == 1, let only = providers.first {
                return index.match(provider: only, model: model)
            }
        }
        return nil
    }
}
