/// Rows in another order: `order` has, at each new place, the row that comes there.
extension Array {
    mutating func reorder(_ order: [UInt32]) {
        let old = self
        self = order.map { old[Int($0)] }
    }
}

/// Sorting of millions of rows.
enum RowOrder {
    private static let bits: UInt64 = 11
    private static let digits = 1 << Int(bits)

    /// `rows` by rising key; rows with equal keys stay as they are.
    ///
    /// A radix sort, eleven bits at a time from the lowest: it compares nothing, so it takes a fraction of the time
    /// that comparing millions of rows takes. Digits that are alike in all keys cost one look.
    /// - Parameter keys: by row.
    static func sorted(_ rows: [UInt32], by keys: [UInt64]) -> [UInt32] {
        guard let (least, largest) = bounds(keys) else { return rows }
        // The range of the keys and the rows fit into one number nearly always; then nothing is looked up on the way.
        let ofRow = UInt64(32 - UInt32(keys.count).leadingZeroBitCount)
        if largest - least < (1 << (64 - ofRow)) - 1 {
            return sortedPacked(rows, by: keys, least...largest, ofRow)
        }
        return sortedByLooking(rows, by: keys)
    }

    /// Of the keys that are not the very last one, which stands for "missing".
    private static func bounds(_ keys: [UInt64]) -> (least: UInt64, largest: UInt64)? {
        var (least, largest) = (UInt64.max, UInt64(0))
        for key in keys where key != .max { (least, largest) = (min(least, key), max(largest, key)) }
        return least <= largest ? (least, largest) : nil
    }

    /// Some rows by rising key, and by their own numbers where keys are equal.
    /// - Parameters:
    ///   - keys: of each of the rows.
    ///   - count: how many rows there are in all.
    static func sorted(_ rows: [UInt32], by keys: [UInt64], of count: Int) -> [UInt32] {
        let (least, largest) = bounds(keys) ?? (0, 0)
        let ofRow = UInt64(32 - UInt32(count).leadingZeroBitCount)
        guard largest - least < (1 << (64 - ofRow)) - 1 else {
            return rows.indices.sorted { (keys[$0], rows[$0]) < (keys[$1], rows[$1]) }.map { rows[$0] }
        }
        let missing = largest - least + 1
        var packed = zip(rows, keys).map { row, key in
            (key == .max ? missing : key - least) << ofRow | UInt64(row)
        }
        if packed.count < digits { packed.sort() } else { sort(&packed, from: 0) }
        let row = (UInt64(1) << ofRow) - 1
        return packed.map { UInt32($0 & row) }
    }

    /// - Parameter ofRow: how many bits a row number takes.
    private static func sortedPacked(
        _ rows: [UInt32], by keys: [UInt64], _ bounds: ClosedRange<UInt64>, _ ofRow: UInt64
    ) -> [UInt32] {
        let missing = bounds.upperBound - bounds.lowerBound + 1
        var packed = rows.map { row in
            let key = keys[Int(row)]
            return (key == .max ? missing : key - bounds.lowerBound) << ofRow | UInt64(row)
        }
        sort(&packed, from: ofRow)
        let row = (UInt64(1) << ofRow) - 1
        return packed.map { UInt32($0 & row) }
    }

    /// - Parameter first: the lowest bit that counts.
    private static func sort(_ packed: inout [UInt64], from first: UInt64) {
        var next = [UInt64](repeating: 0, count: packed.count)
        var counts = [Int](repeating: 0, count: digits)
        let mask = UInt64(digits - 1)
        let differing = differingBits(packed)
        for shift in stride(from: first, to: 64, by: Int(bits)) where (differing >> shift) & mask != 0 {
            for digit in counts.indices { counts[digit] = 0 }
            for value in packed { counts[Int((value >> shift) & mask)] += 1 }
            var start = 0
            for digit in counts.indices { (counts[digit], start) = (start, start + counts[digit]) }
            for value in packed {
                let digit = Int((value >> shift) & mask)
                next[counts[digit]] = value
                counts[digit] += 1
            }
            swap(&packed, &next)
        }
    }

    private static func sortedByLooking(_ rows: [UInt32], by keys: [UInt64]) -> [UInt32] {
        var (rows, next) = (rows, [UInt32](repeating: 0, count: rows.count))
        var counts = [Int](repeating: 0, count: digits)
        let mask = UInt64(digits - 1)
        let differing = differingBits(keys)
        for shift in stride(from: UInt64(0), to: 64, by: Int(bits)) where (differing >> shift) & mask != 0 {
            for digit in counts.indices { counts[digit] = 0 }
            for row in rows { counts[Int((keys[Int(row)] >> shift) & mask)] += 1 }
            var start = 0
            for digit in counts.indices { (counts[digit], start) = (start, start + counts[digit]) }
            for row in rows {
                let digit = Int((keys[Int(row)] >> shift) & mask)
                next[counts[digit]] = row
                counts[digit] += 1
            }
            swap(&rows, &next)
        }
        return rows
    }

    private static func differingBits(_ keys: [UInt64]) -> UInt64 {
        guard let first = keys.first else { return 0 }
        var differing: UInt64 = 0
        for key in keys { differing |= key ^ first }
        return differing
    }

    /// The order that puts rows at their ranks, which are 1, 2, 3 and so on in whatever order.
    static func ofRanks(_ ranks: [UInt32]) -> [UInt32] {
        var order = [UInt32](repeating: .max, count: ranks.count)
        for (row, rank) in ranks.enumerated() where rank > 0 && rank <= ranks.count {
            order[Int(rank) - 1] = UInt32(row)
        }
        guard order.contains(.max) else { return order }
        // Ranks with gaps or repeats: their order is all that they say.
        return sorted((0..<UInt32(ranks.count)).map(\.self), by: ranks.map(UInt64.init))
    }
}
