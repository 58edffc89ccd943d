/// Which ids have a word in them, without a look at each id.
///
/// Ids are made of parts, such as `meta`, `llama`, `3` and `8b`, and most parts are in many ids: of each of those the
/// rows are known. What remains of an id, such as a number of its own, is searched; that is a quarter of all ids' text.
/// Upper and lower case of ASCII letters are alike.
struct NameIndex: Sendable {
    /// A part that is in so many ids is one of those whose rows are known.
    static let usualCommon = 64
    private static let betweenParts: UInt8 = 1
    /// Parts are counted by so many hashes; two that share one are counted as one, which only makes more of them known.
    private static let hashes = 1 << 22

    private let ids: TextColumn
    /// The common parts, in the order of their codes from 1.
    private let common: PackedTexts
    private let rows: ValueRows
    /// The other parts of each id.
    private let rest: PackedTexts

    init(_ ids: TextColumn, common least: Int = usualCommon) {
        var counts = [UInt8](repeating: 0, count: Self.hashes)
        let limit = UInt8(clamping: least)
        ids.eachPart { _, hash, _ in
            let place = Int(hash & UInt64(Self.hashes - 1))
            if counts[place] < limit { counts[place] += 1 }
        }
        var (parts, rest, row) = (Parts(), PackedTexts(), 0)
        ids.eachPart { next, hash, text in
            while row < next {
                rest.endText()
                row += 1
            }
            if counts[Int(hash & UInt64(Self.hashes - 1))] >= limit { return parts.count(hash, text, of: ids) }
            ids.eachByte(text) { rest.append($0) }
            rest.append(Self.betweenParts)
        }
        while row < ids.count {
            rest.endText()
            row += 1
        }
        (self.ids, self.rest, common) = (ids, rest, parts.texts)
        rows = ValueRows(parts.counts, of: ids.count) { body in
            ids.eachPart { row, hash, text in body(row, parts.code(hash, text, of: ids)) }
        }
    }

    /// The rows whose id has `word` in it.
    /// - Parameter word: in lower case.
    func rows(having word: [UInt8]) -> RowSet {
        let pieces = word.split(whereSeparator: TextColumn.isBetweenParts).map { Array($0) }
        guard pieces.count != 1 || pieces[0].count != word.count else { return rows(ofParts: word) }
        var found = RowSet(all: ids.count)
        for piece in pieces { found.formIntersection(rows(ofParts: piece)) }
        var exact = RowSet(none: ids.count)
        for row in found.rows(count: found.count) where ids.has(word, at: Int(row)) { exact.insert(row) }
        return exact
    }

    private func rows(ofParts piece: [UInt8]) -> RowSet {
        var found = RowSet(none: ids.count)
        common.each(having: piece) { rows.insert($0 + 1, into: &found) }
        rest.each(having: piece) { found.insert(UInt32($0)) }
        return found
    }

    /// The common parts while they are found.
    private struct Parts {
        /// By code, from 1.
        private(set) var counts = [0]
        private(set) var texts = PackedTexts()
        private var column = TextColumn()
        private var hashes: [UInt64] = []
        /// Codes, each at the place that its hash asks for or one of the next; 0 is a free place.
        private var slots = [UInt32](repeating: 0, count: 1 << 12)

        /// The code of a part; 0 where it is none of the common ones.
        func code(_ hash: UInt64, _ text: Range<Int>, of ids: TextColumn) -> Int { Int(slots[slot(hash, text, ids)]) }

        mutating func count(_ hash: UInt64, _ text: Range<Int>, of ids: TextColumn) {
            let slot = slot(hash, text, ids)
            if slots[slot] != 0 { return counts[Int(slots[slot])] += 1 }
            slots[slot] = UInt32(counts.count)
            counts.append(1)
            hashes.append(hash)
            column.append(ids, text)
            ids.eachByte(text) { texts.append($0) }
            texts.endText()
            if counts.count * 2 > slots.count { makeRoom() }
        }

        private func slot(_ hash: UInt64, _ text: Range<Int>, _ ids: TextColumn) -> Int {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 {
                let place = Int(slots[slot]) - 1
                if hashes[place] == hash, column.isEqual(place, to: text, of: ids) { break }
                slot = (slot + 1) & (slots.count - 1)
            }
            return slot
        }

        private mutating func makeRoom() {
            slots = [UInt32](repeating: 0, count: slots.count * 2)
            for (place, hash) in hashes.enumerated() {
                var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
                while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
                slots[slot] = UInt32(place + 1)
            }
        }
    }
}
