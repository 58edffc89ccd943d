import Model

/// Moments as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter seconds: since the beginning of 1970, which was a Thursday.
    static func text(seconds: Int64) -> String {
        // As `1994-11-06T08:49:37.000Z`.
        let text = Array(Timestamp(milliseconds: seconds * 1_000).rfc3339)
        let day = days[Int((seconds / 86_400) % 7)]
        let month = months[(Int(String(text[5..<7])) ?? 1) - 1]
        return "\(day), \(String(text[8..<10])) \(month) \(String(text[0..<4])) \(String(text[11..<19])) GMT"
    }
}
