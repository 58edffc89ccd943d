/// One of the disjoint kinds of tokens that providers charge for. Each token of a session is in one bucket.
package enum TokenBucket: String, CaseIterable, Sendable {
    case inputUncached = "input_uncached"
    case cacheRead = "cache_read"
    /// Input written to a cache that lives for five minutes.
    case cacheWrite5m = "cache_write_5m"
    /// Input written to a cache that lives for an hour.
    case cacheWrite1h = "cache_write_1h"
    case outputVisible = "output_visible"
    /// Output that the model thought and did not say.
    case reasoning
}

/// How many tokens of a session are in each bucket. `nil` where the source did not say, or contradicted itself.
package struct TokenBuckets: Hashable, Sendable {
    package var inputUncached: Int64?
    package var cacheRead: Int64?
    package var cacheWrite5m: Int64?
    package var cacheWrite1h: Int64?
    package var outputVisible: Int64?
    package var reasoning: Int64?

    package init(
        inputUncached: Int64? = nil, cacheRead: Int64? = nil, cacheWrite5m: Int64? = nil, cacheWrite1h: Int64? = nil,
        outputVisible: Int64? = nil, reasoning: Int64? = nil
    ) {
        self.inputUncached = inputUncached
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.outputVisible = outputVisible
        self.reasoning = reasoning
    }

    package subscript(bucket: TokenBucket) -> Int64? {
        switch bucket {
        case .inputUncached: inputUncached
        case .cacheRead: cacheRead
        case .cacheWrite5m: cacheWrite5m
        case .cacheWrite1h: cacheWrite1h
        case .outputVisible: outputVisible
        case .reasoning: reasoning
        }
    }

    /// All that was sent: what decides the context tier.
    package var input: Int64? {
        inputUncached.map { $0 + (cacheRead ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0) }
    }

    /// All that came back.
    package var output: Int64? {
        outputVisible.map { $0 + (reasoning ?? 0) }
    }

    /// `nil` unless both sides are known.
    package var total: Int64? {
        guard let input, let output else { return nil }
        return input + output
    }
}
