import Model
import Synchronization

/// The prices of one book, ready to be found by provider and model.
struct PriceIndex: Sendable {
    /// The prices that stand under one pair of patterns.
    private struct Entry: Sendable {
        /// Of the model and the provider, as the book has them.
        let names: [String]
        let provider: NamePattern
        let model: NamePattern
        var prices: [Price]

        /// The longest match wins; of two that are equally long the one without `*`, and then the closer provider. What
        /// is as close in all that is told apart by its names, bytewise, so that every process finds the same.
        func isCloser(than other: Entry) -> Bool {
            if model.literalCount != other.model.literalCount { return model.literalCount > other.model.literalCount }
            if model.isExact != other.model.isExact { return model.isExact }
            if provider.literalCount != other.provider.literalCount {
                return provider.literalCount > other.provider.literalCount
            }
            return names.lexicographicallyPrecedes(other.names) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// What has been looked up: whoever sums sessions up asks for the same few models again and again.
    private final class Memory: Sendable {
        private static let most = 1_000
        private let matches = Mutex<[String: PriceMatch?]>([:])

        func match(_ key: String, _ find: () -> PriceMatch?) -> PriceMatch? {
            if let known = matches.withLock({ $0[key] }) { return known }
            let found = find()
            matches.withLock { matches in
                // Names come from outside: they must not fill the memory.
                if matches.count >= Self.most { matches = [:] }
                matches.updateValue(found, forKey: key)
            }
            return found
        }
    }

    private let memory = Memory()
    private var exact: [String: [Entry]] = [:]
    /// By model, who lists it under its own name.
    private var sellers: [String: Set<String>] = [:]
    private var patterns: [Entry] = []

    init(_ prices: [Price]) {
        var groups: [[String]: Entry] = [:]
        for price in prices {
            let names = [price.model, price.provider]
            groups[
                names,
                default: Entry(
                    names: names, provider: NamePattern(price.provider), model: NamePattern(price.model), prices: [])
            ].prices.append(price)
        }
        for (names, entry) in groups {
            if entry.provider.isExact, entry.model.isExact {
                exact[Self.key(names[1], names[0])] = [entry]
                sellers[names[0], default: []].insert(names[1])
            } else {
                patterns.append(entry)
            }
        }
        patterns.sort { $0.isCloser(than: $1) }
    }

    private static func key(_ provider: String, _ model: String) -> String { "\(provider)\u{0}\(model)" }

    /// The prices of a model at a provider; `nil` where the book does not have it.
    func match(provider: String, model: String) -> PriceMatch? {
        let key = Self.key(provider, model)
        return memory.match(key) { search(key, provider, model) }
    }

    private func search(_ key: String, _ provider: String, _ model: String) -> PriceMatch? {
        var found = exact[key] ?? []
        found += patterns.filter { $0.provider.matches(provider) && $0.model.matches(model) }
        guard !found.isEmpty else { return nil }
        found.sort { $0.isCloser(than: $1) }
        return PriceMatch(lists: found.map(\.prices))
    }

    /// Every provider that lists a model under its own name.
    func providers(of model: String) -> Set<String> {
        (sellers[model] ?? []).union(patterns.filter { $0.model.matches(model) }.compactMap(\.prices.first?.provider))
    }
}

/// The prices that a book has for one model, the closest match first.
struct PriceMatch: Sendable {
    let lists: [[Price]]

    /// Whether the book has any price of the model at a moment.
    func holds(at moment: Timestamp) -> Bool {
        lists.contains { $0.contains { $0.holds(at: moment) } }
    }

    /// The price of a bucket at a moment for a context of so many tokens.
    func price(of bucket: TokenBucket, context: Int64, at moment: Timestamp) -> Int64? {
        for prices in lists {
            let holding = prices.filter {
                $0.bucket == bucket && $0.minContextTokens <= context && $0.holds(at: moment)
            }
            // The highest tier that is reached; where two prices hold at once, the one that came later.
            let best = holding.max {
                ($0.minContextTokens, $0.validFrom?.milliseconds ?? .min)
                    < ($1.minContextTokens, $1.validFrom?.milliseconds ?? .min)
            }
            if let best { return best.nanoUSDPerMillion }
        }
        return nil
    }

    /// What the tokens of a session cost together: summed exactly, and rounded once, half to even.
    func cost(of buckets: TokenBuckets, at moment: Timestamp) -> Result<Int64, Unpriced> {
        guard let context = buckets.input else { return .failure(Unpriced(.contradiction)) }
        // 10^12 tokens at 10^15 nano-USD, six times, is far from 2^128.
        var sum: UInt128 = 0
        for bucket in TokenBucket.allCases {
            guard let count = buckets[bucket], count > 0 else { continue }
            var price = price(of: bucket, context: context, at: moment)
            // Whoever does not list thoughts bills them as output.
            if price == nil, bucket == .reasoning {
                price = self.price(of: .outputVisible, context: context, at: moment)
            }
            guard let price else { return .failure(Unpriced(.noPrice(bucket))) }
            sum += UInt128(count) * UInt128(price)
        }
        let (floor, rest) = sum.quotientAndRemainder(dividingBy: 1_000_000)
        let roundsUp = rest > 500_000 || (rest == 500_000 && floor % 2 == 1)
        guard let nano = Int64(exactly: floor + (roundsUp ? 1 : 0)) else { return .failure(Unpriced(.tooLarge)) }
        return .success(nano)
    }
}

/// A reason that can be a failure.
package struct Unpriced: Error {
    package let reason: UnpricedReason

    init(_ reason: UnpricedReason) {
        self.reason = reason
    }
}
