/// The end of a line of a chart, which is labelled there: nobody has to look its colour up.
struct ChartEnd: Sendable {
    /// Labels whose middles are nearer than this touch: 15 px of the ground, in thousandths.
    private static let gap = 65
    /// Labels nearer to the edges than this are cut.
    private static let ground = 35...965

    /// From 1, as the style sheet counts colours.
    let series: Int
    let name: String
    /// Of the line's last point, from the top, in thousandths.
    let height: Int

    /// Where labels stand that would like to stand at some heights: far enough from each other, and together as near to
    /// their lines as may be.
    static func apart(_ heights: [Int]) -> [Int] {
        let order = heights.indices.sorted { (heights[$0], $0) < (heights[$1], $1) }
        // With the gaps taken out, labels touch where they are not in order; those that do share the mean.
        var runs: [(sum: Int, count: Int)] = []
        for (place, index) in order.enumerated() {
            var run = (sum: heights[index] - place * gap, count: 1)
            while let above = runs.last, above.sum * run.count > run.sum * above.count {
                runs.removeLast()
                run = (sum: run.sum + above.sum, count: run.count + above.count)
            }
            runs.append(run)
        }
        let means = runs.flatMap { run in Array(repeating: run.sum / run.count, count: run.count) }
        let lowest = ground.upperBound - max(0, heights.count - 1) * gap
        var places = heights
        for (place, index) in order.enumerated() {
            places[index] = max(ground.lowerBound, min(means[place], lowest)) + place * gap
        }
        return places
    }

    /// The name on so many characters: what makes versions differ is at its start or at its end.
    static func short(_ name: String, _ most: Int) -> String {
        guard name.count > most else { return name }
        return "\(name.prefix(most / 2))…\(name.suffix(most - most / 2 - 1))"
    }
}

extension HTML {
    /// The labels beside the ground, each tied to its line. For readers of texts, the legend says the same.
    static func chartEnds(_ ends: [ChartEnd]) -> HTML {
        var svg: HTML = #"<svg class="ends" aria-hidden="true">"#
        for (end, place) in zip(ends, ChartEnd.apart(ends.map(\.height))) {
            svg += #"""
                <line class="line l\#(end.series)" x1="0" y1="\#(tenths: end.height)%" x2="12" \#
                y2="\#(tenths: place)%"/><text x="16" y="\#(tenths: place)%" dy="4">\#
                <tspan class="wide">\#(ChartEnd.short(end.name, 22))</tspan>\#
                <tspan class="narrow">\#(ChartEnd.short(end.name, 11))</tspan></text>
                """#
        }
        svg += "</svg>"
        return svg
    }
}
