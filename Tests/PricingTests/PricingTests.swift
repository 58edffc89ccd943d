import Model
import Pricing
import TestKit
import Testing

/// Costs equal what is computed by hand, to the nano-dollar.
@Suite struct PricingTests {
    static let noon = Timestamp(rfc3339: "2026-06-01T12:00:00Z") ?? Timestamp(milliseconds: 0)
    static let now = noon + .days(30)

    /// Dollars per million tokens as nano-USD per million.
    static func dollars(_ amount: Double) -> Int64 { Int64((amount * 1_000_000_000).rounded()) }

    static func list(
        _ provider: String, _ model: String, _ prices: KeyValuePairs<TokenBucket, Double>, above context: Int64 = 0,
        from: Timestamp? = nil, until: Timestamp? = nil
    ) -> [Price] {
        prices.map { bucket, amount in
            Price(
                provider: provider, model: model, bucket: bucket, minContextTokens: context,
                nanoUSDPerMillion: dollars(amount), validFrom: from, validUntil: until)
        }
    }

    static let anthropic =
        list(
            "anthropic", "claude-sonnet-4-5",
            [.inputUncached: 3, .cacheRead: 0.3, .cacheWrite5m: 3.75, .cacheWrite1h: 6, .outputVisible: 15])
        + list(
            "anthropic", "claude-sonnet-4-5",
            [.inputUncached: 6, .cacheRead: 0.6, .cacheWrite5m: 7.5, .cacheWrite1h: 12, .outputVisible: 22.5],
            above: 200_001)
    static let others: [[Price]] = [
        list("openai", "gpt-5", [.inputUncached: 1.25, .cacheRead: 0.125, .outputVisible: 10]),
        list("google", "gemini-2.5-pro", [.inputUncached: 1.25, .cacheRead: 0.125, .outputVisible: 10]),
        list(
            "google", "gemini-2.5-pro", [.inputUncached: 2.5, .cacheRead: 0.25, .outputVisible: 15], above: 200_001),
        list(
            "openrouter", "anthropic/*", [.inputUncached: 3, .cacheRead: 0.3, .cacheWrite5m: 3.75, .outputVisible: 15]),
        list("acme", "m", [.inputUncached: 1, .outputVisible: 2], until: noon),
        list("acme", "m", [.inputUncached: 3, .outputVisible: 4], from: noon),
    ]
    static let book = PriceBook(
        version: "2026-05", effectiveFrom: noon - .days(100), publishedAt: noon - .days(90), source: "test",
        prices: anthropic + others.flatMap(\.self))

    static func cost(
        _ provider: String?, _ model: String, _ report: TokenReport, at moment: Timestamp = noon,
        books: [PriceBook] = [book], now: Timestamp = now
    ) -> PricedUsage {
        PricedUsage(
            report: report, billed: nil, provider: provider, model: model, at: moment, shelf: PriceShelf(books),
            now: now)
    }

    /// What is told of a session, and what it costs by hand, in nano-USD.
    struct Hand: Sendable {
        let provider: String
        let model: String
        let report: TokenReport
        let cost: Int64
    }

    static let byHand = [
        // 86 · 1.25 + 1,920 · 0.125 + (172 + 128) · 10 = 107.5 + 240 + 3,000 = 3,347.5 millionths of a dollar.
        Hand(
            provider: "openai", model: "gpt-5",
            report: TokenAccountTests.detail(2_006, 300, read: 1_920, reasoning: 128),
            cost: 3_347_500),
        // 21 · 3 + 1,800 · 0.3 + 456 · 3.75 + 100 · 6 + 503 · 15 = 63 + 540 + 1,710 + 600 + 7,545 = 10,458.
        Hand(
            provider: "anthropic", model: "claude-sonnet-4-5",
            report: TokenAccountTests.detail(21, 503, read: 1_800, write5m: 456, write1h: 100), cost: 10_458_000),
        // 904 · 1.25 + 4,096 · 0.125 + (120 + 640) · 10 = 1,130 + 512 + 7,600 = 9,242.
        Hand(
            provider: "google", model: "gemini-2.5-pro",
            report: TokenAccountTests.detail(5_000, 120, read: 4_096, reasoning: 640), cost: 9_242_000),
        // 44 · 3 + 50 · 0.3 + 100 · 3.75 + 2 · 15 = 132 + 15 + 375 + 30 = 552.
        Hand(
            provider: "openrouter", model: "anthropic/claude-sonnet-4.5",
            report: TokenAccountTests.detail(194, 2, read: 50, write5m: 100), cost: 552_000),
    ]

