import Model
import Store

/// When a model stood out, and by which figures. Numbers are those of the pins on the chart.
enum ModelAnomaliesPanel {
    static func draw(_ page: inout HTML, _ view: ModelPageView) {
        let open = view.anomalies.count { $0.closedAt == nil }
        page += #"""
            <section class="panel" id="anomalies" aria-labelledby="anomalies-title"><header class="bar">\#
            <h2 id="anomalies-title">Anomalies</h2><span class="grow"></span>
            """#
        if open > 0 { page += #"<span class="tag warn">\#(open) open</span>"# }
        page += "</header>"
        guard !view.anomalies.isEmpty else {
            page += #"<p class="after">\#(why(view.standing.anomaly.state))</p></section>"#
            page += "\n"
            return
        }
        page += #"<ol class="events">"#
        for (number, record) in view.numbered {
            page += #"""
                <li><span class="disc" aria-hidden="true">\#(number)</span><div><b>\#(record.rule.words)</b> \#
                <span class="tag \#(record.closedAt == nil ? "warn" : "quiet")">\#
                \#(record.closedAt == nil ? "open" : "closed")</span>\#
                <p>\#(.time(record.openedAt, as: TimeText.moment(record.openedAt))). \#
                \#(figures(record.figures, of: [record.rule]))</p></div></li>
                """#
        }
        page += "</ol></section>\n"
    }

    private static func why(_ state: AnomalyState) -> String {
        switch state {
        case .evaluated: "Nothing about this model has stood out in the kept history."
        case .insufficientHistory: "Too few refreshes of its counters are kept yet to tell what is usual for it."
        case .suspectEpoch: "The newest refresh is partial, so nothing is said about any model."
        }
    }

    /// The figures of a verdict as sentences.
    /// - Parameter rules: those that it is the verdict of.
    static func figures(_ figures: AnomalyFigures, of rules: [AnomalyRule]) -> String {
        let sentences =
            (rules.contains(.downloads) ? downloads(figures) : []) + (rules.contains(.velocity) ? likes(figures) : [])
        return sentences.joined(separator: " ")
    }

    private static func downloads(_ figures: AnomalyFigures) -> [String] {
        var sentences: [String] = []
        if let change = figures.downloadsChange {
            let sign = change > 0 ? "+" : ""
            sentences.append("\(sign)\(Figures.short(change)) downloads between two refreshes.")
        }
        if let cohort = figures.cohortZ, let own = figures.ownZ {
            sentences.append("\(sigma(cohort)) from other models, \(sigma(own)) from its own past.")
        }
        return sentences
    }

    private static func likes(_ figures: AnomalyFigures) -> [String] {
        guard let gained = figures.likesGained, let score = figures.likesZ else { return [] }
        return ["\(Figures.exact(gained)) likes in a day, \(sigma(score)) from its own past."]
    }

    /// A modified z-score: "12.4 σ".
    private static func sigma(_ score: Double) -> String {
        let tenths = min(abs(score), 9_999) * 10
        return "\(Figures.oneDecimal(tenths: Int32(tenths.rounded()))) σ"
    }
}
