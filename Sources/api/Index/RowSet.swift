/// Which rows of a snapshot a filter keeps, a bit each: a third of a megabyte for a whole Hub.
struct RowSet: Sendable {
    private let bits: [UInt64]
    let count: Int

    init(_ mask: [Bool]) {
        var bits = [UInt64](repeating: 0, count: (mask.count + 63) / 64)
        for row in mask.indices where mask[row] { bits[row >> 6] |= 1 << UInt64(row & 63) }
        self.bits = bits
        count = bits.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    func contains(_ row: UInt32) -> Bool { bits[Int(row >> 6)] & (1 << UInt64(row & 63)) != 0 }

    /// What it costs to keep it, counted in row numbers.
    var weight: Int { bits.count * 2 }
}

/// The rows that a list of models is made of, in order, without a copy of all of them: a reader sees a page.
struct RowSelection: Sendable {
    private let order: [UInt32]
    /// `nil` where `order` has the rows of the list and no others.
    private let kept: RowSet?
    let count: Int

    init(_ order: [UInt32]) {
        (self.order, kept, count) = (order, nil, order.count)
    }

    init(_ order: [UInt32], _ kept: RowSet) {
        (self.order, self.kept, count) = (order, kept, kept.count)
    }

    /// The rows at some places of the list.
    func rows(_ places: Range<Int>) -> ArraySlice<UInt32> {
        guard let kept else { return order[places] }
        var (found, place) = ([UInt32](), 0)
        found.reserveCapacity(places.count)
        for row in order where kept.contains(row) {
            if place >= places.upperBound { break }
            if place >= places.lowerBound { found.append(row) }
            place += 1
        }
        return found[...]
    }

    var all: [UInt32] { kept.map { kept in order.filter { kept.contains($0) } } ?? order }
}
