import Model

/// Finds the moment of observation in the name of a file.
///
/// Recorders write `2026-05-04T0843Z`, `2026-05-04T08-43-19Z`, `20260504T084319965Z` or plain RFC 3339; colons cannot
/// stand in the names of many file systems. All mean UTC, and a date alone means its midnight.
enum MomentInName {
    static func moment(in path: String) -> Timestamp? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let bytes = Array(name.utf8)
        for start in bytes.indices where isDigit(bytes[start]) && (start == 0 || !isDigit(bytes[start - 1])) {
            if let moment = moment(at: start, of: bytes) { return moment }
        }
        return nil
    }

    private static func moment(at start: Int, of bytes: [UInt8]) -> Timestamp? {
        var scan = NameScan(bytes: bytes, index: start)
        guard let year = scan.digits(4) else { return nil }
        let dash = scan.takeAny("-_")
        guard let month = scan.digits(2), !dash || scan.takeAny("-_"), let day = scan.digits(2) else { return nil }
        let date = "\(year)-\(month)-\(day)"
        let atDate = scan
        guard scan.takeAny("Tt_ "), let hour = scan.digits(2) else { return bare(date, after: atDate) }
        _ = scan.takeAny(":-_")
        guard let minute = scan.digits(2) else { return nil }
        let atMinute = scan
        var second = "00"
        var fraction = "000"
        _ = scan.takeAny(":-_")
        if let found = scan.digits(2) {
            second = found
            let atSecond = scan
            _ = scan.takeAny(".,-")
            if let found = scan.digits(3) { fraction = found } else { scan = atSecond }
        } else {
            scan = atMinute
        }
        // Without a zone the name may mean any place's clock.
        guard scan.takeAny("Zz"), scan.isAtDigitsEnd else { return nil }
        return Timestamp(rfc3339: "\(date)T\(hour):\(minute):\(second).\(fraction)Z")
    }

    private static func bare(_ date: String, after scan: NameScan) -> Timestamp? {
        scan.isAtDigitsEnd ? Timestamp(rfc3339: date) : nil
    }

    fileprivate static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}

/// Steps over the bytes of a name.
private struct NameScan {
    let bytes: [UInt8]
    var index: Int

    var isAtDigitsEnd: Bool { index >= bytes.count || !MomentInName.isDigit(bytes[index]) }

    mutating func digits(_ count: Int) -> String? {
        guard index + count <= bytes.count else { return nil }
        let part = bytes[index..<index + count]
        guard part.allSatisfy(MomentInName.isDigit) else { return nil }
        index += count
        return String(decoding: part, as: UTF8.self)
    }

    mutating func takeAny(_ choices: StaticString) -> Bool {
        guard index < bytes.count, choices.description.utf8.contains(bytes[index]) else { return false }
        index += 1
        return true
    }
}
