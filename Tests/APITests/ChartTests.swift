import Model
import Testing

@testable import api

@Suite struct ChartTests {
    static let start = SnapshotReference.observed("2026-05-01T00:00:00Z").observedAt

    static func chart(_ values: [Double?], _ scale: Chart.Scale = .counts, pins: [Chart.Pin] = []) -> Chart {
        Chart(
            label: "Downloads of a/b", scale: scale, moments: values.indices.map { start + .days(Int64($0)) },
            series: [Chart.Series(name: "Downloads", values: values)], pins: pins)
    }

    @Test(arguments: [
        (0.0, 100.0, [0.0, 25, 50, 75, 100]), (8_030, 9_970, [8_000, 8_500, 9_000, 9_500, 10_000]),
        (1, 3, [1, 2, 3]), (5, 5, [5, 6]), (0, 0, [0, 1]),
    ])
    func ticksAreRoundAndHoldTheValues(low: Double, high: Double, expected: [Double]) {
        #expect(Chart.ticks(low, high, wholeNumbers: true) == expected)
    }

    @Test(arguments: [0.3, 1, 7, 42, 999, 12_345, 2.5e6, 8e9], [0.001, 0.5, 1, 3.7, 90, 1e5])
    func ticksAreFewWhateverTheSpan(low: Double, factor: Double) {
        for wholeNumbers in [true, false] {
            let high = low * (1 + factor)
            let ticks = Chart.ticks(low, high, wholeNumbers: wholeNumbers)
            #expect((2...7).contains(ticks.count), "\(ticks)")
            #expect((ticks.first ?? .infinity) <= low && (ticks.last ?? -.infinity) >= high, "\(ticks)")
        }
    }

    @Test func aGapBreaksTheLine() {
        let html = HTML.chart(Self.chart([10, 20, nil, 30, 40])).text
        #expect(html.contains(#"<path class="line l1" d="M0 1000L250 667M750 333L1000 0"/>"#))
        #expect(html.contains("10 → 40"))
        #expect(html.contains(#"aria-label="Downloads of a/b. 10 → 40""#))
    }

    @Test func aLonePointBetweenGapsIsADot() {
        #expect(HTML.chart(Self.chart([10, nil, 20, nil, 40])).text.contains("M0 1000h0M500 667h0M1000 0h0"))
    }

    @Test func theFirstRankIsAtTheTop() {
        let html = HTML.chart(Self.chart([5, 1], .ranks)).text
        #expect(html.contains(#"d="M0 1000L1000 0""#))
        #expect(html.contains(#"<div class="yaxis" aria-hidden="true"><span>1</span>"#))
    }

    @Test(arguments: [[], [1], [nil, nil, 3], [nil]] as [[Double?]])
    func tooFewObservationsAreSaid(values: [Double?]) {
        let html = HTML.chart(Self.chart(values)).text
        #expect(html.contains("needs two observations") && !html.contains("<svg"))
    }

    @Test(
        arguments: [
            ([], []), ([20], [35]), ([100, 500], [100, 500]), ([500, 500], [467, 532]), ([0, 0, 0], [35, 100, 165]),
            ([1_000, 990], [965, 900]), ([300, 900, 310], [272, 900, 337]),
        ] as [([Int], [Int])])
    func labelsAtTheEndsOfLinesAreMovedApart(heights: [Int], places: [Int]) {
        #expect(ChartEnd.apart(heights) == places)
    }

    @Test(arguments: [
        ("short", "short"), ("Qwen3.6-27B", "Qwen3.6-27B"), ("Qwen3.6-35B-A3B", "Qwen3…B-A3B"), ("🦙🦙", "🦙🦙"),
    ])
    func aLongNameKeepsItsStartAndItsEnd(name: String, expected: String) {
        #expect(ChartEnd.short(name, 11) == expected)
    }

    @Test func severalLinesAreLabelledAtTheirEnds() {
        let chart = Chart(
            label: "Score of 3 models", scale: .scores, moments: [Self.start, Self.start + .days(1)],
            series: [
                Chart.Series(name: "a&b", values: [1, 3]), Chart.Series(name: "no-figures", values: [nil, nil]),
                Chart.Series(name: "c", values: [1, nil]),
            ])
        let html = HTML.chart(chart).text
        #expect(html.contains(#"<div class="chart ended" data-chart="#))
        #expect(html.contains(#"<svg class="ends" aria-hidden="true"><line class="line l1" x1="0""#))
        #expect(html.contains(#"<tspan class="narrow">a&amp;b</tspan></text><line class="line l3""#))
        #expect(html.occurrences(of: "<text x=") == 2)
        let alone = HTML.chart(Self.chart([1, 2])).text
        #expect(alone.contains(#"<div class="chart" data-chart="#) && !alone.contains("class=\"ends\""))
    }

    @Test func pinsStandAtTheirMoments() {
        let html = HTML.chart(Self.chart([10, 20, 30], pins: [Chart.Pin(number: 2, at: Self.start + .days(1))])).text
        #expect(html.contains(#"<circle class="pin" cx="50%" cy="50%" r="8"/>"#))
        #expect(html.contains(#"<text class="pintext" x="50%" y="50%" dy="4">2</text>"#))
    }

    @Test func manyPointsAreThinnedAndTheLastStays() {
        let chart = Self.chart((0..<1_000).map(Double.init))
        #expect(chart.moments.count <= Chart.mostPoints)
        #expect(chart.series[0].values.last == 999)
        #expect(chart.moments.count == chart.series[0].values.count)
    }

    @Test func theTableHasEveryPointNewestFirst() {
        let html = HTML.chartTable(Self.chart([12_345, nil])).text
        #expect(html.occurrences(of: "<tr>") == 3)
        #expect(html.contains("12,345"))
        #expect(html.contains("No observation"))
    }

    @Test func namesInAChartStayText() {
        let hostile = "\"><script>alert(1)</script>\u{202E}"
        let chart = Chart(
            label: hostile, scale: .scores, moments: [Self.start, Self.start + .days(1)],
            series: [Chart.Series(name: hostile, values: [1, 2]), Chart.Series(name: "b", values: [3, 4])])
        let html = HTML.chart(chart).text + HTML.chartTable(chart).text
        #expect(!html.contains("<script"))
        #expect(!html.contains("</script>"))
    }
}
