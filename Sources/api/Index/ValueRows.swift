/// The rows of each value of a column: a bit for each row where many have the value, else their numbers one after the
/// other. A few values of a Hub have most of its rows, and a hundred thousand have the others.
struct ValueRows: Sendable {
    /// A set takes a bit of each row, and a row number 32.
    private static let denseShare = 32

    private let rows: Int
    /// Of each code the place of its set plus 1; 0 where few rows have it.
    private let places: [UInt8]
    private let sets: [RowSet]
    /// The rows of the other codes, ascending, one code after the other.
    private let grouped: [UInt32]
    private let starts: [UInt32]
    /// How many rows have each code; at 0 those without a value.
    let counts: [UInt32]
    /// The codes that rows have, the commonest first and then as they came; 0 is none of them.
    private let byCount: [UInt32]

    init(_ column: CodedColumn, count: Int) {
        self.init(column.counts, of: count) { column.each($0) }
    }

    /// - Parameters:
    ///   - counts: of each code; 0 stands for no value.
    ///   - each: says the code of each row, the rows ascending.
    init(_ counts: [Int], of rows: Int, each: (_ body: (_ row: Int, _ code: Int) -> Void) -> Void) {
        var (starts, end, places, sets) = ([UInt32](), UInt32(0), [UInt8](), [RowSet]())
        for (code, count) in counts.enumerated() {
            starts.append(end)
            let isDense = code != 0 && count > 0 && count * Self.denseShare >= rows && sets.count < Int(UInt8.max)
            if isDense { sets.append(RowSet(none: rows)) } else if code != 0 { end += UInt32(count) }
            places.append(isDense ? UInt8(sets.count) : 0)
        }
        starts.append(end)
        var (grouped, next) = ([UInt32](repeating: 0, count: Int(end)), starts)
        each { row, code in
            guard code != 0 else { return }
            if places[code] != 0 { return sets[Int(places[code]) - 1].insert(UInt32(row)) }
            grouped[Int(next[code])] = UInt32(row)
            next[code] += 1
        }
        (self.rows, self.places, self.sets, self.grouped, self.starts) = (rows, places, sets, grouped, starts)
        self.counts = counts.map { UInt32($0) }
        let codes = (0..<UInt32(counts.count)).dropFirst().filter { counts[Int($0)] > 0 }
        byCount = RowOrder.sorted(codes, by: counts.map { UInt64(rows - min($0, rows)) })
    }

    private func set(_ code: Int) -> RowSet? { places[code] == 0 ? nil : sets[Int(places[code]) - 1] }

    private func few(_ code: Int) -> ArraySlice<UInt32> { grouped[Int(starts[code])..<Int(starts[code + 1])] }

    /// The rows that have a code, ascending.
    func rows(_ code: Int) -> [UInt32] { set(code)?.rows(count: Int(counts[code])) ?? Array(few(code)) }

    /// The rows that have any of some codes.
    func rows(of codes: [Int]) -> RowSet {
        if codes.count == 1, let set = set(codes[0]) { return set }
        var found = RowSet(none: rows)
        for code in codes { insert(code, into: &found) }
        return found
    }

    func insert(_ code: Int, into found: inout RowSet) {
        if let set = set(code) { return found.formUnion(set) }
        for row in few(code) { found.insert(row) }
    }

    /// How many rows of a set have a code.
    func count(_ code: Int, in set: RowSet) -> Int {
        if let own = self.set(code) { return RowSet.count(own, set) }
        var count = 0
        for row in few(code) where set.contains(row) { count += 1 }
        return count
    }

    /// The codes that most rows of a set have, with how many; of equal ones the first.
    ///
    /// Codes are looked at from the commonest, and once what remains has fewer rows in all than those found have in
    /// the set, there is nothing more to find.
    func largest(_ limit: Int, in set: RowSet) -> [LargestCodes.Entry] {
        var largest = LargestCodes(limit)
        for code in byCount {
            if largest.isBeyond(Int(counts[Int(code)]), Int(code)) { break }
            largest.offer(count(Int(code), in: set), Int(code))
        }
        return largest.entries
    }
}

/// The codes with the largest counts above none; of equal ones the first.
struct LargestCodes {
    typealias Entry = (count: Int, code: Int)

    private let limit: Int
    private(set) var entries: [Entry] = []

    init(_ limit: Int) {
        self.limit = limit
    }

    private static func comes(_ one: Entry, before other: Entry) -> Bool {
        one.count == other.count ? one.code < other.code : one.count > other.count
    }

    /// Whether neither this nor any entry that comes behind it would be kept.
    func isBeyond(_ count: Int, _ code: Int) -> Bool {
        guard entries.count == limit, let last = entries.last else { return limit == 0 }
        return Self.comes(last, before: (count, code))
    }

    /// - Parameter isKnown: whether the code may have been offered before.
    mutating func offer(_ count: Int, _ code: Int, isKnown: Bool = false) {
        guard count > 0, !isBeyond(count, code) else { return }
        if isKnown, entries.contains(where: { $0.code == code }) { return }
        entries.insert((count, code), at: entries.firstIndex { Self.comes((count, code), before: $0) } ?? entries.count)
        if entries.count > limit { entries.removeLast() }
    }
}
