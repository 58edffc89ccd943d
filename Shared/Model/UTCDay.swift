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

    package static func < (left: UTCDay, right: UTCDay) -> Bool { left.number < right.number }
}
