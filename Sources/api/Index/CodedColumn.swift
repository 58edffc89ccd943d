import Model

/// A text of few different values a row, kept once each. Row values are codes; 0 stands for "unknown".
///
/// The values stand in one block of bytes, and a table of codes by hash finds them: roots and parents of a whole Hub
/// have half a million, for which an array and a dictionary of `String` take three times as much.
struct CodedColumn: Sendable {
    private var codes = Codes()
    private var words = TextColumn()
    /// Codes, each at the place that its word's hash asks for or one of the next; 0 is a free place.
    private var slots = [UInt32](repeating: 0, count: 16)

    mutating func append(_ text: String?) {
        guard let text else { return codes.append(0) }
        let slot = slot(of: text)
        if slots[slot] != 0 { return codes.append(slots[slot]) }
        words.append(text)
        slots[slot] = UInt32(words.count)
        codes.append(UInt32(words.count))
        if words.count * 2 > slots.count { makeRoom() }
    }

    /// The code of each row: two bytes until there are too many words for it.
    private enum Codes {
        case narrow([UInt16])
        case wide([UInt32])

        init() { self = .narrow([]) }

        subscript(row: Int) -> Int {
            switch self {
            case .narrow(let codes): Int(codes[row])
            case .wide(let codes): Int(codes[row])
            }
        }

        /// One pass over all rows, without a look at the width for each.
        func each(_ body: (_ row: Int, _ code: Int) -> Void) {
            switch self {
            case .narrow(let codes): for (row, code) in codes.enumerated() { body(row, Int(code)) }
            case .wide(let codes): for (row, code) in codes.enumerated() { body(row, Int(code)) }
            }
        }

        /// Those of some rows, without a look at the width for each.
        func of(_ rows: [UInt32]) -> [UInt32] {
            switch self {
            case .narrow(let codes): rows.map { UInt32(codes[Int($0)]) }
            case .wide(let codes): rows.map { codes[Int($0)] }
            }
        }

        mutating func append(_ code: UInt32) {
            switch self {
            case .narrow(var codes):
                self = .wide([])
                if code <= UInt16.max {
                    codes.append(UInt16(code))
                    self = .narrow(codes)
                } else {
                    self = .wide(codes.map(UInt32.init) + [code])
                }
            case .wide(var codes):
                self = .wide([])
                codes.append(code)
                self = .wide(codes)
            }
        }

        mutating func reorder(_ order: [UInt32]) {
            switch self {
            case .narrow(var codes):
                codes.reorder(order)
                self = .narrow(codes)
            case .wide(var codes):
                codes.reorder(order)
                self = .wide(codes)
            }
        }
    }

    /// Lets go of the rows of a mask whose code is not wanted.
    func keep(_ mask: inout [Bool], where isWanted: [Bool]) {
        codes.each { row, code in if !isWanted[code] { mask[row] = false } }
    }

    /// The code of each row, one after the other.
    func each(_ body: (_ row: Int, _ code: Int) -> Void) { codes.each(body) }

    /// The codes of some rows, one after the other.
    func codes(_ rows: [UInt32]) -> [UInt32] { codes.of(rows) }

    /// The code of a row's text; 0 is "unknown".
    func code(_ row: Int) -> Int { codes[row] }

    /// Where the code of a text stands, or would.
    private func slot(of text: String) -> Int {
        var slot = firstSlot(of: text)
        while slots[slot] != 0, !words.isEqual(Int(slots[slot]) - 1, text) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    /// Texts that differ in the case of ASCII letters only have the same, so that one look finds them all.
    private func firstSlot(of text: String) -> Int {
        var hash = Self.seed
        for byte in text.utf8 { hash = (hash ^ UInt64(TextColumn.lowercased(byte))) &* 0x9e37_79b9_7f4a_7c15 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32) & (slots.count - 1)
    }

    /// Another one in each process.
    private static let seed = UInt64.random(in: 0...UInt64.max)

    /// The codes of some texts, upper and lower case of ASCII letters being alike; what no row has is left out.
    func codes(of texts: [String]) -> [Int] {
        var found: Set<Int> = []
        for text in texts {
            let wanted = [text.foldedBytes]
            var slot = firstSlot(of: text)
            while slots[slot] != 0 {
                let code = Int(slots[slot])
                if words.isAny(of: wanted, at: code - 1) { found.insert(code) }
                slot = (slot + 1) & (slots.count - 1)
            }
        }
        return found.sorted()
    }

    private mutating func makeRoom() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for place in 0..<words.count { slots[slot(of: words[place])] = UInt32(place + 1) }
    }

