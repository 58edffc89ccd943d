import Testing

@testable import api

@Suite struct SparkMarkTests {
    @Test func aLineRunsFromItsLowestToItsHighestPoint() {
        #expect(
            HTML.spark([100, 200, 150], label: "6-day downloads").text
                == #"<svg class="spark" viewBox="0 0 104 26" role="img" aria-label="6-day downloads, 100 to 150">"#
                + #"<path class="a" d="M1 23L51 3L101 13V26H1Z"/><path class="l" d="M1 23L51 3L101 13"/>"#
                + #"<circle class="e" cx="101" cy="13" r="2.2"/></svg>"#)
    }

    @Test func aGapBreaksTheLineAndIsSaid() {
        #expect(
            HTML.spark([1, 2, nil, 4, nil, 5, 5], label: "Trend").text
                == #"<svg class="spark" viewBox="0 0 104 26" role="img" aria-label="Trend, 1 to 5, with gaps">"#
                + #"<path class="a" d="M1 23L17.7 18V26H1ZM84.3 3L101 3V26H84.3Z"/>"#
                + #"<path class="l" d="M1 23L17.7 18M51 8h0M84.3 3L101 3"/>"#
                + #"<circle class="e" cx="101" cy="3" r="2.2"/></svg>"#)
    }

    @Test func aSeriesThatEndsInAGapHasNoEndDot() {
        let mark = HTML.spark([1, 2, nil], label: "Trend").text
        #expect(!mark.contains("circle"))
        #expect(mark.contains("1 to 2, with gaps"))
    }

    @Test func aFlatSeriesIsALineInTheMiddleWithoutGround() {
        let mark = HTML.spark([5, 5], label: "Trend").text
        #expect(mark.contains(#"<path class="l" d="M1 13L101 13"/>"#))
        #expect(!mark.contains("class=\"a\""))
    }

    @Test(arguments: [[], [nil], [7], [nil, 7, nil]] as [[Int64?]])
    func fewerThanTwoValuesAreNoTrend(series: [Int64?]) {
        #expect(HTML.spark(series, label: "Trend").text.contains("Not enough history yet"))
    }

    @Test(arguments: [61, 240, 2_000])
    func longSeriesAreThinnedAndKeepTheirEnd(count: Int) {
        var series = [Int64?](repeating: 1, count: count)
        series[count - 1] = 9
        let points = SparkShape(series).runs.flatMap(\.self)
        #expect(points.count <= SparkShape.limit)
        #expect(points.count > SparkShape.limit / 3)
        #expect(points.last == SparkShape.Point(x: 1_010, y: 30))
    }

    @Test(arguments: [[Int64.min, 0, Int64.max], [Int64.max, Int64.min]] as [[Int64?]])
    func extremeValuesStayOnTheGround(series: [Int64?]) {
        for point in SparkShape(series).runs.flatMap(\.self) {
            #expect((10...1_010).contains(point.x))
            #expect((30...230).contains(point.y))
        }
    }
}
