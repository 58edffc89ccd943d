import JSON

/// A line of a CSV file that is being written: RFC 4180, ended by CR LF.
///
/// A text that begins like a formula (`= + - @`, TAB, CR) gets a `'` in front, so that a spreadsheet shows it and does
/// not run it (OWASP, "CSV Injection"). Numbers never do.
struct CSVLine {
    static let contentType = "text/csv; charset=utf-8; header=present"

    static func header(_ columns: [String]) -> [UInt8] { Array((columns.joined(separator: ",") + "\r\n").utf8) }

    private var bytes: [UInt8] = []
    private var isFirst = true
    private let isSafe: Bool

    init(isSafe: Bool) {
        self.isSafe = isSafe
    }

    private mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    /// What is unknown is an empty field.
    mutating func text(_ text: String?) {
        separate()
        guard let text, let first = text.utf8.first else { return }
        var field = Array(text.utf8)
        if isSafe, "=+-@\t\r".utf8.contains(first) { field.insert(UInt8(ascii: "'"), at: 0) }
        guard field.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return bytes += field }
        bytes.append(UInt8(ascii: "\""))
        for byte in field {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func number(_ value: Int64?) {
        separate()
        if let value { bytes += Array(String(value).utf8) }
    }

    mutating func number(_ value: Double?) {
        separate()
        guard let value else { return }
        var json = JSONWriter(capacity: 24)
        json.double(value)
        bytes += json.finished()
    }

    /// A number that is written already, such as an amount of money.
    mutating func decimal(_ text: String?) {
        separate()
        if let text { bytes += Array(text.utf8) }
    }

    consuming func finished() -> [UInt8] { bytes + [13, 10] }
}
