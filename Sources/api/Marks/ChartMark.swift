import JSON
import Model

/// Lines over time on one ground, each with its own gaps.
///
/// The ground has no `viewBox`: lines, circles and texts stand at percentages and are never distorted, whatever the
/// width; each series is a path in a ground of 1000 × 1000 that is stretched over it. Tick labels are text beside it.
struct Chart: Sendable {
    /// What is drawn of one moment: nothing where there was no observation.
    struct Series: Sendable {
        let name: String
        let values: [Double?]
    }

    /// An event on the line of the first series, with its number in a list elsewhere.
    struct Pin: Sendable {
        let number: Int
        let at: Timestamp
    }

    /// What the axis of values means.
    enum Scale: Sendable {
        case counts
        /// Tenths are written.
        case scores
        /// The first place is at the top.
        case ranks
    }

    /// More points than this are thinned to the last of each group.
    static let mostPoints = 240

    let label: String
    let scale: Scale
    let moments: [Timestamp]
    let series: [Series]
    var pins: [Pin] = []

    init(label: String, scale: Scale, moments: [Timestamp], series: [Series], pins: [Pin] = []) {
        let group = max(1, (moments.count + Self.mostPoints - 1) / Self.mostPoints)
        func thinned<Element>(_ all: [Element]) -> [Element] {
            group == 1 ? all : stride(from: (all.count - 1) % group, to: all.count, by: group).map { all[$0] }
        }
        self.label = label
        self.scale = scale
        self.moments = thinned(moments)
        self.series = series.map { Series(name: $0.name, values: thinned($0.values)) }
        self.pins = pins
    }

    /// A value in words, as ticks, tables and the read-out say it.
    func words(_ value: Double) -> String {
        switch scale {
        case .counts: Figures.short(Int64(value.rounded()))
        case .scores: Figures.oneDecimal(tenths: Int32((value * 10).rounded()))
        case .ranks: Figures.exact(Int64(value.rounded()))
        }
    }

    /// A value with every digit.
    func exactWords(_ value: Double) -> String {
        scale == .counts ? Figures.exact(Int64(value.rounded())) : words(value)
    }

    /// Four or five round values from at or below the lowest to at or above the highest.
    static func ticks(_ low: Double, _ high: Double, wholeNumbers: Bool) -> [Double] {
        let span = max(high - low, wholeNumbers ? 4 : 0.4, high.magnitude * 0.002)
        let rough = span / 4
        var unit = 1.0
        while unit * 10 <= rough { unit *= 10 }
        while unit > rough, !wholeNumbers || unit > 1 { unit /= 10 }
        let step = [1, 2, 2.5, 5, 10].map { $0 * unit }.first { $0 >= rough && (!wholeNumbers || $0 == $0.rounded()) }
        let width = step ?? unit * 10
        let first = (low / width).rounded(.down)
        let last = (high / width).rounded(.up)
        return stride(from: first, through: max(last, first + 1), by: 1).map { $0 * width }
    }
}

extension HTML {
    /// The chart with its axis labels and its read-out. Fewer than two observations draw no line.
    static func chart(_ chart: Chart) -> HTML {
        let known = chart.series.flatMap(\.values).compactMap(\.self)
        guard chart.moments.count > 1, let low = known.min(), let high = known.max(), known.count > 1 else {
            return #"<div class="empty"><p>A line needs two observations; there are fewer yet.</p></div>"#
        }
        let drawing = ChartDrawing(chart, low: low, high: high)
        let hasEnds = chart.series.count > 1
        var html: HTML = hasEnds ? #"<div class="chart ended""# : #"<div class="chart""#
        html += #" data-chart="\#(drawing.data)">"#
        html += #"<p class="readout" data-readout>\#(drawing.summary)</p>"#
        html += #"<div class="frame"><div class="yaxis" aria-hidden="true">"#
        for tick in chart.scale == .ranks ? drawing.ticks : drawing.ticks.reversed() {
            html += "<span>\(chart.words(tick))</span>"
        }
        html += "</div>"
        html += drawing.plot
        if hasEnds { html += .chartEnds(drawing.ends) }
        html += #"</div><div class="xaxis" aria-hidden="true">"#
        for moment in drawing.dates { html += "<span>\(moment)</span>" }
        html += "</div></div>"
        return html
    }

    /// The figures of a chart, newest first, behind a summary.
    static func chartTable(_ chart: Chart) -> HTML {
        var html: HTML = #"<details class="astable"><summary>Show as table</summary>"#
        html += #"<div class="scroll" role="region" aria-label="Figures of the chart" tabindex="0"><table><thead>"#
        html += #"<tr><th scope="col">Observed, UTC</th>"#
        for series in chart.series { html += #"<th scope="col" class="r"><bdi>\#(series.name)</bdi></th>"# }
        html += "</tr></thead><tbody>"
        for place in chart.moments.indices.reversed() {
            let moment = chart.moments[place]
            html += #"<tr><th scope="row">\#(TimeText.date(moment)), \#(TimeText.clock(moment))</th>"#
            for series in chart.series {
                let value: HTML = series.values[place].map { "\(chart.exactWords($0))" } ?? .unknown("No observation")
                html += #"<td class="r">\#(value)</td>"#
            }
            html += "</tr>"
        }
        html += "</tbody></table></div></details>"
        return html
    }
}

/// A chart on its ground: where everything stands.
private struct ChartDrawing {
    let chart: Chart
    let ticks: [Double]
    private let bottom: Double
    private let height: Double
    private let start: Timestamp
    private let length: Double

