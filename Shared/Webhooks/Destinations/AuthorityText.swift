/// The part of a URL that says where to connect: host and port, read strictly.
package struct AuthorityText {
    package let host: DestinationURL.Host
    package let port: UInt16?

    /// Everything between `//` and the path.
    package init(_ text: String) throws(DestinationRefusal) {
        guard !text.contains("@") else { throw .userInfo }
        guard !text.isEmpty else { throw .noHost }
        let after: Substring
        if text.hasPrefix("[") {
            guard let closing = text.firstIndex(of: "]") else { throw .addressSpelling(text) }
            host = try Self.bracketed(text[text.index(after: text.startIndex)..<closing])
            after = text[text.index(after: closing)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = try Self.unbracketed(text[..<colon].lowercased())
            after = text[colon...]
        }
        port = try Self.port(after)
    }

    private static func bracketed(_ text: Substring) throws(DestinationRefusal) -> DestinationURL.Host {
        guard !text.isEmpty else { throw .noHost }
        guard !text.contains("%") else { throw .scopedAddress }
        // IPv4 in an IPv6 spelling passes nowhere: whoever means the IPv4 address can write it.
        guard let address = IPAddress(String(text)), case .v6 = address, !isOtherSpelling(address) else {
            throw .addressSpelling("[\(text)]")
        }
        return .address(address)
    }

    private static func isOtherSpelling(_ address: IPAddress) -> Bool {
        if case .mapped? = EmbeddedIPv4(address) { true } else { false }
    }

    private static func unbracketed(_ text: String) throws(DestinationRefusal) -> DestinationURL.Host {
        guard !text.isEmpty else { throw .noHost }
        guard text.utf8.count <= 253 else { throw .hostTooLong }
        guard !text.hasSuffix(".") else { throw .trailingDot }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        // WHATWG URL, "ends in a number": other programs take such a host for an address, however it is written.
        if let last = labels.last, isNumber(last) {
            guard let address = IPAddress(text) else { throw .addressSpelling(text) }
            return .address(address)
        }
        for label in labels { try check(label) }
        return .name(text)
    }

    private static func isNumber(_ label: Substring) -> Bool {
        let digits = label.hasPrefix("0x") ? label.dropFirst(2) : label
        let isHex = digits.startIndex != label.startIndex
        return (!digits.isEmpty || isHex) && digits.utf8.allSatisfy { isHex ? isHexDigit($0) : isDigit($0) }
    }

    private static func check(_ label: Substring) throws(DestinationRefusal) {
        guard !label.isEmpty else { throw .hostName("two dots in a row, or a dot at its start") }
        guard label.utf8.count <= 63 else { throw .hostName("a part longer than 63 bytes") }
        guard label.utf8.allSatisfy({ isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }) else {
            throw .hostName("only letters, digits and hyphens may be in it (write other letters as punycode)")
        }
        guard !label.hasPrefix("-"), !label.hasSuffix("-") else { throw .hostName("a hyphen at an end of a part") }
        guard label != "xn--" else { throw .hostName("empty punycode") }
    }

    /// Empty, or a colon and a number without leading zeros.
    private static func port(_ text: Substring) throws(DestinationRefusal) -> UInt16? {
        guard !text.isEmpty else { return nil }
        let digits = text.dropFirst()
        guard text.hasPrefix(":"), let port = UInt16(digits), port > 0, String(port) == digits else {
            throw .malformedPort
        }
        return port
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
