package import Model

/// The tokens of a session sorted into buckets, with what is known about that sorting.
package struct TokenAccount: Hashable, Sendable {
    package private(set) var buckets = TokenBuckets()
    /// The sum of the buckets, or what the source said where they are not known.
    package private(set) var total: Int64?
    package private(set) var source: FigureSource = .missing
    package private(set) var confidence: Confidence = .unknown
    /// Sorted, each once.
    package private(set) var anomalies: [UsageAnomaly] = []

    package init(_ report: TokenReport, convention: UsageConvention) {
        var sorting = Sorting(report, convention)
        sorting.sort()
        buckets = sorting.buckets
        anomalies = sorting.anomalies.sorted { $0.rawValue < $1.rawValue }
        total = buckets.total ?? sorting.total
        guard sorting.saysAnything else { return }
        source = sorting.isDerived ? .derived : .providerReported
        confidence =
            !anomalies.isEmpty
            ? .low : sorting.isDerived || (convention.isAssumed && sorting.leansOnConvention) ? .medium : .high
    }

    /// From counts that somebody has sorted already: an import of older rows.
    package init(buckets: TokenBuckets, total: Int64?, source: FigureSource, confidence: Confidence) {
        self.buckets = buckets
        self.total = buckets.total ?? total
        self.source = source
        self.confidence = confidence
    }
}

/// One sorting of a report. What does not add up is named and left open; nothing is clamped.
private struct Sorting {
    /// A trillion: no session has it, and sums of millions of sessions stay within 64 bits.
    static let limit: Int64 = 1_000_000_000_000

    var buckets = TokenBuckets()
    var anomalies: Set<UsageAnomaly> = []
    var isDerived = false
    let total: Int64?
    let saysAnything: Bool
    let leansOnConvention: Bool
    private let prompt: Int64?
    private let completion: Int64?
    private let detail: TokenReport.Detail
    private let cachedInInput: Bool
    private let reasoningInOutput: Bool

    init(_ report: TokenReport, _ convention: UsageConvention) {
        var faults: Set<UsageAnomaly> = []
        func checked(_ count: Int64?) -> Int64? {
            guard let count else { return nil }
            guard (0...Self.limit).contains(count) else {
                faults.insert(.outOfRange)
                return nil
            }
            return count
        }
        let said = report.detail ?? TokenReport.Detail()
        prompt = checked(report.prompt)
        completion = checked(report.completion)
        total = checked(report.total)
        detail = TokenReport.Detail(
            input: checked(said.input), output: checked(said.output), cacheRead: checked(said.cacheRead),
            cacheWrite5m: checked(said.cacheWrite5m), cacheWrite1h: checked(said.cacheWrite1h),
            reasoning: checked(said.reasoning), cachedInInput: said.cachedInInput)
        cachedInInput = said.cachedInInput ?? convention.cachedInInput
        reasoningInOutput = convention.reasoningInOutput
        let figures = [
            report.prompt, report.completion, report.total, said.input, said.output, said.cacheRead, said.cacheWrite5m,
            said.cacheWrite1h, said.reasoning,
        ]
        saysAnything = figures.contains { $0 != nil }
        let cached = [said.cacheRead, said.cacheWrite5m, said.cacheWrite1h]
        leansOnConvention =
            (said.cachedInInput == nil && cached.contains { ($0 ?? 0) != 0 }) || (said.reasoning ?? 0) != 0
        anomalies = faults
    }

    private var cached: Int64 { (detail.cacheRead ?? 0) + (detail.cacheWrite5m ?? 0) + (detail.cacheWrite1h ?? 0) }

    mutating func sort() {
        buckets.cacheRead = detail.cacheRead
        buckets.cacheWrite5m = detail.cacheWrite5m
        buckets.cacheWrite1h = detail.cacheWrite1h
        buckets.reasoning = detail.reasoning
        var input = detail.input ?? prompt
        var output = detail.output ?? completion
        // A usage object may leave out what the envelope's total completes.
        if let total {
            if input == nil, let output {
                let said = output + (reasoningInOutput ? 0 : detail.reasoning ?? 0)
                input = rest(of: total, without: said, isInput: true)
            } else if output == nil, let input {
                output = rest(of: total, without: input + (cachedInInput ? 0 : cached), isInput: false)
            }
        }
        let reasoningIsInside = decideReasoning(input: input, output: output)
        compare(input: input, output: output, reasoningIsInside: reasoningIsInside)
        if let input {
            buckets.inputUncached = cachedInInput ? part(input, without: cached, or: .cachedExceedsInput) : input
        }
        if let output {
            buckets.outputVisible =
                reasoningIsInside ? part(output, without: detail.reasoning ?? 0, or: .reasoningExceedsOutput) : output
        }
        checkTotal(input: input, output: output)
    }

    /// What a total leaves for the other side.
    private mutating func rest(of total: Int64, without known: Int64, isInput: Bool) -> Int64? {
        let rest = total - known - (isInput && !cachedInInput ? cached : 0)
        guard rest >= 0 else {
            anomalies.insert(.totalMismatch)
            return nil
        }
        isDerived = true
        return rest
    }

    private mutating func part(_ whole: Int64, without other: Int64, or anomaly: UsageAnomaly) -> Int64? {
        guard whole >= other else {
            anomalies.insert(anomaly)
            return nil
        }
        return whole - other
    }

    /// Some of the gateways to Google's models put thoughts into the output figure; a total tells which it is.
    private func decideReasoning(input: Int64?, output: Int64?) -> Bool {
        guard !reasoningInOutput, let total, let input, let output, (detail.reasoning ?? 0) > 0 else {
            return reasoningInOutput
        }
        return total == input + (cachedInInput ? 0 : cached) + output
    }

    /// The envelope's figures beside those of the usage object: either the same, or with what stands beside them.
    private mutating func compare(input: Int64?, output: Int64?, reasoningIsInside: Bool) {
        if let prompt, let input, prompt != input, cachedInInput || prompt != input + cached {
            anomalies.insert(.inputMismatch)
        }
        if let completion, let output, completion != output,
            reasoningIsInside || completion != output + (detail.reasoning ?? 0)
        {
            anomalies.insert(.outputMismatch)
        }
    }

    /// Sources that count cached tokens apart often leave them out of the total, too.
    private mutating func checkTotal(input: Int64?, output: Int64?) {
        guard let total, let derived = buckets.total, let input, let output else { return }
        if total != derived, cachedInInput || total != input + output { anomalies.insert(.totalMismatch) }
    }
}
