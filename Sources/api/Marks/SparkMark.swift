/// The shape of a sparkline on its ground of 104 × 26, in tenths of a pixel.
///
/// Each line has its own scale, from its lowest to its highest point. A gap breaks the line; nothing is
/// interpolated. Points beyond ``limit`` are thinned to the last of each group, so a page stays small.
struct SparkShape: Equatable, Sendable {
    static let limit = 60

    struct Point: Equatable, Sendable {
        let x: Int
        let y: Int
    }

    /// Runs of neighbouring points, left to right.
    let runs: [[Point]]
    /// All known values are the same; the line then lies in the middle.
    let isFlat: Bool

    init(_ series: [Int64?]) {
        let kept = Self.thinned(series)
        let known = kept.compactMap(\.self)
        let low = known.min() ?? 0
        let range = Double(known.max() ?? 0) - Double(low)
        let steps = max(1, kept.count - 1)
        var runs: [[Point]] = []
        var run: [Point] = []
        for (index, value) in kept.enumerated() {
            guard let value else {
                if !run.isEmpty { runs.append(run) }
                run = []
                continue
            }
            let height = range == 0 ? 0.5 : (Double(value) - Double(low)) / range
            run.append(Point(x: 10 + (index * 1_000 + steps / 2) / steps, y: 230 - Int(height * 200 + 0.5)))
        }
        if !run.isEmpty { runs.append(run) }
        self.runs = runs
        isFlat = range == 0
    }

    private static func thinned(_ series: [Int64?]) -> [Int64?] {
        guard series.count > limit else { return series }
        let group = (series.count + limit - 1) / limit
        return stride(from: (series.count - 1) % group, to: series.count, by: group).map { series[$0] }
    }
}

extension HTML {
    /// The trend of a counter as a small line with a dot at its end, and its first and last value in words.
    /// One known value draws no line: it is no trend.
    static func spark(_ series: [Int64?], label: String) -> HTML {
        let known = series.compactMap(\.self)
        guard known.count > 1, let first = known.first, let last = known.last else {
            return #"<span class="muted" title="Not enough history yet">—</span>"#
        }
        let shape = SparkShape(series)
        let gaps = known.count < series.count ? ", with gaps" : ""
        let words = "\(label), \(Figures.short(first)) to \(Figures.short(last))\(gaps)"
        var area = HTML(capacity: 512)
        var line = HTML(capacity: 512)
        for run in shape.runs {
            let path = outline(run)
            line += path
            // A lone point is a dot: a line of no length with round ends.
            if run.count == 1 { line += "h0" }
            guard !shape.isFlat, run.count > 1, let start = run.first else { continue }
            area += path
            area += "V26H\(tenths: start.x)Z"
        }
        var mark: HTML = #"<svg class="spark" viewBox="0 0 104 26" role="img" aria-label="\#(words)">"#
        if !area.bytes.isEmpty { mark += #"<path class="a" d="\#(area)"/>"# }
        mark += #"<path class="l" d="\#(line)"/>"#
        if series.last.flatMap(\.self) != nil, let end = shape.runs.last?.last {
            mark += #"<circle class="e" cx="\#(tenths: end.x)" cy="\#(tenths: end.y)" r="2.2"/>"#
        }
        mark += "</svg>"
        return mark
    }

    private static func outline(_ run: [SparkShape.Point]) -> HTML {
        var path = HTML(capacity: run.count * 10)
        for (index, point) in run.enumerated() {
            path.append(index == 0 ? .move : .line, x: point.x, y: point.y)
        }
        return path
    }
}
