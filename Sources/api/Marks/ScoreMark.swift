import Model

extension HTML {
    /// A score of 0 to 100: a bar for comparing down the column, and the figure.
    static func scoreBar(_ score: Tenths?) -> HTML {
        guard let score else { return .score(nil) }
        let width = min(max(Int(score.count), 0), 1_000)
        return #"""
            <span class="score"><svg width="56" height="6" aria-hidden="true">\#
            <rect class="track" width="100%" height="6"/>\#
            <rect class="fill" width="\#(tenths: width)%" height="6"/></svg>\#
            <b>\#(Figures.oneDecimal(tenths: score.count))</b></span>
            """#
    }

    /// A score as a number; `—` where nothing is known that it could come from.
    static func score(_ score: Tenths?) -> HTML {
        score.map { "\(Figures.oneDecimal(tenths: $0.count))" } ?? unknown("Not reported")
    }

    /// A counter as a short figure with its exact value in `title`; `—` where it is unknown.
    static func figure(_ value: Int64?) -> HTML {
        guard let value else { return unknown("Not reported") }
        guard value.magnitude >= 10_000 else { return "\(Figures.exact(value))" }
        return #"<span title="\#(Figures.exact(value))">\#(Figures.short(value))</span>"#
    }

    /// The dash that stands for what is not known, and why.
    static func unknown(_ reason: String) -> HTML {
        #"""
        <span class="muted" title="\#(reason)"><span aria-hidden="true">—</span>\#
        <span class="vh">\#(reason)</span></span>
        """#
    }
}
