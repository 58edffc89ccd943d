/// How numbers are written on pages: exact while that is short, then three significant digits.
enum Figures {
    /// 9,412 · 12.4K · 688K · 1.42M · 2.27B. Rounds half away from zero; the sign is a true minus.
    static func short(_ value: Int64) -> String {
        guard value.magnitude >= 10_000 else { return exact(value) }
        return sign(of: value) + significant(value.magnitude, keepingZeros: true)
    }

    /// Every digit, in groups of three: 1,234,567.
    static func exact(_ value: Int64) -> String {
        guard value.magnitude >= 1_000 else { return sign(of: value) + String(value.magnitude) }
        var text = sign(of: value)
        let digits = String(value.magnitude).utf8
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }

    /// A size of a model: 800M · 9.4B · 712B · 1.04T.
    static func parameters(_ count: Int64) -> String {
        guard count >= 1_000 else { return exact(count) }
        return significant(count.magnitude, keepingZeros: false)
    }

    /// One decimal: 84.7.
    static func oneDecimal(tenths: Int32) -> String {
        (tenths < 0 ? "\u{2212}" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }

    private static func sign(of value: Int64) -> String {
        value < 0 ? "\u{2212}" : ""
    }

    private static let units: [(value: UInt64, letter: String)] = [
        (1_000, "K"), (1_000_000, "M"), (1_000_000_000, "B"), (1_000_000_000_000, "T"),
    ]

    /// Three significant digits and a letter. What rounds up to 1,000 of a unit is 1.00 of the next.
    private static func significant(_ value: UInt64, keepingZeros: Bool) -> String {
        var unit = units.lastIndex { $0.value <= value } ?? 0
        var places: UInt64 = value < units[unit].value * 10 ? 100 : value < units[unit].value * 100 ? 10 : 1
        var scaled = rounded(value, to: units[unit].value / places)
        if scaled >= 1_000 {
            if places > 1 {
                (scaled, places) = (scaled / 10, places / 10)
            } else if unit + 1 < units.count {
                (scaled, places, unit) = (100, 100, unit + 1)
            }
        }
        return written(scaled, places: places, keepingZeros: keepingZeros) + units[unit].letter
    }

    private static func rounded(_ value: UInt64, to step: UInt64) -> UInt64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: step)
        return quotient + (remainder >= step - remainder ? 1 : 0)
    }

    /// A count of hundredths, tenths or ones as decimal text.
    private static func written(_ count: UInt64, places: UInt64, keepingZeros: Bool) -> String {
        guard places > 1 else { return exact(Int64(clamping: count)) }
        var fraction = String(count % places)
        if places == 100, fraction.count < 2 { fraction = "0" + fraction }
        if !keepingZeros {
            while fraction.hasSuffix("0") { fraction.removeLast() }
        }
        return fraction.isEmpty ? "\(count / places)" : "\(count / places).\(fraction)"
    }
}
