import Model

/// A text of few different values a row, kept once each. Row values are codes; 0 stands for "unknown".
struct CodedColumn: Sendable {
    private(set) var codes: [UInt32] = []
    private(set) var words: [String] = []
    private var known: [String: UInt32] = [:]

    mutating func append(_ text: String?) {
        guard let text else { return codes.append(0) }
        if let code = known[text] { return codes.append(code) }
        words.append(text)
        let code = UInt32(words.count)
        known[text] = code
        codes.append(code)
    }

    subscript(row: Int) -> String? {
        let code = codes[row]
        return code == 0 ? nil : words[Int(code) - 1]
    }

    /// Whether each code is that of one of `texts`, upper and lower case of ASCII letters being alike.
    func isAny(of texts: [String]) -> [Bool] {
        let wanted = texts.map(\.foldedBytes)
        return [false]
            + words.map { word in
                wanted.contains { text in
                    text.count == word.utf8.count && word.utf8.lazy.map(TextColumn.lowercased).elementsEqual(text)
                }
            }
    }

    mutating func reorder(_ order: [UInt32]) { codes.reorder(order) }

    /// The code of one value, 0 where no row has it.
    func code(of text: String) -> UInt32 { known[text] ?? 0 }

    func word(_ code: UInt32) -> String { words[Int(code) - 1] }

    /// How many rows have each code, by code; at 0 those without a value.
    var counts: [Int] {
        var counts = [Int](repeating: 0, count: words.count + 1)
        for code in codes { counts[Int(code)] += 1 }
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

/// A number a row, or "unknown".
struct NumberColumn: Sendable {
    static let unknown = Int64.min
    private(set) var values: [Int64] = []

    mutating func append(_ value: Int64?) { values.append(value ?? Self.unknown) }

    mutating func reorder(_ order: [UInt32]) { values.reorder(order) }

    subscript(row: Int) -> Int64? {
        let value = values[row]
        return value == Self.unknown ? nil : value
    }
}

/// A change a row, or the reason why there is none.
struct DeltaColumn: Sendable {
    private(set) var values = NumberColumn()
    private var reasons = CaseColumn<MissingReason>()

    mutating func append(_ delta: Delta) {
        values.append(delta.value)
        reasons.append(delta.reason)
    }

    mutating func reorder(_ order: [UInt32]) {
        values.reorder(order)
        reasons.reorder(order)
    }

    subscript(row: Int) -> Delta {
        if let value = values[row] { return .change(value) }
        return .missing(reasons[row] ?? .noBaseline)
    }
}
