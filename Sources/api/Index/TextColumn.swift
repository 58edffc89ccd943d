/// Many texts in one block of bytes: 4 bytes a row beside the text itself, where an array of `String` takes 16 and a
/// heap block of its own for each that is longer than 15 bytes.
struct TextColumn: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [UInt32] = []

    var count: Int { ends.count }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        precondition(bytes.count <= UInt32.max, "a column of texts has at most 4 GiB")
        ends.append(UInt32(bytes.count))
    }

    private func range(_ row: Int) -> Range<Int> {
        (row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])
    }

    /// Puts other rows first, text and all, so that neighbours stay neighbours in memory.
    mutating func reorder(_ order: [UInt32]) {
        var fresh = TextColumn()
        fresh.ends.reserveCapacity(order.count)
        fresh.bytes.reserveCapacity(bytes.count)
        for row in order {
            fresh.bytes.append(contentsOf: bytes[range(Int(row))])
            fresh.ends.append(UInt32(fresh.bytes.count))
        }
        self = fresh
    }

    subscript(row: Int) -> String { String(decoding: bytes[range(row)], as: UTF8.self) }

    /// All rows by text, bytewise.
    ///
    /// Eight bytes of every text at a time are compared as one number, and only texts that are alike so far are looked
    /// at further: most ids of a Hub are told apart by sixteen bytes.
    func order() -> [UInt32] {
        var keyed = (0..<UInt32(count)).map { (key: eightBytes(of: Int($0), from: 0), row: $0) }
        sort(&keyed, keyed.indices, from: 0)
        return keyed.map(\.row)
    }

    /// - Parameter depth: how many bytes the texts of the range have in common.
    private func sort(_ keyed: inout [(key: UInt64, row: UInt32)], _ part: Range<Int>, from depth: Int) {
        keyed[part].sort { $0.key < $1.key }
        var start = part.lowerBound
        while start < part.upperBound {
            var end = start + 1
            while end < part.upperBound, keyed[end].key == keyed[start].key { end += 1 }
            if end - start > 1 { sortAlike(&keyed, start..<end, from: depth + 8) }
            start = end
        }
    }

    private func sortAlike(_ keyed: inout [(key: UInt64, row: UInt32)], _ part: Range<Int>, from depth: Int) {
        // Behind their ends texts count as zeros; what differs in nothing else goes by length.
        guard keyed[part].contains(where: { range(Int($0.row)).count > depth }) else {
            keyed[part].sort { (range(Int($0.row)).count, $0.row) < (range(Int($1.row)).count, $1.row) }
            return
        }
        for place in part { keyed[place].key = eightBytes(of: Int(keyed[place].row), from: depth) }
        sort(&keyed, part, from: depth)
    }

    private func eightBytes(of row: Int, from depth: Int) -> UInt64 {
        let range = range(row)
        var key: UInt64 = 0
        for place in (range.lowerBound + depth)..<(range.lowerBound + depth + 8) {
            key = key << 8 | (place < range.upperBound ? UInt64(bytes[place]) : 0)
        }
        return key
    }

    /// Bytewise against a text that is not in the column: below 0, 0 or above.
    func compare(_ row: Int, _ text: [UInt8]) -> Int {
        let own = bytes[range(row)]
        if own.lexicographicallyPrecedes(text) { return -1 }
        return own.elementsEqual(text) ? 0 : 1
    }

    /// What follows the first slash, or all where there is none.
    private func name(_ row: Int) -> ArraySlice<UInt8> {
        let own = bytes[range(row)]
        return own.firstIndex(of: UInt8(ascii: "/")).map { own[($0 + 1)...] } ?? own
    }

    /// The names of some rows, in their order.
    func names(of rows: [UInt32]) -> TextColumn {
        var names = TextColumn()
        names.ends.reserveCapacity(rows.count)
        for row in rows {
            names.bytes.append(contentsOf: name(Int(row)))
            names.ends.append(UInt32(names.bytes.count))
        }
        return names
    }

    /// A row's name bytewise against another: below 0, 0 or above.
    func compareName(_ row: Int, _ other: [UInt8]) -> Int {
        let own = name(row)
        if own.lexicographicallyPrecedes(other) { return -1 }
        return own.elementsEqual(other) ? 0 : 1
    }

    /// Two rows bytewise: below 0, 0 or above.
    func compare(_ row: Int, _ other: Int) -> Int {
        let (own, its) = (range(row), range(other))
        let texts = bytes.span
        for offset in 0..<min(own.count, its.count) {
            let (left, right) = (texts[own.lowerBound + offset], texts[its.lowerBound + offset])
            if left != right { return left < right ? -1 : 1 }
        }
        return own.count - its.count
    }

    func isEqual(_ row: Int, _ text: String) -> Bool { bytes[range(row)].elementsEqual(text.utf8) }

    /// Whether a row's text is one of `texts`, which are in lower case.
    func isAny(of texts: [[UInt8]], at row: Int) -> Bool {
        let own = bytes[range(row)]
        return texts.contains { $0.count == own.count && own.lazy.map(Self.lowercased).elementsEqual($0) }
    }

    /// The rows whose text is one of `texts`, which are in lower case.
    func rows(of texts: [[UInt8]]) -> [UInt32] {
        let lengths = Set(texts.map(\.count))
        guard let shortest = lengths.min(), let longest = lengths.max() else { return [] }
        var (found, start) = ([UInt32](), UInt32(0))
        for (row, end) in ends.enumerated() {
            let length = Int(end - start)
            if length >= shortest, length <= longest, lengths.contains(length), isAny(of: texts, at: row) {
                found.append(UInt32(row))
            }
            start = end
        }
        return found
    }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
}

