/// The canonical form of JSON (RFC 8785): two texts that say the same have the same bytes, and so the same digest.
///
/// Members are sorted by the UTF-16 of their keys, numbers are doubles written as ECMAScript writes them, and there is
/// no white space. Repeated keys are the caller's to refuse (``JSONDocument/firstDuplicateKey()``): I-JSON, which the
/// form is defined for, has none.
package enum CanonicalJSON {
    /// - Parameter key: of an object, a key that is left out of the form.
    package static func bytes(of node: JSONNode, without key: String? = nil) -> [UInt8] {
        var writer = JSONWriter()
        write(node, to: &writer, without: key)
        return writer.finished()
    }

    /// Doubles hold each whole number up to here.
    private static let exact: UInt64 = 1 << 53

    /// The document's depth limit bounds the recursion.
    private static func write(_ node: JSONNode, to json: inout JSONWriter, without left: String? = nil) {
        switch node.kind {
        case .object:
            json.beginObject()
            for (key, value) in node.members.sorted(by: { precedes($0.key, $1.key) }) where key != left {
                json.key(text: key)
                write(value, to: &json)
            }
            json.endObject()
        case .array:
            json.beginArray()
            for element in node.elements { write(element, to: &json) }
            json.endArray()
        case .integer:
            if let number = node.int64, number.magnitude <= exact {
                json.integer(number)
            } else {
                json.double(node.double)
            }
        default: json.node(node)
        }
    }

    /// Whether one key stands before another by their UTF-16 code units.
    ///
    /// The order of UTF-8 is the same but for one thing: characters beyond U+FFFF are surrogates there, which stand
    /// before U+E000…U+FFFF.
    static func precedes(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left.utf8.makeIterator(), right.utf8.makeIterator())
        while let other = right.next() {
            guard let own = left.next() else { return true }
            if own != other { return rank(own) < rank(other) }
        }
        return false
    }

    /// U+E000…U+FFFF begin with 0xEE or 0xEF, what is beyond them with 0xF0 to 0xF4.
    private static func rank(_ byte: UInt8) -> UInt8 { byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte }
}
