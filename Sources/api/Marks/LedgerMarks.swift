import Model
import Store

/// Small marks of the pages about sessions and spending.
enum LedgerMarks {
    static func status(_ status: SessionStatus) -> HTML {
        switch status {
        case .success: #"<span class="badge good">success</span>"#
        case .failed: #"<span class="badge bad">failed</span>"#
        case .killed: #"<span class="badge warn">killed</span>"#
        case .cancelled: #"<span class="badge">cancelled</span>"#
        case .running: #"<span class="badge info">running</span>"#
        case .queued: #"<span class="badge">queued</span>"#
        }
    }

    /// What a session cost; an estimate is marked as one and says by which prices.
    static func cost(_ usage: SessionUsageRow?) -> HTML {
        guard let usage, let cost = usage.facts.cost else {
            return .unknown("No cost is known: \(reason(usage))")
        }
        guard usage.facts.costSource == .estimatedFromPricing else {
            return #"<b title="\#(MoneyText.exactUSD(cost)), as billed">\#(MoneyText.usd(cost))</b>"#
        }
        let words = "\(MoneyText.exactUSD(cost)), estimated by the prices of \(usage.pricingVersion ?? "no version")"
        return #"""
            <b title="\#(words)">\#(MoneyText.usd(cost))</b> <abbr class="tag quiet" title="\#(words)">est.</abbr>
            """#
    }

    /// Tokens in and out; what was not reported is not shown as none.
    static func tokens(_ usage: SessionUsageRow?) -> HTML {
        guard let usage else { return .unknown("Not reported") }
        let tokens = usage.facts.tokens
        let read = [tokens.inputUncached, tokens.cacheRead, tokens.cacheWrite5m, tokens.cacheWrite1h]
        let written = [tokens.outputVisible, tokens.reasoning]
        guard read.contains(where: { $0 != nil }) || written.contains(where: { $0 != nil }) else {
            guard let total = usage.facts.totalTokens else { return .unknown("Not reported") }
            return #"<span title="Only the sum was reported">\#(Figures.short(total)) in all</span>"#
        }
        return #"\#(short(read))<span class="muted"> / \#(short(written))</span>"#
    }

    private static func short(_ parts: [Int64?]) -> HTML {
        let known = parts.compactMap(\.self)
        return known.isEmpty ? .unknown("Not reported") : "\(Figures.short(known.reduce(0, &+)))"
    }

    static func cached(_ usage: SessionUsageRow?) -> HTML {
        guard let tokens = usage?.facts.tokens, let cached = tokens.cacheRead else { return .unknown("Not reported") }
        let parts = [tokens.inputUncached, tokens.cacheRead, tokens.cacheWrite5m, tokens.cacheWrite1h]
        let read = parts.compactMap(\.self).reduce(0, &+)
        guard let share = UsageSums.share(cached, of: read) else { return .unknown("Nothing was read") }
        return "\(Self.share(share))"
    }

    /// Why there is no computed cost, in words.
    static func reason(_ usage: SessionUsageRow?) -> String {
        (usage?.unpricedReason ?? "nothing_was_reported").replacing("_", with: " ")
    }

    static func length(_ row: SessionRow) -> HTML {
        guard let runtime = row.runtime else { return .unknown("It has not ended, or nobody said when") }
        return "\(TimeText.duration(.milliseconds(runtime)))"
    }

    /// A part of a whole, from tenths of a percent: 71%. Little is not none, and nearly all is not all.
    static func share(_ tenths: Int) -> String {
        switch tenths {
        case 1..<5: "<1%"
        case 995..<1_000: ">99%"
        default: "\((tenths + 5) / 10)%"
        }
    }

    /// From tenths of a percent: 71.4%.
    static func percent(_ tenths: Int) -> String { Figures.oneDecimal(tenths: Int32(clamping: tenths)) + "%" }

    /// How much more or less was spent than before; more is bad.
    static func change(_ now: Int64, _ before: Int64?, over words: String) -> HTML {
        guard let before, before > 0 else { return .unknown("Nothing was spent in the \(words) before") }
        let tenths = Int64(((Double(now) / Double(before) - 1) * 1_000).rounded())
        guard tenths != 0 else { return #"<span class="delta none">0.0%</span>"# }
        let isUp = tenths > 0
        let size = tenths.magnitude >= 10_000 ? Figures.short(Int64(clamping: tenths.magnitude / 10)) : nil
        let text = (size ?? Figures.oneDecimal(tenths: Int32(clamping: tenths.magnitude))) + "%"
        let path: HTML = isUp ? "M4 1 7.6 7H.4Z" : "M4 7 .4 1h7.2Z"
        return #"""
            <span class="delta \#(isUp ? "bad" : "good")\#(tenths.magnitude >= 250 ? " big" : "")" \#
            title="\#(MoneyText.usd(before)) in the \#(words) before"><svg viewBox="0 0 8 8" aria-hidden="true">\#
            <path d="\#(path)"/></svg><span class="vh">\#(isUp ? "up" : "down") </span>\#(text)</span>
            """#
    }
}
