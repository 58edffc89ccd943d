/// Reads the `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
package enum RetryAfter {
    /// A number of seconds beyond this is read as this, so that no later sum overflows.
    private static let longestSeconds: Int64 = 100 * 366 * 86_400

    /// How long to wait from `now`, in milliseconds since 1970. Never negative: a date that has passed is no wait.
    /// `nil` when the value is neither form. Bounding long waits is up to the caller.
    package static func wait(_ header: String, now: Int64) -> Duration? {
        let text = header.trimmingSpaces()
        if let seconds = wholeSeconds(text) { return .seconds(seconds) }
        guard let date = HTTPDate.seconds(of: text, now: now / 1_000) else { return nil }
        let (milliseconds, overflow) = (date * 1_000).subtractingReportingOverflow(now)
        guard overflow == false else { return nil }
        return .milliseconds(min(max(0, milliseconds), longestSeconds * 1_000))
    }

    private static func wholeSeconds(_ text: Substring) -> Int64? {
        let isNegative = text.first == "-"
        let digits = isNegative ? text.dropFirst() : text
        guard digits.isEmpty == false, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return isNegative ? 0 : min(Int64(digits) ?? longestSeconds, longestSeconds)
    }
}

extension String {
    /// Without optional white space at both ends (RFC 9110, section 5.6.3).
    func trimmingSpaces() -> Substring {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
