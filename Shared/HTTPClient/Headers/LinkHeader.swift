/// Reads the `Link` header (RFC 8288).
package enum LinkHeader {
    /// The target of the first link whose relation is `next`, as it is written: it may be relative.
    ///
    /// Commas and semicolons within `<…>` and within quotes belong to the value. Only the first `rel` of a link
    /// counts, and a link with an `anchor` speaks about another resource (section 3.2 and 3.3).
    package static func next(in header: String) -> String? {
        var reader = LinkReader(header)
        while let link = reader.nextLink() {
            if link.relations.contains("next"), link.hasAnchor == false { return link.target }
        }
        return nil
    }
}

/// One link of the header.
private struct Link {
    var target: String
    var relations: Set<String> = []
    var hasRelation = false
    var hasAnchor = false
}

/// Walks over the bytes of a `Link` header. What is not a link is skipped up to the next comma.
private struct LinkReader {
    private var rest: Substring.UTF8View

    init(_ header: String) {
        rest = header[...].utf8
    }

    mutating func nextLink() -> Link? {
        while rest.isEmpty == false {
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            guard rest.first == UInt8(ascii: "<") else {
                skipPastComma()
                continue
            }
            rest.removeFirst()
            let target = take { $0 != UInt8(ascii: ">") }
            guard rest.popFirst() != nil else { return nil }
            var link = Link(target: target.filter { $0.isWhitespace == false })
            readParameters(into: &link)
            return link
        }
        return nil
    }

    private mutating func readParameters(into link: inout Link) {
        while true {
            skip(Self.isSpace)
            guard rest.first == UInt8(ascii: ";") else { break }
            rest.removeFirst()
            skip(Self.isSpace)
            let name = take { Self.isToken($0) }.lowercased()
            skip(Self.isSpace)
            var value = ""
            if rest.first == UInt8(ascii: "=") {
                rest.removeFirst()
                skip(Self.isSpace)
                value = rest.first == UInt8(ascii: "\"") ? quotedString() : take { Self.isToken($0) }
            }
            if name == "rel", link.hasRelation == false {
                link.hasRelation = true
                link.relations = Set(value.lowercased().split(separator: " ").map(String.init))
            }
            if name == "anchor" { link.hasAnchor = true }
        }
        skipPastComma()
    }

    private mutating func quotedString() -> String {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            bytes.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Leaves the link: a quoted comma does not end it.
    private mutating func skipPastComma() {
        while let byte = rest.first, byte != UInt8(ascii: ",") {
            if byte == UInt8(ascii: "\"") { _ = quotedString() } else { rest.removeFirst() }
        }
        _ = rest.popFirst()
    }

    private mutating func skip(_ belongs: (UInt8) -> Bool) {
        while let byte = rest.first, belongs(byte) { rest.removeFirst() }
    }

    private mutating func take(_ belongs: (UInt8) -> Bool) -> String {
        let taken = rest.prefix(while: belongs)
        rest = rest.dropFirst(taken.count)
        return String(Substring(taken))
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// Wider than RFC 9110's token, so that a careless unquoted value is still read.
    private static func isToken(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7f && ",;=\"<>".utf8.contains(byte) == false
    }
}
