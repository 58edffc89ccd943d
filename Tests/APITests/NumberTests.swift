import Model
import Testing

@testable import api

@Suite struct NumberTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (9_412, "9,412"), (9_999, "9,999"),
        (10_000, "10.0K"), (12_412, "12.4K"), (12_450, "12.5K"), (99_949, "99.9K"), (99_950, "100K"),
        (688_400, "688K"), (999_499, "999K"), (999_500, "1.00M"), (1_424_000, "1.42M"), (9_995_000, "10.0M"),
        (99_950_000, "100M"), (999_500_000, "1.00B"), (2_268_000_000, "2.27B"), (999_500_000_000, "1.00T"),
        (1_234_000_000_000_000, "1,234T"), (-8_334, "\u{2212}8,334"), (-831_204, "\u{2212}831K"),
        (Int64.min, "\u{2212}9,223,372T"), (Int64.max, "9,223,372T"),
    ])
    func shortKeepsThreeSignificantDigitsFromTenThousand(value: Int64, expected: String) {
        #expect(Figures.short(value) == expected)
    }

    @Test(arguments: [
        (0, "0"), (12, "12"), (1_234, "1,234"), (100_000, "100,000"), (-1_234_567, "\u{2212}1,234,567"),
        (Int64.max, "9,223,372,036,854,775,807"),
    ])
    func exactGroupsByThree(value: Int64, expected: String) {
        #expect(Figures.exact(value) == expected)
    }

    @Test(arguments: [
        (120, "120"), (22_700_000, "22.7M"), (800_000_000, "800M"), (9_400_000_000, "9.4B"), (7_000_000_000, "7B"),
        (8_030_261_248, "8.03B"), (712_000_000_000, "712B"), (1_040_000_000_000, "1.04T"),
        (999_600_000_000, "1T"),
    ])
    func parametersDropZeros(count: Int64, expected: String) {
        #expect(Figures.parameters(count) == expected)
    }

    @Test(arguments: [(847, "84.7"), (1_000, "100.0"), (0, "0.0"), (5, "0.5"), (-12, "\u{2212}1.2")])
    func scoresHaveOneDecimal(tenths: Int32, expected: String) {
        #expect(Figures.oneDecimal(tenths: tenths) == expected)
    }

    @Test(arguments: [
        (-5_000, "now"), (0, "now"), (4_999, "now"), (5_000, "5s ago"), (59_999, "59s ago"), (60_000, "1m ago"),
        (3_599_999, "59m ago"), (3_600_000, "1h ago"), (86_399_000, "23h ago"), (86_400_000, "1d ago"),
        (1_209_599_000, "13d ago"), (1_209_600_000, "2w ago"), (31_536_000_000, "52w ago"),
    ])
    func relativeTimesGoFromSecondsToWeeks(milliseconds: Int64, expected: String) {
        let now = Timestamp(milliseconds: 1_777_884_199_965)
        let moment = Timestamp(milliseconds: now.milliseconds - milliseconds)
        #expect(TimeText.relative(moment, now: now) == expected)
    }

    @Test(arguments: [
        (-1, "0 ms"), (0, "0 ms"), (84, "84 ms"), (999, "999 ms"), (1_000, "1.0 s"), (1_880, "1.9 s"),
        (59_949, "59.9 s"), (59_950, "1m 00s"), (60_000, "1m 00s"), (1_122_000, "18m 42s"), (3_599_000, "59m 59s"),
        (3_600_000, "1h 00m"), (7_440_000, "2h 04m"), (86_400_000, "1d 00h"), (273_600_000, "3d 04h"),
    ])
    func durationsKeepTwoUnits(milliseconds: Int64, expected: String) {
        #expect(TimeText.duration(.milliseconds(milliseconds)) == expected)
    }

    @Test(arguments: [
        ("2026-05-03T08:16:56Z", "2026-05-04T08:43:19Z", "3 May and 4 May 2026"),
        ("2026-04-27T08:16:56Z", "2026-05-04T08:43:19Z", "27 April and 4 May 2026"),
        ("2025-12-31T08:16:56Z", "2026-01-01T08:43:19Z", "31 December 2025 and 1 January 2026"),
    ])
    func pairsSayTheYearOnce(earlier: String, later: String, expected: String) throws {
        let first = try #require(Timestamp(rfc3339: earlier))
        let second = try #require(Timestamp(rfc3339: later))
        #expect(TimeText.pair(first, second) == expected)
    }

    @Test func momentsAreInUTC() throws {
        let moment = try #require(Timestamp(rfc3339: "2026-05-04T10:03:19.965+02:00"))
        #expect(TimeText.moment(moment) == "4 May 2026, 08:03 UTC")
        #expect(
            HTML.timeAgo(moment, now: moment + .minutes(12)).text
                == #"<time datetime="2026-05-04T08:03:19.965Z" title="4 May 2026, 08:03 UTC" data-rel>12m ago</time>"#)
    }
}
