import Model
import Testing

@Suite struct RFC3339Tests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_777_884_199_965, "2026-05-04T08:43:19.965Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func writesAndReadsTheSameMoment(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("2026-05-04", "2026-05-04T00:00:00.000Z"), ("2026-05-04T10:43:19+02:00", "2026-05-04T08:43:19.000Z"),
        ("2026-05-03T23:13:19-09:30", "2026-05-04T08:43:19.000Z"), ("2026-05-04t08:43:19z", "2026-05-04T08:43:19.000Z"),
        ("2026-05-04 08:43:19.5Z", "2026-05-04T08:43:19.500Z"),
        ("2026-05-04T08:43:19.965999999999999999999999Z", "2026-05-04T08:43:19.965Z"),
        ("2026-05-04T00:30:00+01:00", "2026-05-03T23:30:00.000Z"),
    ])
    func readsEveryFormOfAMoment(text: String, expected: String) {
        #expect(Timestamp(rfc3339: text)?.rfc3339 == expected)
    }

    @Test(arguments: [
        "", "2026", "2026-5-4", "2026-13-01", "2026-02-29", "1900-02-29", "2026-04-31", "2026-00-10", "2026-01-00",
        "0000-01-01", "2026-05-04T", "2026-05-04T08:43", "2026-05-04T08:43:19", "2026-05-04T24:00:00Z",
        "2026-05-04T08:60:00Z", "2026-05-04T08:43:60Z", "2026-05-04T08:43:19.Z", "2026-05-04T08:43:19Zx",
        "2026-05-04T08:43:19+0200", "2026-05-04T08:43:19+24:00", " 2026-05-04", "２０２６-05-04", "2026-05-04T08:43:19+",
    ])
    func refusesWhatIsNone(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func everyDayOfFourCenturiesReadsBack() {
        var milliseconds: Int64 = 946_684_800_000
        var previous = CalendarTime(Timestamp(milliseconds: milliseconds))
        for _ in 0..<146_097 {
            milliseconds += 86_400_000
            let moment = Timestamp(milliseconds: milliseconds)
            let day = CalendarTime(moment)
            let follows =
                day.day == previous.day + 1 && day.month == previous.month
                || day.day == 1 && (day.month == previous.month + 1 || day.month == 1 && previous.month == 12)
            guard follows, Timestamp(rfc3339: moment.rfc3339) == moment else {
                Issue.record("\(moment.rfc3339) does not follow or does not read back")
                return
            }
            previous = day
        }
        #expect(Timestamp(milliseconds: milliseconds).rfc3339 == "2400-01-01T00:00:00.000Z")
    }
}
