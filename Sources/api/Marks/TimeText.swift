import Model

/// How moments and durations are written on pages. Everything is UTC; the script says relative times the same way.
enum TimeText {
    /// 4 May
    static func day(_ moment: Timestamp) -> String {
        let at = CalendarTime(moment)
        return "\(at.day) \(months[at.month - 1])"
    }

    /// 4 May 2026
    static func date(_ moment: Timestamp) -> String {
        "\(day(moment)) \(CalendarTime(moment).year)"
    }

    /// 08:43
    static func clock(_ moment: Timestamp) -> String {
        let at = CalendarTime(moment)
        return "\(at.hour.padded(2)):\(at.minute.padded(2))"
    }

    /// 4 May 2026, 08:43 UTC
    static func moment(_ moment: Timestamp) -> String {
        "\(date(moment)), \(clock(moment)) UTC"
    }

    /// "3 May and 4 May 2026"; the year is said twice only where it differs.
    static func pair(_ earlier: Timestamp, _ later: Timestamp) -> String {
        let sameYear = CalendarTime(earlier).year == CalendarTime(later).year
        return "\(sameYear ? day(earlier) : date(earlier)) and \(date(later))"
    }

    /// 12s ago, 5m ago, 3h ago, 2d ago up to two weeks, then weeks. What has not happened yet is "now".
    static func relative(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = (now - moment).milliseconds / 1_000
        switch seconds {
        case ..<5: return "now"
        case ..<60: return "\(seconds)s ago"
        case ..<3_600: return "\(seconds / 60)m ago"
        case ..<86_400: return "\(seconds / 3_600)h ago"
        case ..<1_209_600: return "\(seconds / 86_400)d ago"
        default: return "\(seconds / 604_800)w ago"
        }
    }

    /// 84 ms · 1.9 s · 18m 42s · 2h 04m · 3d 04h
    static func duration(_ length: Duration) -> String {
        let milliseconds = max(0, length.milliseconds)
        let seconds = Int(milliseconds / 1_000)
        switch milliseconds {
        case ..<1_000: return "\(milliseconds) ms"
        case ..<59_950: return "\((milliseconds + 50) / 1_000).\((milliseconds + 50) / 100 % 10) s"
        case ..<3_600_000: return "\(max(1, seconds / 60))m \((seconds < 60 ? 0 : seconds % 60).padded(2))s"
        case ..<86_400_000: return "\(seconds / 3_600)h \((seconds / 60 % 60).padded(2))m"
        default: return "\(seconds / 86_400)d \((seconds / 3_600 % 24).padded(2))h"
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
}

extension HTML {
    /// How long ago something happened, kept current by the script, with the exact moment in `title`.
    static func timeAgo(_ moment: Timestamp, now: Timestamp) -> HTML {
        #"""
        <time datetime="\#(moment.rfc3339)" title="\#(TimeText.moment(moment))" data-rel>\#(
            TimeText.relative(moment, now: now))</time>
        """#
    }

    /// A moment in words of the page's choice.
    static func time(_ moment: Timestamp, as words: String) -> HTML {
        #"<time datetime="\#(moment.rfc3339)" title="\#(TimeText.moment(moment))">\#(words)</time>"#
    }
}
