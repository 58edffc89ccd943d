/// Which rows of a snapshot a filter keeps, a bit each: a third of a megabyte for a whole Hub.
struct RowSet: Sendable {
    private let bits: [UInt64]

    init(_ mask: [Bool]) {
        var bits = [UInt64](repeating: 0, count: (mask.count + 63) / 64)
        let (rows, words) = (mask.span, bits.count)
        for word in 0..<words {
            var part: UInt64 = 0
            for bit in 0..<min(64, rows.count - word * 64) where rows[word * 64 + bit] { part |= 1 << UInt64(bit) }
            bits[word] = part
        }
        self.bits = bits
    }

    func contains(_ row: UInt32) -> Bool { bits[Int(row >> 6)] & (1 << UInt64(row & 63)) != 0 }

    /// What it costs to keep it, counted in row numbers.
    var weight: Int { bits.count * 2 }

    /// How many rows all of the sets have.
    static func count(_ sets: [RowSet]) -> Int {
        var count = 0
        eachWord(sets) { count += $1.nonzeroBitCount }
        return count
    }

    /// The rows that all of the sets have, ascending.
    static func rows(_ sets: [RowSet], count: Int) -> [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        eachWord(sets) { place, word in
            var left = word
            while left != 0 {
                rows.append(UInt32(place * 64 + left.trailingZeroBitCount))
                left &= left - 1
            }
        }
        return rows
    }

    private static func eachWord(_ sets: [RowSet], _ body: (_ place: Int, _ word: UInt64) -> Void) {
        guard var common = sets.first?.bits else { return }
        for set in sets.dropFirst() {
            for place in common.indices { common[place] &= set.bits[place] }
        }
        for (place, word) in common.enumerated() where word != 0 { body(place, word) }
    }
}

/// The rows that a list of models is made of, in order, without a copy of all of them: a reader sees a page.
struct RowSelection: Sendable {
    private let order: [UInt32]
    /// What all of the list's rows are in; without any, `order` has the rows of the list and no others.
    private let kept: [RowSet]
    let count: Int

    init(_ order: [UInt32]) {
        (self.order, kept, count) = (order, [], order.count)
    }

    init(_ order: [UInt32], _ kept: [RowSet], count: Int) {
        (self.order, self.kept, self.count) = (order, kept, count)
    }

    private func has(_ row: UInt32) -> Bool {
        for set in kept where !set.contains(row) { return false }
        return true
    }

    /// The rows at some places of the list.
    func rows(_ places: Range<Int>) -> ArraySlice<UInt32> {
        if kept.isEmpty { return order[places] }
        var (found, place) = ([UInt32](), 0)
        found.reserveCapacity(places.count)
        for row in order where has(row) {
            if place >= places.upperBound { break }
            if place >= places.lowerBound { found.append(row) }
            place += 1
            if place == places.upperBound { break }
        }
        return found[...]
    }

    var all: [UInt32] { kept.isEmpty ? order : order.filter { has($0) } }
}
