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
        var (now, parts) = (time(nil), tm())
        guard unsafe gmtime_r(&now, &parts) != nil else { return "Thu, 01 Jan 1970 00:00:00 GMT" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        return "\(day) \(1_900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }

    /// Sends what the socket takes at once, which is more than a refusal is long, and ends our half of the connection.
    func send(to descriptor: Int32) {
        _ = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        shutdown(descriptor, Int32(SHUT_WR))
    }
}
