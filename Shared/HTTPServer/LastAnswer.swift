import CMicroHTTPD
import Glibc

/// The last answer on a connection, as bytes: for requests that libmicrohttpd cannot read and would answer itself.
struct LastAnswer {
    let bytes: [UInt8]

    /// Only bodies that are there: a refusal is not a stream.
    init(_ response: Response) {
        var body: [UInt8] = []
        if case .bytes(let whole) = response.body { body = whole }
        let reason = unsafe MHD_get_reason_phrase_for(UInt32(response.status)).map { unsafe String(cString: $0) }
        var lines = ["HTTP/1.1 \(response.status) \(reason ?? "Refused")", "Connection: close", "Date: \(Self.date)"]
        for field in response.headers where Reply.reserved.allSatisfy({ !field.isNamed($0) }) {
            // A line break in a field would make two of it.
            guard !(field.name + field.value).utf8.contains(where: { $0 == 13 || $0 == 10 }) else { continue }
            lines.append("\(field.name): \(field.value)")
        }
        lines += ["Content-Length: \(body.count)", "", ""]
        bytes = Array(lines.joined(separator: "\r\n").utf8) + body
    }

    /// Now, as HTTP writes it (RFC 9110, section 5.6.7).
    private static var date: String {
        var clock = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &clock)
        let (days, rest) = Int(clock.tv_sec).quotientAndRemainder(dividingBy: 86_400)
        // Years from March on, so that the leap day is the last (Hinnant, "Low-Level Date Algorithms").
        let era = (days + 719_468) / 146_097
        let ofEra = days + 719_468 - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"]
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let day = "\(weekdays[days % 7]), \(two(ofYear - (153 * month + 2) / 5 + 1)) \(months[month])"
        let time = "\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        return "\(day) \(year + era * 400 + (month >= 10 ? 1 : 0)) \(time) GMT"
    }

    /// Sends what the socket takes at once, which is more than a refusal is long, and ends our half of the connection.
    func send(to descriptor: Int32) {
        _ = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        shutdown(descriptor, Int32(SHUT_WR))
    }
}
