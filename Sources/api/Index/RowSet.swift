/// Which rows of a snapshot are meant, a bit each: a third of a megabyte for a whole Hub.
///
/// What readers ask for is made of such sets, 64 rows at a time: what all of several have, what any has, and how many
/// rows that is.
struct RowSet: Sendable {
    /// Bits behind the last row are 0.
    private var bits: [UInt64]

    /// None of so many rows.
    init(none count: Int) {
        bits = [UInt64](repeating: 0, count: (count + 63) / 64)
    }

    /// All of so many rows.
    init(all count: Int) {
        bits = [UInt64](repeating: .max, count: (count + 63) / 64)
        if count % 64 != 0 { bits[count / 64] = (1 << UInt64(count % 64)) - 1 }
    }

    init(_ mask: [Bool]) {
        self.init(of: mask.count) { mask[$0] }
    }

    /// The rows of `count` that something holds for.
    @inline(__always)
    init(of count: Int, _ holds: (Int) -> Bool) {
        self.init(none: count)
        for word in bits.indices {
            var part: UInt64 = 0
            for bit in 0..<min(64, count - word * 64) {
                part |= (holds(word * 64 + bit) ? 1 : 0) &<< UInt64(bit)
            }
            bits[word] = part
        }
    }

    func contains(_ row: UInt32) -> Bool { bits[Int(row >> 6)] & (1 << UInt64(row & 63)) != 0 }

    mutating func insert(_ row: UInt32) { bits[Int(row >> 6)] |= 1 << UInt64(row & 63) }

    /// What it costs to keep it, counted in row numbers.
    var weight: Int { bits.count * 2 }

    var count: Int {
        var count = 0
        for word in bits { count &+= word.nonzeroBitCount }
        return count
    }

    mutating func formIntersection(_ other: RowSet) {
        for place in 0..<min(bits.count, other.bits.count) { bits[place] &= other.bits[place] }
    }

    mutating func formUnion(_ other: RowSet) {
        for place in 0..<min(bits.count, other.bits.count) { bits[place] |= other.bits[place] }
    }

    mutating func subtract(_ other: RowSet) {
        for place in 0..<min(bits.count, other.bits.count) { bits[place] &= ~other.bits[place] }
    }

    /// How many rows two sets have in common.
    static func count(_ left: RowSet, _ right: RowSet) -> Int {
        let (one, other) = (left.bits.span, right.bits.span)
        var count = 0
        for place in 0..<min(one.count, other.count) { count &+= (one[place] & other[place]).nonzeroBitCount }
        return count
    }

    /// The rows that all of the sets have.
    /// - Parameter count: how many rows there are in all: without a set, all are meant.
    static func common(_ sets: [RowSet], of count: Int) -> RowSet {
        guard var common = sets.first else { return RowSet(all: count) }
        for set in sets.dropFirst() { common.formIntersection(set) }
        return common
    }

    /// The rows, ascending.
    func rows(count: Int) -> [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        for (place, word) in bits.enumerated() {
            var left = word
            while left != 0 {
                rows.append(UInt32(place * 64 + left.trailingZeroBitCount))
                left &= left - 1
            }
        }
        return rows
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
    /// Makes the list itself where it is short enough; else its rows are found on the way through all.
    private let making: (@Sendable () -> [UInt32])?
    let count: Int

    init(_ rows: [UInt32]) {
        (order, kept, making, count) = (OrderedRows(rows), [], nil, rows.count)
    }

    init(_ order: OrderedRows, _ kept: [RowSet], count: Int, own making: (@Sendable () -> [UInt32])? = nil) {
        (self.order, self.kept, self.making, self.count) = (order, kept, making, count)
    }

    private func has(_ row: UInt32) -> Bool {
        for set in kept where !set.contains(row) { return false }
        return true
    }

    /// The rows at some places of the list: most readers look at the first, which the first rows of the order have.
    func rows(_ places: Range<Int>) -> ArraySlice<UInt32> {
        guard !places.isEmpty else { return [] }
        let found = rows(places, among: order.first)
        if found.count == places.count || order.isWhole { return found }
        return making.map { $0()[places] } ?? rows(places, among: order.all)
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

    var all: [UInt32] {
        if kept.isEmpty { return order.all }
        return making.map { $0() } ?? order.all.filter { has($0) }
    }
}
