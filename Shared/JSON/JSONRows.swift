/// The rows of a listing: the elements of an array, or of the array under one key of an object.
///
/// Where the text as a whole is refused, its rows are cut apart without parsing them and each is parsed by itself, so
/// that one with half of a surrogate pair, a number that no double holds or too deep a nesting costs itself alone. A
/// text whose brackets do not close, and one without any good row, stays refused as a whole.
package struct JSONRows: Sendable {
    /// A row, or why it is none with its text.
    package enum Row: Sendable {
        case good(JSONNode)
        case broken(JSONError, ArraySlice<UInt8>)
    }

    /// `nil` where the text is JSON and there is no such array.
    package let rows: [Row]?

    package init(parsing bytes: [UInt8], under key: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
        do throws(JSONError) {
            let root = try JSONDocument(parsing: bytes, limits: limits).root
            let array = root.kind == .object ? root[key] : root
            rows = array?.kind == .array ? array?.elements.map { .good($0) } : nil
        } catch {
            guard let cut = Self.cut(bytes, under: key, limits) else { throw error }
            rows = cut
        }
    }

    private static func cut(_ bytes: [UInt8], under key: String, _ limits: JSONLimits) -> [Row]? {
        var knife = ArrayCut(bytes, key: Array(key.utf8))
        guard bytes.count <= limits.bytes, let pieces = knife.pieces() else { return nil }
        let rows = pieces.map { piece -> Row in
            do throws(JSONError) {
                return .good(try JSONDocument(parsing: piece.span, limits: limits).root)
            } catch {
                return .broken(error, piece)
            }
        }
        let hasGood = rows.contains { if case .good = $0 { true } else { false } }
        return hasGood ? rows : nil
    }
}

/// Cuts an array apart at its commas. It follows strings and brackets, and judges nothing else.
private struct ArrayCut {
    private let bytes: [UInt8]
    private let key: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8], key: [UInt8]) {
        self.bytes = bytes
        self.key = key
    }

    /// - Returns: `nil` where brackets do not close, an element is empty, or something stands behind the end.
    mutating func pieces() -> [ArraySlice<UInt8>]? {
        skipSpace()
        let isMember = at("{")
        if isMember {
            place += 1
            guard findMember() else { return nil }
        }
        guard at("["), let pieces = elements() else { return nil }
        while isMember, at(",") {
            place += 1
            guard skipValue() else { return nil }
        }
        if isMember {
            guard at("}") else { return nil }
            place += 1
        }
        skipSpace()
        return place == bytes.count ? pieces : nil
    }

    /// Moves to the value of the member of the outermost object; only the first of that name counts.
    private mutating func findMember() -> Bool {
        while place < bytes.count {
            skipSpace()
            let start = place
            guard at("\""), skipString() else { return false }
            let isWanted = bytes[(start + 1)..<(place - 1)].elementsEqual(key)
            skipSpace()
            guard at(":") else { return false }
            place += 1
            skipSpace()
            if isWanted { return true }
            guard skipValue(), at(",") else { return false }
            place += 1
        }
        return false
    }

    /// The elements of the array that begins here; moves behind its end.
    private mutating func elements() -> [ArraySlice<UInt8>]? {
        var found: [ArraySlice<UInt8>] = []
        repeat {
            place += 1
            skipSpace()
            let start = place
            guard skipValue(), place > start, at(",") || at("]") else { return nil }
            found.append(bytes[start..<place])
        } while at(",")
        place += 1
        skipSpace()
        return found
    }

    /// Moves to the comma or bracket behind a value, or behind a member.
    private mutating func skipValue() -> Bool {
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                guard skipString() else { return false }
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if depth == 0 { return true }
                depth -= 1
            case UInt8(ascii: ","):
                if depth == 0 { return true }
            default: break
            }
            place += 1
        }
        return false
    }

    private mutating func skipString() -> Bool {
        place += 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): place += 2
            case UInt8(ascii: "\""):
                place += 1
                return true
            default: place += 1
            }
        }
        return false
    }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private func at(_ letter: Unicode.Scalar) -> Bool { place < bytes.count && bytes[place] == UInt8(ascii: letter) }
}
