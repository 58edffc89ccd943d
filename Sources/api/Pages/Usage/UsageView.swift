import Model
import Store

/// What the page `/usage` shows, as plain values.
struct UsageView: Sendable {
    /// One model or agent.
    struct Group: Sendable {
        let name: String
        let sums: UsageSums
        /// What was spent in as many days before; `nil` where nothing ran then.
        let before: Int64?
    }

    var address: UsageAddress
    var totals: UsageSums
    /// Of as many days before; `nil` where nothing ran then.
    var before: UsageSums?
    /// The dearest first.
    var groups: [Group]
    var chart: SpendChart
    /// Nano-USD that 95 of 100 sessions cost less than; `nil` where no cost is known.
    var p95Cost: Int64?
    /// The newest of those that are summed.
    var sessions: [SessionLine]
    var sessionTotal: Int
    var alerts: [AlertLine]
    var frame: LedgerFrame
}

/// One session in a list.
struct SessionLine: Sendable {
    let row: SessionRow
    let usage: SessionUsageRow?
}

/// How a rule stands in a scope.
struct AlertLine: Sendable {
    let title: String
    let words: String
    let status: String
}

/// What the pages about sessions and spending have in common.
struct LedgerFrame: Sendable {
    var now: Timestamp
    /// Who is signed in.
    var signedIn: String
    var theme = Theme.system
    let assets: AssetCatalog

    func render(
        _ title: String, _ place: PageFrame.Place, data: String, file: String? = nil, _ content: (inout HTML) -> Void
    ) -> [UInt8] {
        var footer = [PageFrame.FooterLink(name: "JSON for this view", path: data)]
        if let file { footer.append(PageFrame.FooterLink(name: "The same as CSV", path: file)) }
        var frame = PageFrame(title: title, place: place, theme: theme, assets: assets, footer: footer)
        frame.hasDetail = true
        frame.hasLedger = true
        return frame.render(capacity: 32_768) { page in content(&page) }
    }

    func session(_ page: inout HTML) {
        page += #"""
            <form method="post" action="/ops/sign-out"><button class="btn" title="Signed in as \#(signedIn)">\#
            Sign out <span class="muted who">\#(signedIn)</span></button></form>
            """#
    }
}

extension UsageSums {
    /// Everything that was read, cached or not.
    var tokensIn: Int64 {
        self[.inputUncached] &+ self[.cacheRead] &+ self[.cacheWrite5m] &+ self[.cacheWrite1h]
    }
    var tokensOut: Int64 { self[.outputVisible] &+ self[.reasoning] }
    /// Tenths of a percent of what was read; `nil` where no reads of a cache were told: a sum of 0 does not say whether
    /// any session reports them.
    var cachedShare: Int? { self[.cacheRead] > 0 ? Self.share(self[.cacheRead], of: tokensIn) : nil }
    var failedShare: Int? { Self.share(self[.failed], of: self[.runs]) }
    /// Nano-USD, over those whose cost is known.
    var meanCost: Int64? {
        let known = self[.runs] &- self[.costUnknown]
        return known > 0 ? (self[.cost] &+ known / 2) / known : nil
    }

    static func share(_ part: Int64, of whole: Int64) -> Int? {
        whole > 0 ? Int((Double(part) / Double(whole) * 1_000).rounded()) : nil
    }
}
