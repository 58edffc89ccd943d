/// Reads an HTTP date in its three forms (RFC 9110, section 5.6.7).
///
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. The name of the
/// day is not checked against the date.
package enum HTTPDate {
    /// Seconds since 1970-01-01T00:00:00Z. `now` decides the century of the form with two digits.
    package static func seconds(of text: Substring, now: Int64) -> Int64? {
        let words = text.split(separator: " ")
        switch words.count {
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT":
            return moment(day: words[1], month: words[2], year: words[3], time: words[4], now: now)
        case 4 where words[0].hasSuffix(",") && words[3] == "GMT":
            let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard date.count == 3, date[2].count == 2 else { return nil }
            return moment(day: date[0], month: date[1], year: date[2], time: words[2], now: now)
        case 5:
            return moment(day: words[2], month: words[1], year: words[4], time: words[3], now: now)
        default:
            return nil
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func moment(
        day: Substring, month: Substring, year: Substring, time: Substring, now: Int64
    ) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let month = months.firstIndex(where: { $0 == month }), let day = number(day, digits: 1...2),
            let written = number(year, digits: 2...4), clock.count == 3, year.count != 3,
            let hour = number(clock[0], digits: 2...2), let minute = number(clock[1], digits: 2...2),
            let second = number(clock[2], digits: 2...2), hour < 24, minute < 60, second <= 60
        else { return nil }
        let year = year.count == 2 ? fullYear(written, now: now) : written
        guard day >= 1, day <= daysIn(month: month, of: year) else { return nil }
        return daysSince1970(year: year, month: month + 1, day: day) * 86_400 + hour * 3_600 + minute * 60 + second
    }

    /// Two digits that would lie more than 50 years ahead mean the past (RFC 9110, section 5.6.7).
    private static func fullYear(_ digits: Int64, now: Int64) -> Int64 {
        let thisYear = 1970 + now / 31_556_952
        let sameCentury = thisYear - thisYear % 100 + digits
        return sameCentury > thisYear + 50 ? sameCentury - 100 : sameCentury
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int64? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    private static func daysIn(month: Int, of year: Int64) -> Int64 {
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
    }

    /// Counts years from March, so that the leap day is the last of its year.
    private static func daysSince1970(year: Int64, month: Int, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let monthFromMarch = Int64(month + (month > 2 ? -3 : 9))
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
