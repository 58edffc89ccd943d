import Model

/// What was spent on each day, stacked by model or agent.
///
/// The ground has no `viewBox`, like that of ``Chart``: bars stand at percentages and keep their edges at any width.
struct SpendChart: Sendable {
    /// One colour of the stack, with its amount for each day in nano-USD.
    struct Part: Sendable {
        let name: String
        let amounts: [Int64]
    }

    /// There are so many colours that can be told apart.
    static let mostParts = 5

    /// Starts of the days, in order, none left out.
    let days: [Timestamp]
    /// The largest first; they stand on each other in this order.
    let parts: [Part]

    var totals: [Int64] {
        days.indices.map { day in parts.reduce(0) { $0 &+ $1.amounts[day] } }
    }
}

extension HTML {
    static func spendChart(_ chart: SpendChart) -> HTML {
        let totals = chart.totals
        let ticks = Chart.ticks(0, Double(totals.max() ?? 0) / 1e9, wholeNumbers: false)
        let top = max(ticks.last ?? 1, .leastNonzeroMagnitude)
        var html: HTML = #"<div class="chart"><div class="frame"><div class="yaxis" aria-hidden="true">"#
        for tick in ticks.reversed() { html += "<span>\(MoneyText.usd(Int64((tick * 1e9).rounded())))</span>" }
        html += #"""
            </div><svg class="plot" width="100%" role="img" aria-label="Spend per day, \#(chart.days.count) days: \#
            \#(MoneyText.usd(totals.min() ?? 0)) to \#(MoneyText.usd(totals.max() ?? 0)) a day">
            """#
        for tick in ticks {
            let at = Int(((1 - tick / top) * 1_000).rounded())
            html += #"<line class="grid" x1="0" x2="100%" y1="\#(tenths: at)%" y2="\#(tenths: at)%"/>"#
        }
        for day in chart.days.indices { html += bar(chart, day, top: top) }
        html += #"</svg></div><div class="xaxis" aria-hidden="true">"#
        for place in marked(chart.days.count) { html += "<span>\(TimeText.day(chart.days[place]))</span>" }
        html += "</div></div>"
        return html
    }

    /// First, last and up to three between.
    private static func marked(_ count: Int) -> [Int] {
        guard count > 5 else { return Array(0..<count) }
        return (0...4).map { $0 * (count - 1) / 4 }
    }

    private static func bar(_ chart: SpendChart, _ day: Int, top: Double) -> HTML {
        let width = 100_000 / max(chart.days.count, 1)
        let left = day * width + width / 8
        var html: HTML = "<g><title>\(TimeText.date(chart.days[day])): "
        let named = chart.parts.filter { $0.amounts[day] > 0 }
        html += named.isEmpty ? "nothing" : "\(named.map { said($0, day) }.joined(separator: ", "))"
        html += "</title>"
        var below = 0.0
        for (place, part) in chart.parts.enumerated() where part.amounts[day] > 0 {
            let (from, height) = (below, Double(part.amounts[day]) / 1e9 / top)
            below += height
            let y = Int(((1 - from - height) * 1_000).rounded())
            let tall = max(Int(((1 - from) * 1_000).rounded()) - y, 1)
            html += #"""
                <rect class="f\#(place + 1)" x="\#(tenths: left / 100)%" width="\#(tenths: width * 3 / 400)%" \#
                y="\#(tenths: y)%" height="\#(tenths: tall)%"/>
                """#
        }
        html += "</g>"
        return html
    }

    private static func said(_ part: SpendChart.Part, _ day: Int) -> String {
        "\(part.name) \(MoneyText.usd(part.amounts[day]))"
    }

    static func spendLegend(_ chart: SpendChart) -> HTML {
        var html: HTML = #"<ul class="legend">"#
        for (place, part) in chart.parts.enumerated() {
            html += #"<li><i class="sq f\#(place + 1)" aria-hidden="true"></i><bdi>\#(part.name)</bdi></li>"#
        }
        html += "</ul>"
        return html
    }

    /// The figures of the chart, newest day first, behind a summary.
    static func spendTable(_ chart: SpendChart) -> HTML {
        var html: HTML = #"""
            <details class="astable"><summary>Show as table</summary><div class="scroll" role="region" \#
            aria-label="Spend per day" tabindex="0"><table><thead><tr><th scope="col">Day, UTC</th>
            """#
        for part in chart.parts { html += #"<th scope="col" class="r p2"><bdi>\#(part.name)</bdi></th>"# }
        html += #"<th scope="col" class="r">All</th></tr></thead><tbody>"#
        let totals = chart.totals
        for day in chart.days.indices.reversed() {
            html += #"<tr><th scope="row">\#(TimeText.date(chart.days[day]))</th>"#
            for part in chart.parts { html += #"<td class="r p2">\#(MoneyText.usd(part.amounts[day]))</td>"# }
            html += #"<td class="r"><b>\#(MoneyText.usd(totals[day]))</b></td></tr>"#
        }
        html += "</tbody></table></div></details>"
        return html
    }
}