    init(_ chart: Chart, low: Double, high: Double) {
        self.chart = chart
        ticks = Chart.ticks(low, high, wholeNumbers: chart.scale != .scores)
        bottom = ticks.first ?? low
        height = max((ticks.last ?? high) - bottom, .leastNonzeroMagnitude)
        let (first, last) = (chart.moments.first ?? Timestamp(milliseconds: 0), chart.moments.last)
        start = first
        length = max(1, Double((last.map { $0 - first } ?? .zero).milliseconds))
    }

    /// From the left, in thousandths.
    private func x(_ moment: Timestamp) -> Int {
        min(max(Int((Double((moment - start).milliseconds) / length * 1_000).rounded()), 0), 1_000)
    }

    /// From the top, in thousandths.
    private func y(_ value: Double) -> Int {
        let share = (value - bottom) / height
        return Int(((chart.scale == .ranks ? share : 1 - share) * 1_000).rounded())
    }

    var summary: String {
        let sentences = chart.series.compactMap { series -> String? in
            let known = series.values.compactMap(\.self)
            guard let first = known.first, let last = known.last else { return nil }
            let name = chart.series.count > 1 ? "\(series.name): " : ""
            return "\(name)\(chart.words(first)) → \(chart.words(last))"
        }
        return sentences.joined(separator: " · ")
    }

    /// Where each line ends; one without an observation does not.
    var ends: [ChartEnd] {
        chart.series.enumerated().compactMap { place, series in
            series.values.compactMap(\.self).last.map {
                ChartEnd(series: place + 1, name: series.name, height: y($0))
            }
        }
    }

    /// First, last and three dates between.
    var dates: [String] {
        (0...4).map { TimeText.day(start + .milliseconds(Int64(length * Double($0) / 4))) }
    }

    var plot: HTML {
        var svg: HTML = #"""
            <svg class="plot" width="100%" tabindex="0" role="img" aria-label="\#(chart.label). \#(summary)">
            """#
        for tick in ticks {
            let at = y(tick)
            svg += #"<line class="grid" x1="0" x2="100%" y1="\#(tenths: at)%" y2="\#(tenths: at)%"/>"#
        }
        for pin in chart.pins {
            let at = x(pin.at)
            svg += #"<line class="pinline" x1="\#(tenths: at)%" x2="\#(tenths: at)%" y1="0" y2="100%"/>"#
        }
        svg += #"<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">"#
        for (place, series) in chart.series.enumerated() {
            svg += #"<path class="line l\#(place + 1)" d="\#(outline(series))"/>"#
        }
        svg += "</svg>"
        for pin in chart.pins { svg += mark(pin) }
        svg += #"<line class="cross" x1="0" x2="0" y1="0" y2="100%" visibility="hidden"/></svg>"#
        return svg
    }

    private func outline(_ series: Chart.Series) -> HTML {
        var path = HTML(capacity: series.values.count * 12)
        var isOpen = false
        for (place, value) in series.values.enumerated() {
            guard let value else {
                isOpen = false
                continue
            }
            path.append(isOpen ? .line : .move, x: x(chart.moments[place]) * 10, y: y(value) * 10)
            // A lone point is a dot: a line of no length with round ends.
            let next = place + 1 < series.values.count ? series.values[place + 1] : nil
            if !isOpen, next == nil { path += "h0" }
            isOpen = true
        }
        return path
    }

    /// A numbered disc on the first line at, or just before, the pin's moment.
    private func mark(_ pin: Chart.Pin) -> HTML {
        let place = chart.moments.lastIndex { $0 <= pin.at } ?? 0
        let value = chart.series.first?.values[place] ?? bottom
        let (left, top) = (x(pin.at), y(value))
        return #"""
            <circle class="pin" cx="\#(tenths: left)%" cy="\#(tenths: top)%" r="8"/>\#
            <text class="pintext" x="\#(tenths: left)%" y="\#(tenths: top)%" dy="4">\#(pin.number)</text>
            """#
    }

    /// What the script's read-out needs.
    var data: String {
        var json = JSONWriter(capacity: chart.moments.count * 48)
        json.beginObject()
        json.key("at")
        json.beginArray()
        for moment in chart.moments { json.string(TimeText.moment(moment)) }
        json.endArray()
        json.key("x")
        json.beginArray()
        for moment in chart.moments { json.double(Double(x(moment)) / 10) }
        json.endArray()
        json.key("series")
        json.beginArray()
        for series in chart.series {
            json.beginObject()
            json.key("name")
            json.string(series.name)
            json.key("values")
            json.beginArray()
            for value in series.values { json.string(value.map(chart.exactWords)) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return String(decoding: json.finished(), as: UTF8.self)
    }
}