    subscript(row: Int) -> String? {
        let code = codes[row]
        return code == 0 ? nil : words[code - 1]
    }

    /// Whether each code is that of one of `texts`, upper and lower case of ASCII letters being alike.
    func isAny(of texts: [String]) -> [Bool] {
        let wanted = texts.map(\.foldedBytes)
        return [false] + (0..<words.count).map { words.isAny(of: wanted, at: $0) }
    }

    mutating func reorder(_ order: [UInt32]) { codes.reorder(order) }

    /// The code of one value, 0 where no row has it.
    func code(of text: String) -> UInt32 { slots[slot(of: text)] }

    func word(_ code: UInt32) -> String { words[Int(code) - 1] }

    /// How many rows have each code, by code; at 0 those without a value.
    var counts: [Int] {
        var counts = [Int](repeating: 0, count: words.count + 1)
        codes.each { counts[$1] += 1 }
        return counts
    }
}

/// A value of a small enumeration a row, as its place in `allCases` plus 1; 0 is "unknown".
struct CaseColumn<Value: CaseIterable & Equatable & Sendable>: Sendable where Value.AllCases: Sendable {
    private(set) var codes: [UInt8] = []

    static func code(_ value: Value?) -> UInt8 {
        guard let value else { return 0 }
        for (place, other) in Value.allCases.enumerated() where other == value { return UInt8(place + 1) }
        return 0
    }

    mutating func append(_ value: Value?) { codes.append(Self.code(value)) }

    mutating func reorder(_ order: [UInt32]) { codes.reorder(order) }

    subscript(row: Int) -> Value? {
        let code = Int(codes[row])
        guard code > 0 else { return nil }
        return Value.allCases[Value.allCases.index(Value.allCases.startIndex, offsetBy: code - 1)]
    }
}

/// Yes, no or "unknown" a row.
struct FlagColumn: Sendable {
    static let yes: UInt8 = 2
    private(set) var codes: [UInt8] = []

    mutating func append(_ flag: Bool?) { codes.append(flag.map { $0 ? Self.yes : 1 } ?? 0) }

    mutating func reorder(_ order: [UInt32]) { codes.reorder(order) }

    subscript(row: Int) -> Bool? { codes[row] == 0 ? nil : codes[row] == Self.yes }
}

/// A number a row, or "unknown". Four bytes for each that is small in its unit, as nearly all counters are; the others
/// stand aside, each value once as long as there are few. A column without any number takes nothing.
struct NumberColumn: Sendable {
    private static let unknown = Int32.min
    /// Below it a row has the place of its value among `wide`.
    private static let least: Int32 = -1_000_000_000
    private static let few = 100_000

    private let unit: Int64
    private var count = 0
    /// Of all rows, or of none as long as none has a number.
    private var narrow: [Int32] = []
    private var wide: [Int64] = []
    private var known: [Int64: Int32] = [:]

    /// - Parameter unit: what most values are multiples of.
    init(unit: Int64 = 1) {
        self.unit = unit
    }

    mutating func append(_ value: Int64?) {
        count += 1
        guard let value else {
            if !narrow.isEmpty { narrow.append(Self.unknown) }
            return
        }
        if narrow.isEmpty { narrow = [Int32](repeating: Self.unknown, count: count - 1) }
        if let small = Int32(exactly: value / unit), value % unit == 0, small >= Self.least {
            return narrow.append(small)
        }
        if let place = known[value] { return narrow.append(place) }
        let place = Self.unknown + 1 + Int32(wide.count)
        precondition(place < Self.least, "a column has more than a billion large numbers")
        wide.append(value)
        if known.count < Self.few { known[value] = place }
        narrow.append(place)
    }

