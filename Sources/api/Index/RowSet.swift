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

/// All rows of a snapshot in one order. The first of them are at hand, which is where most readers look; the whole is
/// made again for the others.
struct OrderedRows: Sendable {
    let first: [UInt32]
    /// `nil` where the first are all.
    private let making: (@Sendable () -> [UInt32])?

    init(_ rows: [UInt32]) {
        (first, making) = (rows, nil)
    }

    init(first: [UInt32], all making: @escaping @Sendable () -> [UInt32]) {
        (self.first, self.making) = (first, making)
    }

    var isWhole: Bool { making == nil }
    var all: [UInt32] { making.map { $0() } ?? first }
}

/// The rows that a list of models is made of, in order, without a copy of all of them: a reader sees a page.
struct RowSelection: Sendable {
    private let order: OrderedRows
    /// What all of the list's rows are in; without any, `order` has the rows of the list and no others.
    private let kept: [RowSet]
    let count: Int

    init(_ rows: [UInt32]) {
        (order, kept, count) = (OrderedRows(rows), [], rows.count)
    }

    init(_ order: OrderedRows, _ kept: [RowSet], count: Int) {
        (self.order, self.kept, self.count) = (order, kept, count)
    }

    private func has(_ row: UInt32) -> Bool {
        for set in kept where !set.contains(row) { return false }
        return true
    }

    /// The rows at some places of the list.
    func rows(_ places: Range<Int>) -> ArraySlice<UInt32> {
        guard !places.isEmpty else { return [] }
        let found = rows(places, among: order.first)
        return found.count == places.count || order.isWhole ? found : rows(places, among: order.all)
    }

    private func rows(_ places: Range<Int>, among order: [UInt32]) -> ArraySlice<UInt32> {
        if kept.isEmpty { return places.upperBound <= order.count ? order[places] : [] }
        var (found, place) = ([UInt32](), 0)
        found.reserveCapacity(places.count)
        for row in order where has(row) {
            if place >= places.lowerBound { found.append(row) }
            place += 1
            if place == places.upperBound { break }
        }
        return found[...]
    }

    var all: [UInt32] { kept.isEmpty ? order.all : order.all.filter { has($0) } }
}
