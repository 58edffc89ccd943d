/// What a source said about the tokens of a session, as it said it.
package struct TokenReport: Hashable, Sendable {
    /// The three figures of an envelope.
    package var prompt: Int64?
    package var completion: Int64?
    package var total: Int64?
    /// The figures of a usage object.
    package var detail: Detail?

    /// The provider's own figures.
    package struct Detail: Hashable, Sendable {
        package var input: Int64?
        package var output: Int64?
        package var cacheRead: Int64?
        package var cacheWrite5m: Int64?
        package var cacheWrite1h: Int64?
        package var reasoning: Int64?
        /// Wins over the provider's convention.
        package var cachedInInput: Bool?

        package init(
            input: Int64? = nil, output: Int64? = nil, cacheRead: Int64? = nil, cacheWrite5m: Int64? = nil,
            cacheWrite1h: Int64? = nil, reasoning: Int64? = nil, cachedInInput: Bool? = nil
        ) {
            self.input = input
            self.output = output
            self.cacheRead = cacheRead
            self.cacheWrite5m = cacheWrite5m
            self.cacheWrite1h = cacheWrite1h
            self.reasoning = reasoning
            self.cachedInInput = cachedInInput
        }
    }

    package init(prompt: Int64? = nil, completion: Int64? = nil, total: Int64? = nil, detail: Detail? = nil) {
        self.prompt = prompt
        self.completion = completion
        self.total = total
        self.detail = detail
    }
}

/// A way in which a source contradicts itself. The row is kept as it came, and says so.
package enum UsageAnomaly: String, CaseIterable, Sendable {
    case cachedExceedsInput = "cached_exceeds_input"
    case reasoningExceedsOutput = "reasoning_exceeds_output"
    case inputMismatch = "input_mismatch"
    case outputMismatch = "output_mismatch"
    case totalMismatch = "total_mismatch"
    case outOfRange = "out_of_range"
}