    @Test(arguments: byHand)
    func conventionsCostWhatTheyCost(hand: Hand) {
        #expect(Self.cost(hand.provider, hand.model, hand.report).cost == hand.cost)
    }

    struct Tier: Sendable {
        let input: Int64
        let read: Int64
        let cost: Int64
    }

    /// The tier is decided by all of the input, cached or not, and holds for every bucket.
    @Test(arguments: [
        // 100,000 · 3 + 100,000 · 0.3 + 1,000 · 15 millionths of a dollar.
        Tier(input: 100_000, read: 100_000, cost: 345_000_000),
        // 100,001 · 6 + 100,000 · 0.6 + 1,000 · 22.5.
        Tier(input: 100_001, read: 100_000, cost: 682_506_000),
        Tier(input: 200_001, read: 0, cost: 1_222_506_000),
    ])
    func theTierAboveTwoHundredThousand(example: Tier) {
        let priced = Self.cost(
            "anthropic", "claude-sonnet-4-5",
            TokenAccountTests.detail(example.input, 1_000, read: example.read))
        #expect(priced.cost == example.cost)
    }

    @Test func aPriceChangesAtNoon() {
        let report = TokenReport(prompt: 1_000, completion: 1_000)
        #expect(Self.cost("acme", "m", report, at: Self.noon - .milliseconds(1)).cost == 3_000_000)
        #expect(Self.cost("acme", "m", report, at: Self.noon).cost == 7_000_000)
    }

