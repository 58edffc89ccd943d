/// How pairs are written behind a `?`, and in forms.
enum QueryText {
    /// `?a=1&b=2`, or nothing where there are no pairs.
    static func suffix(_ pairs: [(name: String, value: String)]) -> String {
        pairs.isEmpty ? "" : "?" + encode(pairs)
    }

    static func encode(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&")
    }

    /// A path of several segments: the slashes between them stay.
    static func path(_ text: String) -> String {
        text.split(separator: "/", omittingEmptySubsequences: false).map { percentEncoded(String($0)) }
            .joined(separator: "/")
    }

    /// RFC 3986: everything but the unreserved characters as `%XX`.
    static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if isUnreserved(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
