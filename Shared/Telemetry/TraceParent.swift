/// The W3C Trace Context header `traceparent` (version 00): it follows work from a request through job rows
/// to outgoing webhooks. Source: W3C Recommendation "Trace Context", section 3.2.
package struct TraceParent: Hashable, Sendable, CustomStringConvertible {
    /// 32 lower-case hexadecimal digits, not all zero.
    package let traceID: String
    /// 16 lower-case hexadecimal digits, not all zero.
    package let spanID: String
    package let isSampled: Bool

    /// Reads a header's value; anything that the recommendation calls invalid is `nil`.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, parts[0].count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            Self.isHex(parts[0], digits: 2), Self.isHex(parts[1], digits: 32), Self.isHex(parts[2], digits: 16),
            Self.isHex(parts[3], digits: 2), parts[1].contains(where: { $0 != "0" }),
            parts[2].contains(where: { $0 != "0" }), let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        traceID = parts[1]
        spanID = parts[2]
        isSampled = flags & 1 == 1
    }

    private init(traceID: String, spanID: String, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// The start of a new trace.
    package static func root(using random: inout some RandomNumberGenerator) -> TraceParent {
        let high = UInt64.random(in: 1...UInt64.max, using: &random)
        let low = UInt64.random(in: 0...UInt64.max, using: &random)
        let span = UInt64.random(in: 1...UInt64.max, using: &random)
        return TraceParent(traceID: hex(high) + hex(low), spanID: hex(span), isSampled: true)
    }

    /// The same trace, one step on.
    package func child(using random: inout some RandomNumberGenerator) -> TraceParent {
        let span = UInt64.random(in: 1...UInt64.max, using: &random)
        return TraceParent(traceID: traceID, spanID: Self.hex(span), isSampled: isSampled)
    }

    package var description: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func isHex(_ text: String, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
