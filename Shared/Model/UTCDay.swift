/// A day of the UTC calendar, as days since 1970-01-01: what sessions are summed by. It has 86,400 seconds, whatever
/// the clocks on the walls do.
package struct UTCDay: Hashable, Comparable, Sendable {
    package let number: Int64

    package init(_ number: Int64) {
        self.number = number
    }

    /// The day that a moment is in.
    package init(_ moment: Timestamp) {
        number = moment.milliseconds.flooredDivision(by: 86_400_000).quotient
    }

    package var start: Timestamp { Timestamp(milliseconds: number * 86_400_000) }
    package var lastMillisecond: Timestamp { Timestamp(milliseconds: number * 86_400_000 + 86_399_999) }

    /// As `2026-05-04`.
    package var text: String { String(start.rfc3339.prefix(10)) }

    /// The years that RFC 3339 can write.
    package static let all =
        Timestamp(milliseconds: -62_167_219_200_000)...Timestamp(milliseconds: 253_402_300_799_999)

    /// A span as whole days, for which sums are kept, and the parts of days at its edges, for which none are.
    package static func days(
        of span: ClosedRange<Timestamp>
    ) -> (whole: ClosedRange<UTCDay>?, parts: [ClosedRange<Timestamp>]) {
        var first = UTCDay(span.lowerBound)
        var last = UTCDay(span.upperBound)
        var parts: [ClosedRange<Timestamp>] = []
        if span.lowerBound != first.start {
            parts.append(span.lowerBound...min(span.upperBound, first.lastMillisecond))
            first = UTCDay(first.number + 1)
        }
        if span.upperBound != last.lastMillisecond {
            if last >= first { parts.append(last.start...span.upperBound) }
            last = UTCDay(last.number - 1)
        }
        return (first <= last ? first...last : nil, parts)
    }

    package static func < (left: UTCDay, right: UTCDay) -> Bool { left.number < right.number }
}
