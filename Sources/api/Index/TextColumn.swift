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

    subscript(row: Int) -> String { String(decoding: bytes[range(row)], as: UTF8.self) }

    /// Bytewise.
    func isOrderedBefore(_ left: Int, _ right: Int) -> Bool {
        bytes[range(left)].lexicographicallyPrecedes(bytes[range(right)])
    }

    /// Bytewise against a text that is not in the column: below 0, 0 or above.
    func compare(_ row: Int, _ text: [UInt8]) -> Int {
        let own = bytes[range(row)]
        if own.lexicographicallyPrecedes(text) { return -1 }
        return own.elementsEqual(text) ? 0 : 1
    }

    /// Whether a row's text has `words` in it, each of them anywhere. Upper and lower case of ASCII letters are alike.
    /// - Parameter words: in lower case, none empty.
    func contains(_ words: [[UInt8]], at row: Int) -> Bool {
        let own = bytes[range(row)]
        return words.allSatisfy { word in Self.contains(own, word) }
    }

    /// Whether a row's text is one of `texts`, which are in lower case.
    func isAny(of texts: [[UInt8]], at row: Int) -> Bool {
        let own = bytes[range(row)]
        return texts.contains { $0.count == own.count && own.lazy.map(Self.lowercased).elementsEqual($0) }
    }

    private static func contains(_ text: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
        guard text.count >= word.count, let first = word.first else { return word.isEmpty }
        for start in text.startIndex...(text.endIndex - word.count) where lowercased(text[start]) == first {
            var offset = 1
            while offset < word.count, lowercased(text[start + offset]) == word[offset] { offset += 1 }
            if offset == word.count { return true }
        }
        return false
    }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
}

extension String {
    /// The bytes with ASCII letters in lower case: how names are compared, whatever their case.
    var foldedBytes: [UInt8] { utf8.map(TextColumn.lowercased) }

    /// Only ASCII letters change: the Hub has no others in its names.
    var withSmallLetters: String { String(decoding: foldedBytes, as: UTF8.self) }
}