    @Test func aNewerBookPricesWhatStartedSince() {
        let report = TokenReport(prompt: 1_000_000, completion: 0)
        let dearer = PriceBook(
            version: "2026-06", effectiveFrom: Self.noon, publishedAt: Self.noon - .days(1), source: "test",
            prices: Self.list("openai", "gpt-5", [.inputUncached: 2, .outputVisible: 20]))
        func priced(_ moment: Timestamp, _ now: Timestamp) -> ComputedCost? {
            Self.cost("openai", "gpt-5", report, at: moment, books: [Self.book, dearer], now: now).computed
        }
        #expect(
            priced(Self.noon - .seconds(1), Self.now)
                == ComputedCost(nanoUSD: 1_250_000_000, version: "2026-05"))
        #expect(priced(Self.noon, Self.now) == ComputedCost(nanoUSD: 2_000_000_000, version: "2026-06"))
        #expect(
            priced(Self.noon, Self.noon - .days(2)) == ComputedCost(nanoUSD: 1_250_000_000, version: "2026-05"),
            "a book that is not published yet is not known")
        let other = Self.cost(
            "anthropic", "claude-sonnet-4-5", report, books: [Self.book, dearer], now: Self.now)
        #expect(other.pricingVersion == "2026-05", "a short list leaves the other models to the one before")
    }

    @Test func theLongestMatchWins() {
        let prices =
            Self.list("acme", "*", [.inputUncached: 1, .outputVisible: 1])
            + Self.list("acme", "fast-*", [.inputUncached: 2, .outputVisible: 2])
            + Self.list("acme", "fast-*-8b", [.inputUncached: 3, .outputVisible: 3])
            + Self.list("acme", "fast-1-8b", [.inputUncached: 4, .outputVisible: 4])
        let book = PriceBook(
            version: "v", effectiveFrom: Self.noon, publishedAt: Self.noon, source: "test", prices: prices.reversed())
        let expected = ["slow": 1, "fast-": 2, "fast-x": 2, "fast-2-8b": 3, "fast-1-8b": 4, "fast-1-8b-": 2]
        for (model, dollars) in expected {
            let cost = Self.cost("acme", model, TokenReport(prompt: 1, completion: 0), books: [book]).cost
            #expect(cost == Int64(dollars) * 1_000, "\(model)")
        }
    }

    /// 500,000 millionths are half a nano-dollar, thrice that one and a half: to even. The sum is rounded, no part is.
    @Test(arguments: [
        (count: Int64(1), price: Int64(500_000), cost: Int64(0)), (count: 3, price: 500_000, cost: 2),
        (count: 5, price: 500_000, cost: 2), (count: 1, price: 500_001, cost: 1), (count: 1, price: 499_999, cost: 0),
    ])
    func theSumIsRoundedOnceHalfToEven(example: (count: Int64, price: Int64, cost: Int64)) {
        func cost(_ prices: [Price], _ report: TokenReport) -> Int64? {
            let book = PriceBook(
                version: "v", effectiveFrom: Self.noon, publishedAt: Self.noon, source: "test", prices: prices)
            return Self.cost("acme", "m", report, books: [book]).cost
        }
        let one = Price(provider: "acme", model: "m", bucket: .inputUncached, nanoUSDPerMillion: example.price)
        let other = Price(provider: "acme", model: "m", bucket: .outputVisible, nanoUSDPerMillion: example.price)
        #expect(cost([one, other], TokenReport(prompt: example.count, completion: 0)) == example.cost)
        let halves = Price(provider: "acme", model: "m", bucket: .inputUncached, nanoUSDPerMillion: 500_000)
        let rest = Price(provider: "acme", model: "m", bucket: .outputVisible, nanoUSDPerMillion: 500_000)
        #expect(cost([halves, rest], TokenReport(prompt: 1, completion: 1)) == 1, "two halves are one")
    }

    /// Patterns that are equally close are told apart by their names, whatever the order of the book.
    @Test(arguments: [["abc*", "*xyz"], ["*xyz", "abc*"], ["*xyz", "abc*", "a*xyz"], ["a*xyz", "abc*", "*xyz"]])
    func whatIsEquallyCloseHasAnOrder(patterns: [String]) {
        let names = ["abc*": 1.0, "*xyz": 2.0, "a*xyz": 3.0]
        let prices = patterns.flatMap { Self.list("p", $0, [.inputUncached: names[$0] ?? 0, .outputVisible: 0]) }
        let book = PriceBook(
            version: "v", effectiveFrom: Self.noon, publishedAt: Self.noon, source: "test", prices: prices)
        let cost = Self.cost("p", "abcxyz", TokenAccountTests.detail(1_000_000, 0), books: [book]).computed?.nanoUSD
        #expect(cost == Self.dollars(patterns.contains("a*xyz") ? 3 : 2))
    }

    /// A book whose prices of the model hold at another time leaves it to the book before; one that prices the model
    /// then, but not each kind of token, does not.
    @Test func aPriceOfAnotherTimeHidesNone() {
        let old = PriceBook(
            version: "old", effectiveFrom: Self.noon - .days(9), publishedAt: Self.noon - .days(9), source: "test",
            prices: Self.list("p", "m", [.inputUncached: 1, .cacheRead: 1, .outputVisible: 1]))
        func newer(_ prices: [Price]) -> PriceBook {
            PriceBook(
                version: "new", effectiveFrom: Self.noon - .days(1), publishedAt: Self.noon - .days(1),
                source: "test", prices: prices)
        }
        let later = newer(Self.list("p", "m", [.inputUncached: 5, .outputVisible: 5], from: Self.noon + .days(2)))
        let report = TokenAccountTests.detail(1_000, 10, read: 100)
        #expect(Self.cost("p", "m", report, books: [old, later]).computed?.version == "old")
        #expect(Self.cost("p", "m", report, at: Self.noon + .days(3), books: [old, later]).computed == nil)
        let partial = newer(Self.list("p", "m", [.inputUncached: 5, .outputVisible: 5]))
        #expect(Self.cost("p", "m", report, books: [old, partial]).computed == nil)
    }

    @Test func theLargestFiguresAreExactOrRefused() {
        let trillion: Int64 = 1_000_000_000_000
        func cost(_ price: Int64) -> PricedUsage {
            let book = PriceBook(
                version: "v", effectiveFrom: Self.noon, publishedAt: Self.noon, source: "test",
                prices: [
                    Price(provider: "acme", model: "m", bucket: .inputUncached, nanoUSDPerMillion: price),
                    Price(provider: "acme", model: "m", bucket: .outputVisible, nanoUSDPerMillion: price),
                ])
            return Self.cost("acme", "m", TokenReport(prompt: trillion, completion: 0), books: [book])
        }
        #expect(cost(9_000_000_000_001).cost == 9_000_000_000_001_000_000)
        #expect(cost(1_000_000_000_000_000).reason == .tooLarge)
    }

    /// What cannot be known is not 0.
    @Test func withoutAPriceThereIsAReason() {
        let contradiction = TokenAccountTests.detail(1, 1, read: 2)
        let written = TokenAccountTests.detail(100, 10, write5m: 5)
        let half = TokenReport(prompt: 100, completion: 10)
        #expect(Self.cost("openai", "gpt-5", TokenReport()).reason == .noTokens)
        #expect(Self.cost("openai", "gpt-5", TokenReport(total: 10)).reason == .noSplit)
        #expect(Self.cost("openai", "gpt-5", contradiction).reason == .contradiction)
        #expect(Self.cost("openai", "gpt-6", half).reason == .noModel)
        #expect(Self.cost("openai", "gpt-5", half, at: Self.noon - .days(200)).reason == .noBook)
        #expect(Self.cost("openai", "gpt-5", half, books: []).reason == .noBook)
        #expect(Self.cost("openai", "gpt-5", written).reason == .noPrice(.cacheWrite5m))
        let unknown = Self.cost("openai", "gpt-6", half)
        #expect(unknown.cost == nil && unknown.costSource == .unknown && unknown.pricingVersion == nil)
    }

    @Test func aBillStandsBesideTheBook() {
        let priced = PricedUsage(
            report: TokenReport(prompt: 1_000, completion: 0), billed: 1_300_000, provider: "openai", model: "gpt-5",
            at: Self.noon, shelf: PriceShelf([Self.book]), now: Self.now)
        #expect(priced.cost == 1_300_000 && priced.computed?.nanoUSD == 1_250_000 && priced.drift == 50_000)
        #expect(priced.costSource == .providerReported && priced.costConfidence == .exact)
        #expect(priced.pricingVersion == "provider_native")
    }

    /// The sum over all buckets equals one that is made with decimal fractions by a slow and simple rule.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func sumsAgreeWithAnOracle(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let prices = TokenBucket.allCases.map { bucket in
            Price(
                provider: "acme", model: "m", bucket: bucket,
                nanoUSDPerMillion: Int64.random(in: 0...30_000_000_000, using: &random))
        }
        let book = PriceBook(
            version: "v", effectiveFrom: Self.noon, publishedAt: Self.noon, source: "test", prices: prices)
        let counts = TokenBucket.allCases.map { _ in Int64.random(in: 0...5_000_000, using: &random) }
        let report = TokenReport(
            detail: TokenReport.Detail(
                input: counts[0], output: counts[4] + counts[5], cacheRead: counts[1], cacheWrite5m: counts[2],
                cacheWrite1h: counts[3], reasoning: counts[5], cachedInInput: false))
        var (whole, rest): (Int64, Int64) = (0, 0)
        for (count, price) in zip(counts, prices) {
            // Piecewise, so that nothing overflows: count · price = count · (q · 10^6 + r).
            let (quotient, remainder) = price.nanoUSDPerMillion.quotientAndRemainder(dividingBy: 1_000_000)
            whole += count * quotient
            rest += count * remainder
        }
        let (carry, part) = rest.quotientAndRemainder(dividingBy: 1_000_000)
        whole += carry
        if part > 500_000 || (part == 500_000 && whole % 2 == 1) { whole += 1 }
        #expect(Self.cost("acme", "m", report, books: [book]).cost == whole)
    }
}
