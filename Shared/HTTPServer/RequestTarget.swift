/// One `name=value` of a query, decoded.
package struct QueryItem: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The target of a request line, taken apart and decoded (RFC 9112, section 3.2; RFC 3986, section 2.1).
///
/// Accepts the origin form, the absolute form (its authority is dropped) and `*`.
struct RequestTarget: Equatable {
    let path: String
    let query: [QueryItem]

    /// Why a target cannot be decoded, as a sentence for the client.
    struct Malformed: Error, Equatable {
        let reason: String
    }

    init(_ raw: String) throws(Malformed) {
        let bytes = Array(raw.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "#") }) else {
            throw Malformed(reason: "The request target holds a character that must be percent-encoded.")
        }
        let origin = Self.originForm(of: bytes[...])
        let mark = origin.firstIndex(of: UInt8(ascii: "?")) ?? origin.endIndex
        let path = origin[..<mark]
        guard path.first == UInt8(ascii: "/") || path.elementsEqual("*".utf8) else {
            throw Malformed(reason: "The request target does not begin with a slash.")
        }
        self.path = try Self.decoded(path, plusIsSpace: false, part: "path")
        query = try Self.items(of: origin[mark...].dropFirst())
    }

    /// `http://host/path` is what a client sends to a proxy; a server must accept it too.
    private static func originForm(of target: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8) {
            let rest = target.dropFirst(scheme.utf8.count)
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
            let tail = rest[end...]
            return tail.first == UInt8(ascii: "/") ? tail : [UInt8(ascii: "/")] + tail
        }
        return target
    }

    /// The pairs of a query, or of a form that was sent as a body: they are written alike.
    static func items(of query: ArraySlice<UInt8>) throws(Malformed) -> [QueryItem] {
        var items: [QueryItem] = []
        for pair in query.split(separator: UInt8(ascii: "&")) {
            let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = try decoded(pair[..<mark], plusIsSpace: true, part: "query")
            let value = try decoded(pair[mark...].dropFirst(), plusIsSpace: true, part: "query")
            items.append(QueryItem(name, value))
        }
        return items
    }

    private static func decoded(
        _ encoded: ArraySlice<UInt8>, plusIsSpace: Bool, part: String
    ) throws(Malformed) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            let byte = encoded[index]
            index += 1
            switch byte {
            case UInt8(ascii: "%"):
                guard index + 2 <= encoded.endIndex, let high = hexadecimal(encoded[index]),
                    let low = hexadecimal(encoded[index + 1])
                else {
                    throw Malformed(reason: "The \(part) holds a percent sign without two hexadecimal digits.")
                }
                bytes.append(high << 4 | low)
                index += 2
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        guard bytes.contains(0) == false else { throw Malformed(reason: "The \(part) holds a NUL.") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Malformed(reason: "The \(part) is not UTF-8.")
        }
        return text
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
