import Model
import Pricing
import Testing

/// Tokens end in disjoint buckets, whatever the provider's way of counting.
@Suite struct TokenAccountTests {
    /// What a source says, who it is, and where its tokens belong.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let provider: String?
        var model = "m"
        let report: TokenReport
        let buckets: TokenBuckets
        var anomalies: [UsageAnomaly] = []
        var confidence = Confidence.high
        var source = FigureSource.providerReported

        var testDescription: String { name }
    }

    static func detail(
        _ input: Int64?, _ output: Int64?, read: Int64? = nil, write5m: Int64? = nil, write1h: Int64? = nil,
        reasoning: Int64? = nil, inside: Bool? = nil, total: Int64? = nil
    ) -> TokenReport {
        TokenReport(
            total: total,
            detail: TokenReport.Detail(
                input: input, output: output, cacheRead: read, cacheWrite5m: write5m, cacheWrite1h: write1h,
                reasoning: reasoning, cachedInInput: inside))
    }

    static let cases = [
        // {"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
        //  "prompt_tokens_details":{"cached_tokens":1920},"completion_tokens_details":{"reasoning_tokens":128}}
        Case(
            name: "OpenAI: both details are parts", provider: "openai",
            report: detail(2_006, 300, read: 1_920, reasoning: 128, total: 2_306),
            buckets: TokenBuckets(inputUncached: 86, cacheRead: 1_920, outputVisible: 172, reasoning: 128)),
        Case(
            name: "Azure counts as OpenAI does", provider: "azure", report: detail(2_006, 300, read: 1_920),
            buckets: TokenBuckets(inputUncached: 86, cacheRead: 1_920, outputVisible: 300)),
        // {"input_tokens":21,"cache_creation":{"ephemeral_5m_input_tokens":456,"ephemeral_1h_input_tokens":100},
        //  "cache_read_input_tokens":1800,"output_tokens":503}
        Case(
            name: "Anthropic: cached tokens stand beside the input", provider: "anthropic",
            report: detail(21, 503, read: 1_800, write5m: 456, write1h: 100),
            buckets: TokenBuckets(
                inputUncached: 21, cacheRead: 1_800, cacheWrite5m: 456, cacheWrite1h: 100, outputVisible: 503)),
        Case(
            name: "Anthropic through Bedrock", provider: "bedrock-anthropic", report: detail(21, 503, read: 1_800),
            buckets: TokenBuckets(inputUncached: 21, cacheRead: 1_800, outputVisible: 503)),
        Case(
            name: "Bedrock with a Claude is Anthropic's", provider: "bedrock",
            model: "anthropic.claude-sonnet-4-5-20250929-v1:0", report: detail(21, 503, read: 1_800),
            buckets: TokenBuckets(inputUncached: 21, cacheRead: 1_800, outputVisible: 503)),
        // {"promptTokenCount":5000,"cachedContentTokenCount":4096,"candidatesTokenCount":120,
        //  "thoughtsTokenCount":640,"totalTokenCount":5760}
        Case(
            name: "Gemini: cached inside, thoughts beside", provider: "google",
            report: detail(5_000, 120, read: 4_096, reasoning: 640, total: 5_760),
            buckets: TokenBuckets(inputUncached: 904, cacheRead: 4_096, outputVisible: 120, reasoning: 640)),
        Case(
            name: "Gemini through a gateway that adds thoughts to the output: the total tells", provider: "gemini",
            report: detail(5_000, 760, read: 4_096, reasoning: 640, total: 5_760),
            buckets: TokenBuckets(inputUncached: 904, cacheRead: 4_096, outputVisible: 120, reasoning: 640)),
        // {"prompt_tokens":194,"prompt_tokens_details":{"cached_tokens":50,"cache_write_tokens":100},
        //  "completion_tokens":2,"total_tokens":196}
        Case(
            name: "OpenRouter: reads and writes inside", provider: "openrouter",
            report: detail(194, 2, read: 50, write5m: 100, total: 196),
            buckets: TokenBuckets(inputUncached: 44, cacheRead: 50, cacheWrite5m: 100, outputVisible: 2)),
        Case(
            name: "what the source says wins over the provider's way", provider: "openai",
            report: detail(100, 10, read: 400, inside: false),
            buckets: TokenBuckets(inputUncached: 100, cacheRead: 400, outputVisible: 10)),
        Case(
            name: "and the other way round", provider: "anthropic", report: detail(500, 10, read: 400, inside: true),
            buckets: TokenBuckets(inputUncached: 100, cacheRead: 400, outputVisible: 10)),
        Case(
            name: "an unknown provider is taken for OpenAI's kind, and trusted less", provider: "acme",
            report: detail(500, 10, read: 400),
            buckets: TokenBuckets(inputUncached: 100, cacheRead: 400, outputVisible: 10), confidence: .medium),
        Case(
            name: "an unknown provider without cached tokens leaves no doubt", provider: "acme",
            report: detail(500, 10), buckets: TokenBuckets(inputUncached: 500, outputVisible: 10)),
        Case(
            name: "the model tells who the provider is", provider: nil, model: "claude-sonnet-4-5",
            report: detail(100, 10, read: 400),
            buckets: TokenBuckets(inputUncached: 100, cacheRead: 400, outputVisible: 10)),
        Case(
            name: "the three figures of an envelope", provider: "openai",
            report: TokenReport(prompt: 1_200, completion: 300, total: 1_500),
            buckets: TokenBuckets(inputUncached: 1_200, outputVisible: 300)),
        Case(
            name: "a total completes a side", provider: "openai", report: TokenReport(prompt: 1_200, total: 1_500),
            buckets: TokenBuckets(inputUncached: 1_200, outputVisible: 300), confidence: .medium, source: .derived),
        Case(
            name: "a total alone divides into nothing", provider: "openai", report: TokenReport(total: 1_500),
            buckets: TokenBuckets()),
        Case(
            name: "more cached than input", provider: "openai", report: detail(100, 10, read: 400),
            buckets: TokenBuckets(cacheRead: 400, outputVisible: 10), anomalies: [.cachedExceedsInput],
            confidence: .low),
        Case(
            name: "more thought than said", provider: "openai", report: detail(100, 10, reasoning: 11),
            buckets: TokenBuckets(inputUncached: 100, reasoning: 11), anomalies: [.reasoningExceedsOutput],
            confidence: .low),
        Case(
            name: "a total that is not the sum", provider: "openai",
            report: TokenReport(prompt: 100, completion: 10, total: 111),
            buckets: TokenBuckets(inputUncached: 100, outputVisible: 10), anomalies: [.totalMismatch],
            confidence: .low),
        Case(
            name: "an Anthropic total without the cached tokens is usual", provider: "anthropic",
            report: detail(100, 10, read: 400, total: 110),
            buckets: TokenBuckets(inputUncached: 100, cacheRead: 400, outputVisible: 10)),
        Case(
            name: "the envelope and the usage object disagree", provider: "openai",
            report: TokenReport(prompt: 90, completion: 11, detail: TokenReport.Detail(input: 100, output: 10)),
            buckets: TokenBuckets(inputUncached: 100, outputVisible: 10),
            anomalies: [.inputMismatch, .outputMismatch], confidence: .low),
        Case(
            name: "a count below nothing", provider: "openai", report: TokenReport(prompt: -1, completion: 10),
            buckets: TokenBuckets(outputVisible: 10), anomalies: [.outOfRange], confidence: .low),
    ]

    @Test(arguments: cases)
    func everyTokenIsInOneBucket(example: Case) {
        let provider = ProviderName(example.provider, model: example.model)
        let account = TokenAccount(
            example.report, convention: UsageConvention(provider: provider, model: example.model))
        #expect(account.buckets == example.buckets)
        #expect(account.anomalies == example.anomalies)
        #expect(account.confidence == example.confidence)
        #expect(account.source == example.source)
    }

    @Test func totalsDerive() {
        func total(_ report: TokenReport, _ provider: String) -> Int64? {
            TokenAccount(
                report, convention: UsageConvention(provider: ProviderName(provider, model: "m"), model: "m")
            ).total
        }
        #expect(total(Self.detail(21, 503, read: 1_800, write5m: 456), "anthropic") == 2_780)
        #expect(total(Self.detail(5_000, 120, read: 4_096, reasoning: 640), "google") == 5_760)
        #expect(total(TokenReport(total: 1_500), "openai") == 1_500, "what was said, where nothing derives")
        #expect(total(TokenReport(prompt: 7), "openai") == nil, "half of it is not all of it")
    }

    @Test func nothingSaidIsNothingKnown() {
        let account = TokenAccount(TokenReport(), convention: .openAI)
        #expect(account.source == .missing && account.confidence == .unknown && account.total == nil)
    }
}
