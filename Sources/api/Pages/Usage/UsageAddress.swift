import Ledger
import Model

/// The state of the page `/usage` as its query string says it. Unknown values are the usual ones.
struct UsageAddress: Equatable, Sendable {
    /// What spending is told apart by.
    enum Grouping: String, CaseIterable, Sendable {
        case model
        case agent

        var word: HTML {
            switch self {
            case .model: "Model"
            case .agent: "Agent"
            }
        }
    }

    static let ranges = [7, 30, 90]
    static let usualRange = 30

    var grouping = Grouping.model
    /// Whole days, today among them.
    var days = Self.usualRange
    var agent: String?
    var model: String?

    init() {}

    init(query pairs: [(name: String, value: String)]) {
        func first(_ name: String) -> String? {
            pairs.first { $0.name == name }.map(\.value).flatMap { (1...200).contains($0.utf8.count) ? $0 : nil }
        }
        grouping = first("by").flatMap(Grouping.init(rawValue:)) ?? .model
        days = first("days").flatMap { Int($0) }.flatMap { Self.ranges.contains($0) ? $0 : nil } ?? Self.usualRange
        (agent, model) = (first("agent"), first("model"))
    }

    func with(_ change: (inout Self) -> Void) -> Self {
        var address = self
        change(&address)
        return address
    }

    private var names: [(name: String, value: String)] {
        [agent.map { ("agent", $0) }, model.map { ("model", $0) }].compactMap(\.self)
    }

    private var pairs: [(name: String, value: String)] {
        var pairs = names
        if grouping != .model { pairs.append(("by", grouping.rawValue)) }
        if days != Self.usualRange { pairs.append(("days", String(days))) }
        return pairs
    }

    var path: String { "/usage" + QueryText.suffix(pairs) }
    var filePath: String { "/usage.csv" + QueryText.suffix(pairs) }

    /// The same as the API answers it.
    func dataPath(now: Timestamp) -> String {
        let dates = [("from", span(now: now).lowerBound.text), ("to", span(now: now).upperBound.text)]
        return "/api/v3/analytics/usage" + QueryText.suffix(names + dates)
    }

    /// The sessions that are summed.
    func sessions(now: Timestamp) -> SessionsAddress {
        var address = SessionsAddress()
        (address.agent, address.model) = (agent, model)
        (address.from, address.to) = (span(now: now).lowerBound.text, span(now: now).upperBound.text)
        return address
    }

    func span(now: Timestamp) -> ClosedRange<UTCDay> {
        let today = UTCDay(now)
        return UTCDay(today.number - Int64(days) + 1)...today
    }

    func filter(now: Timestamp) -> UsageFilter {
        let span = span(now: now)
        return UsageFilter(
            from: span.lowerBound.start, through: span.upperBound.lastMillisecond, agent: agent, model: model)
    }

    /// As many days before those.
    func filterBefore(now: Timestamp) -> UsageFilter {
        let first = span(now: now).lowerBound
        return UsageFilter(
            from: UTCDay(first.number - Int64(days)).start, through: UTCDay(first.number - 1).lastMillisecond,
            agent: agent, model: model)
    }
}
