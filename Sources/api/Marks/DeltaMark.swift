import Model

/// The span that a delta badge looks back over, and when a change within it is worth a tinted ground.
enum DeltaWindow: Sendable {
    case day
    case week

    var words: String {
        switch self {
        case .day: "24 hours"
        case .week: "7 days"
        }
    }

    /// Of a score, in tenths.
    func isNotable(_ change: Int32) -> Bool { change.magnitude >= (self == .day ? 10 : 20) }

    /// Small moves stay quiet: a change is notable from 10 % (a week: 25 %) of the baseline and 1,000 downloads.
    func isNotable(_ change: Int64, now current: Int64?) -> Bool {
        guard change.magnitude >= 1_000, let current else { return false }
        let baseline = Double(current) - Double(change)
        let share = self == .day ? 0.10 : 0.25
        return Double(change.magnitude) >= share * max(baseline, 0)
    }
}

/// Two snapshots whose counters a change lies between.
struct DeltaSpan: Equatable, Sendable {
    let window: DeltaWindow
    /// "between the refreshes of 3 May and 4 May 2026"; one span serves every row, so it is said once.
    let words: String
    /// "the refresh of 3 May 2026".
    fileprivate let before: String

    init(_ window: DeltaWindow, of baselines: DeltaBaselines) {
        self.window = window
        let baseline = window == .day ? baselines.downloads24h : baselines.downloads7d
        before = baseline.map { "the refresh of \(TimeText.date($0.observedAt))" } ?? "the baseline"
        if let baseline, let current = baselines.current {
            words = "between the refreshes of \(TimeText.pair(baseline.observedAt, current.observedAt))"
        } else {
            words = "over \(window.words)"
        }
    }

    /// Says in words why there is no figure.
    func explanation(of reason: MissingReason) -> String {
        switch reason {
        case .newModel: "First seen after \(before)"
        case .noBaseline: "Known earlier, but absent from \(before)"
        case .suspectEpoch: "Withheld: one of the two refreshes was partial, missed or doubled"
        case .epochPending: "No refresh of the download counters has been seen yet"
        case .missedRefresh: "No refresh \(window.words) before the newest is kept"
        case .notListed: "Not in the newest snapshot"
        }
    }
}

extension HTML {
    /// The change of a model's downloads: direction as a triangle, good or bad as a colour, the whole in words.
    ///
    /// Four states: moved, unchanged (`0`), unknown (`—` with its reason), and a `New` tag instead of a figure.
    static func delta(_ delta: Delta, downloads: Int64?, span: DeltaSpan) -> HTML {
        switch delta {
        case .change(0):
            let words = "unchanged \(span.words)"
            return #"<span class="delta none" title="\#(words)">0<span class="vh"> \#(words)</span></span>"#
        case .change(let change):
            let words = "\(Figures.exact(magnitude(of: change))) downloads \(span.words)"
            return moved(
                change, as: Figures.short(magnitude(of: change)), words: words,
                notable: span.window.isNotable(change, now: downloads))
        case .missing(.newModel):
            return #"<span class="tag new" title="\#(span.explanation(of: .newModel))">New</span>"#
        case .missing(let reason):
            let words = span.explanation(of: reason)
            return #"""
                <span class="delta none" title="\#(words)"><span aria-hidden="true">—</span>\#
                <span class="vh">\#(words)</span></span>
                """#
        }
    }

    /// The change of a score, in tenths.
    static func scoreChange(_ change: Int32, span: DeltaSpan) -> HTML {
        guard change != 0 else {
            let words = "unchanged since \(span.before)"
            return #"<span class="delta none" title="\#(words)">0.0<span class="vh"> \#(words)</span></span>"#
        }
        let points = Figures.oneDecimal(tenths: Int32(clamping: change.magnitude))
        return moved(
            Int64(change), as: points, words: "\(points) points since \(span.before)",
            notable: span.window.isNotable(change))
    }

    /// Places gained or lost, small, under the rank; nothing where the rank stayed or its change is unknown.
    static func rankChange(_ delta: Delta) -> HTML {
        guard let change = delta.value, change != 0 else { return HTML() }
        let word = change.magnitude == 1 ? "place" : "places"
        return #"""
            <small class="delta \#(tone(of: change))"><span class="vh"> \#(direction(of: change)) </span>\#
            \#(triangle(up: change > 0))\#(Figures.short(magnitude(of: change)))\#
            <span class="vh"> \#(word)</span></small>
            """#
    }

    private static func moved(_ change: Int64, as text: String, words: String, notable: Bool) -> HTML {
        let all = "\(direction(of: change)) \(words)"
        return #"""
            <span class="delta \#(tone(of: change))\#(notable ? " big" : "")" title="\#(all)">\#
            \#(triangle(up: change > 0))<span aria-hidden="true">\#(text)</span>\#
            <span class="vh">\#(all)</span></span>
            """#
    }

    private static func triangle(up: Bool) -> HTML {
        up
            ? #"<svg viewBox="0 0 8 8" aria-hidden="true"><path d="M4 1 7.6 7H.4Z"/></svg>"#
            : #"<svg viewBox="0 0 8 8" aria-hidden="true"><path d="M4 7 .4 1h7.2Z"/></svg>"#
    }

    private static func direction(of change: Int64) -> String { change > 0 ? "up" : "down" }

    private static func tone(of change: Int64) -> HTML { change > 0 ? "good" : "bad" }

    private static func magnitude(of change: Int64) -> Int64 { Int64(clamping: change.magnitude) }
}
