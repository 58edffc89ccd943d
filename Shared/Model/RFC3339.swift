extension Timestamp {
    /// RFC 3339 in UTC with three decimals, as `2026-05-04T08:43:19.965Z`.
    package var rfc3339: String {
        let at = CalendarTime(self)
        if (0...9_999).contains(at.year) { return at.digits }
        let date = "\(at.year.padded(4))-\(at.month.padded(2))-\(at.day.padded(2))"
        let time = "\(at.hour.padded(2)):\(at.minute.padded(2)):\(at.second.padded(2)).\(at.millisecond.padded(3))"
        return "\(date)T\(time)Z"
    }

    /// Reads RFC 3339 (`2026-05-04T08:43:19.965Z`, any offset, any number of decimals beyond which
    /// milliseconds are cut) or a bare date, which means its midnight in UTC. Anything else is `nil`.
    package init?(rfc3339 text: String) {
        var scan = DigitScan(text.utf8)
        guard let year = scan.number(digits: 4), scan.take("-"), let month = scan.number(digits: 2), scan.take("-"),
            let day = scan.number(digits: 2),
            let days = CalendarTime.days(year: Int(year), month: Int(month), day: Int(day))
        else { return nil }
        if scan.isAtEnd {
            self.init(milliseconds: days * 86_400_000)
            return
        }
        guard scan.take("T") || scan.take("t") || scan.take(" "), let inDay = scan.timeOfDay(),
            let offset = scan.offset(), scan.isAtEnd
        else { return nil }
        self.init(milliseconds: days * 86_400_000 + inDay - offset)
    }
}

extension Int {
    /// Decimal digits with leading zeros up to `width`.
    package func padded(_ width: Int) -> String {
        let digits = String(self)
        return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
    }
}

/// Reads fixed-width numbers from ASCII text.
private struct DigitScan {
    private var rest: Substring.UTF8View

    init(_ text: String.UTF8View) {
        rest = text[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard let first = rest.first, first == UInt8(ascii: expected) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let byte = rest.first, (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
            rest.removeFirst()
        }
        return value
    }

    mutating func timeOfDay() -> Int64? {
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2), take(":"),
            let second = number(digits: 2), hour < 24, minute < 60, second < 60
        else { return nil }
        var milliseconds: Int64 = 0
        if take(".") {
            var weight: Int64 = 100
            guard let first = number(digits: 1) else { return nil }
            milliseconds = first * weight
            while let digit = number(digits: 1) {
                weight /= 10
                milliseconds += digit * weight
            }
        }
        return hour * 3_600_000 + minute * 60_000 + second * 1_000 + milliseconds
    }

    /// Milliseconds to take off local time to reach UTC.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2), hour < 24, minute < 60 else {
            return nil
        }
        return sign * (hour * 3_600_000 + minute * 60_000)
    }
}

extension CalendarTime {
    /// The text of a year with four digits, digit by digit: a list of models has two such times in each.
    fileprivate var digits: String {
        var text = [UInt8](repeating: UInt8(ascii: "0"), count: 24)
        func put(_ value: Int, from place: Int, _ width: Int) {
            var left = value
            for digit in (place..<(place + width)).reversed() {
                text[digit] += UInt8(left % 10)
                left /= 10
            }
        }
        put(year, from: 0, 4)
        put(month, from: 5, 2)
        put(day, from: 8, 2)
        put(hour, from: 11, 2)
        put(minute, from: 14, 2)
        put(second, from: 17, 2)
        put(millisecond, from: 20, 3)
        (text[4], text[7]) = (UInt8(ascii: "-"), UInt8(ascii: "-"))
        (text[10], text[13], text[16]) = (UInt8(ascii: "T"), UInt8(ascii: ":"), UInt8(ascii: ":"))
        (text[19], text[23]) = (UInt8(ascii: "."), UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }
}