    mutating func reorder(_ order: [UInt32]) {
        if !narrow.isEmpty { narrow.reorder(order) }
    }

    subscript(row: Int) -> Int64? {
        guard !narrow.isEmpty else { return nil }
        let value = narrow[row]
        if value >= Self.least { return Int64(value) * unit }
        return value == Self.unknown ? nil : wide[Int(value - Self.unknown) - 1]
    }

    /// The rows that have a number, and one that is not below `least`.
    func rows(atLeast least: Int64) -> RowSet {
        guard !narrow.isEmpty else { return RowSet(none: count) }
        // Of the small ones, the whole units that are not below it.
        let units = least / unit + (least % unit > 0 ? 1 : 0)
        let large = wide.map { $0 >= least }
        let smallest = Int32(clamping: max(units, Int64(Self.least)))
        let isBeyond = units > Int64(Int32.max)
        let values = narrow.span
        guard large.contains(true) else {
            return isBeyond
                ? RowSet(none: narrow.count) : RowSet(of: narrow.count) { values[$0] >= smallest }
        }
        return RowSet(of: narrow.count) { row in
            let value = values[row]
            if value >= Self.least { return value >= smallest && !isBeyond }
            return value != Self.unknown && large[Int(value - Self.unknown) - 1]
        }
    }

    /// Whether a row has a number, and one that is not below `least`.
    func isAtLeast(_ least: Int64, at row: Int) -> Bool { self[row].map { $0 >= least } ?? false }
}

/// A number with one decimal a row, or "unknown"; what has more decimals stands aside.
struct RealColumn: Sendable {
    private static let unknown = Int32.min
    private static let least: Int32 = -1_000_000_000

    private var tenths: [Int32] = []
    private var others: [Double] = []

    mutating func append(_ value: Double?) {
        guard let value, !value.isNaN else { return tenths.append(Self.unknown) }
        let nearest = (value * 10).rounded()
        if abs(nearest) < 1e9, nearest / 10 == value, nearest != 0 || value.sign == .plus {
            return tenths.append(Int32(nearest))
        }
        let place = Self.unknown + 1 + Int32(others.count)
        precondition(place < Self.least, "a column has more than a billion uneven numbers")
        others.append(value)
        tenths.append(place)
    }

    mutating func reorder(_ order: [UInt32]) { tenths.reorder(order) }

    subscript(row: Int) -> Double? {
        let value = tenths[row]
        if value >= Self.least { return Double(value) / 10 }
        return value == Self.unknown ? nil : others[Int(value - Self.unknown) - 1]
    }
}

/// A change a row, or the reason why there is none.
///
/// Four bytes each: a change that is not near the smallest number, the place of one that is or is larger, or a reason.
struct DeltaColumn: Sendable {
    private static let least: Int32 = -1_000_000_000
    /// Below it are the places of large changes, above it the reasons.
    private static let firstReason: Int32 = least - 256

    private var narrow: [Int32] = []
    private var wide: [Int64] = []

    mutating func append(_ delta: Delta) {
        switch delta {
        case .missing(let reason): narrow.append(Self.firstReason + Int32(CaseColumn.code(reason)))
        case .change(let change):
            if let small = Int32(exactly: change), small >= Self.least { return narrow.append(small) }
            let place = Int32.min + Int32(wide.count)
            precondition(place < Self.firstReason, "a column has more than a billion large changes")
            wide.append(change)
            narrow.append(place)
        }
    }

    mutating func reorder(_ order: [UInt32]) { narrow.reorder(order) }

    subscript(row: Int) -> Delta {
        let value = narrow[row]
        if value >= Self.least { return .change(Int64(value)) }
        if value < Self.firstReason { return .change(wide[Int(value - .min)]) }
        let place = Int(value - Self.firstReason) - 1
        return .missing(MissingReason.allCases.indices.contains(place) ? MissingReason.allCases[place] : .noBaseline)
    }
}