extension TextColumn {
    /// Names are made of parts with one of these between them.
    @inline(__always)
    static func isBetweenParts(_ byte: UInt8) -> Bool {
        byte == 45 || byte == 46 || byte == 47 || byte == 95 || byte < 2
    }

    /// Each part of each row's text, with a hash of it in lower case and its place among all bytes.
    @inline(__always)
    func eachPart(_ body: (_ row: Int, _ hash: UInt64, _ part: Range<Int>) -> Void) {
        let texts = bytes.span
        var start = 0
        for row in 0..<count {
            let end = range(row).upperBound
            var hash: UInt64 = 0
            for place in start..<end {
                let byte = texts[place]
                if Self.isBetweenParts(byte) {
                    if place > start { body(row, hash ^ hash >> 32, start..<place) }
                    (start, hash) = (place + 1, 0)
                } else {
                    hash = (hash ^ UInt64(Self.lowercased(byte))) &* 0x9e37_79b9_7f4a_7c15
                }
            }
            if end > start { body(row, hash ^ hash >> 32, start..<end) }
            start = end
        }
    }

    /// The bytes of a part in lower case.
    @inline(__always)
    func eachByte(_ part: Range<Int>, _ body: (UInt8) -> Void) {
        for place in part { body(Self.lowercased(bytes[place])) }
    }

    /// Appends the part of a text of another column, in lower case.
    mutating func append(_ other: TextColumn, _ part: Range<Int>) {
        for place in part { bytes.append(Self.lowercased(other.bytes[place])) }
        ends.append(UInt32(bytes.count))
    }

    /// Whether a row has the part of a text of another column, in lower case.
    func isEqual(_ row: Int, to part: Range<Int>, of other: TextColumn) -> Bool {
        let own = range(row)
        guard own.count == part.count else { return false }
        for offset in 0..<own.count
        where bytes[own.lowerBound + offset] != Self.lowercased(other.bytes[part.lowerBound + offset]) {
            return false
        }
        return true
    }

    /// Whether a row's text has `word` in it, which is in lower case.
    func has(_ word: [UInt8], at row: Int) -> Bool {
        let (texts, wanted, range) = (bytes.span, word.span, range(row))
        guard range.count >= wanted.count else { return false }
        for start in range.lowerBound...(range.upperBound - wanted.count) {
            var offset = 0
            while offset < wanted.count, Self.lowercased(texts[start + offset]) == wanted[offset] { offset += 1 }
            if offset == wanted.count { return true }
        }
        return false
    }
}

extension String {
    /// The bytes with ASCII letters in lower case: how names are compared, whatever their case.
    var foldedBytes: [UInt8] { utf8.map(TextColumn.lowercased) }

    /// Only ASCII letters change: the Hub has no others in its names.
    var withSmallLetters: String { String(decoding: foldedBytes, as: UTF8.self) }
}
