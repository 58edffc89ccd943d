/// The URL of a webhook's receiver, taken apart and found acceptable.
///
/// Its grammar is a small part of RFC 3986, on purpose: whatever two parsers might read differently is refused, so that
/// nothing is judged here and dialled elsewhere. What passes is kept letter for letter, but for the host in lower case.
package struct DestinationURL: Hashable, Sendable {
    package static let longest = 2_048

    package enum Host: Hashable, Sendable, CustomStringConvertible {
        /// To be resolved, and judged by ``AddressPolicy`` at each attempt.
        case name(String)
        /// Judged already, and judged again at each attempt: the policy may change.
        case address(IPAddress)

        /// As a URL writes it.
        package var description: String {
            switch self {
            case .name(let name): name
            case .address(.v4(let bits)): IPAddress.v4(bits).description
            case .address(.v6(let bits)): "[\(IPAddress.v6(bits))]"
            }
        }
    }

    package let isSecure: Bool
    package let host: Host
    package let port: UInt16
    /// Path and query; at least `/`.
    package let target: String

    package init(_ text: String, allowHTTP: Bool, policy: AddressPolicy) throws(DestinationRefusal) {
        let bytes = [UInt8](text.utf8)
        guard bytes.count <= Self.longest else { throw .tooLong(limit: Self.longest) }
        if let offset = bytes.firstIndex(where: { !$0.isInURLs }) { throw .character(byteOffset: offset) }
        let (isSecure, start) = try Self.scheme(of: bytes)
        guard isSecure || allowHTTP else { throw .httpsRequired }

        let rest = bytes[start...]
        let end = rest.firstIndex { Self.endsAuthority($0) } ?? rest.endIndex
        let authority = try AuthorityText(String(decoding: rest[..<end], as: UTF8.self))
        let port = authority.port ?? (isSecure ? 443 : 80)
        switch authority.host {
        case .address(let address):
            if let refusal = policy.refusal(of: address, port: port) { throw refusal }
        case .name(let name):
            if Self.isLoopback(name), let refusal = policy.refusalOfLoopback(port: port) { throw refusal }
            guard policy.mayOpen(port) else { throw .port(port) }
        }
        self.isSecure = isSecure
        self.host = authority.host
        self.port = port
        target = try Self.target(rest[end...])
    }

    /// The whole URL, as it is dialled. The port is left out where the scheme implies it.
    package var text: String { origin + target }

    /// For logs: without the query, which often holds a token.
    package var redacted: String {
        guard let query = target.firstIndex(of: "?") else { return text }
        return "\(origin)\(target[..<query])?…"
    }

    private var origin: String {
        let implied: UInt16 = isSecure ? 443 : 80
        return "\(isSecure ? "https" : "http")://\(host)\(port == implied ? "" : ":\(port)")"
    }

    /// Names that mean this machine whatever a resolver says (RFC 6761, section 6.3).
    private static func isLoopback(_ name: String) -> Bool {
        name == "localhost" || name.hasSuffix(".localhost")
    }

    private static func scheme(of bytes: [UInt8]) throws(DestinationRefusal) -> (isSecure: Bool, length: Int) {
        for (prefix, isSecure) in [("https://", true), ("http://", false)] where bytes.starts(with: prefix.utf8) {
            return (isSecure, prefix.utf8.count)
        }
        throw .scheme
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func target(_ bytes: ArraySlice<UInt8>) throws(DestinationRefusal) -> String {
        if bytes.contains(UInt8(ascii: "#")) { throw .fragment }
        var hexDigitsDue = 0
        for byte in bytes {
            if hexDigitsDue > 0 {
                guard byte.isHexDigit else { throw .path("% without two hex digits") }
                hexDigitsDue -= 1
            } else if byte == UInt8(ascii: "%") {
                hexDigitsDue = 2
            } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") {
                throw .path("a bracket")
            }
        }
        guard hexDigitsDue == 0 else { throw .path("% without two hex digits") }
        let path = String(decoding: bytes.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) {
            let plain = segment.lowercased().replacing("%2e", with: ".")
            if plain == "." || plain == ".." { throw .path("a segment of dots") }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasPrefix("/") ? text : "/" + text
    }
}

extension UInt8 {
    /// The characters that RFC 3986 has, reserved ones included.
    fileprivate var isInURLs: Bool {
        guard (0x21...0x7E).contains(self) else { return false }
        return !"\"<>\\^`{|}".utf8.contains(self)
    }

    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
