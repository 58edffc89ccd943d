import Model

/// How many models each choice of the leaderboard's menus would show, given everything else that is selected.
///
/// Capabilities must all hold, so each is counted among the models that fit already. Of the others any may hold, so
/// each is counted as if nothing of its own menu were selected.
struct FacetCounts: Equatable, Sendable {
    /// A choice that is a text, and its models.
    struct Choice: Equatable, Sendable {
        let value: String
        let count: Int
    }

    let capabilities: [Capability: Int]
    let parameterClasses: [ParameterClass: Int]
    let licenseClasses: [LicenseClass: Int]
    let gated: [Gated: Int]
    let anomalies: Int
    /// Of texts there may be a hundred thousand: those that most models have, and whatever is selected; by name.
    let providers: [Choice]
    let licenses: [Choice]
    let pipelines: [Choice]
    let libraries: [Choice]

    init(_ counting: FacetCounting) {
        self.init(counting.kinds(), counting.texts())
    }

    /// The same with two halves at once, for a reader who waits.
    init(_ counting: FacetCounting) async {
        async let texts = counting.texts()
        let kinds = counting.kinds()
        self.init(kinds, await texts)
    }

    private init(_ kinds: FacetCounting.Kinds, _ texts: FacetCounting.Texts) {
        capabilities = kinds.capabilities
        parameterClasses = kinds.parameterClasses
        licenseClasses = kinds.licenseClasses
        gated = kinds.gated
        anomalies = kinds.anomalies
        providers = texts.providers
        licenses = texts.licenses
        pipelines = kinds.pipelines
        libraries = texts.libraries
    }
}

/// Counts the choices of all menus for one filter.
struct FacetCounting: Sendable {
    struct Kinds: Sendable {
        let capabilities: [Capability: Int]
        let parameterClasses: [ParameterClass: Int]
        let licenseClasses: [LicenseClass: Int]
        let gated: [Gated: Int]
        let anomalies: Int
        let pipelines: [FacetCounts.Choice]
    }

    struct Texts: Sendable {
        let providers: [FacetCounts.Choice]
        let licenses: [FacetCounts.Choice]
        let libraries: [FacetCounts.Choice]
    }

    private static let usualChoices = 24
    private static let extraChoices = 8

    private let filter: ModelFilter
    private let facts: FactRows
    private let parts: [(asked: ModelFilter, rows: RowSet)]
    private let usual: FacetCounts?
    private let few: Int
    private let selected: CountedRows

    /// - Parameters:
    ///   - parts: what the filter asks for, and the rows that have it.
    ///   - usual: the counts without any filter; its choices stay in the menus, with their counts here.
    ///   - few: so few rows are looked at one by one.
    init(
        _ filter: ModelFilter, _ facts: FactRows, parts: [(asked: ModelFilter, rows: RowSet)],
        usual: FacetCounts? = nil, few: Int
    ) {
        (self.filter, self.facts, self.parts, self.usual, self.few) = (filter, facts, parts, usual, few)
        selected = CountedRows(RowSet.common(parts.map(\.rows), of: facts.count), facts, few: few)
    }

    private func rows(without isOwn: (ModelFilter) -> Bool) -> CountedRows {
        let others = parts.filter { !isOwn($0.asked) }
        guard others.count < parts.count else { return selected }
        return CountedRows(RowSet.common(others.map(\.rows), of: facts.count), facts, few: few)
    }

    private func rowsForLicenses() -> CountedRows {
        rows { !$0.licenses.isEmpty || !$0.licenseClasses.isEmpty }
    }

    func kinds() -> Kinds {
        let columns = facts.columns
        return Kinds(
            capabilities: selected.capabilities(),
            parameterClasses: rows { !$0.parameterClasses.isEmpty }.parameterClasses(),
            licenseClasses: rowsForLicenses().cases(columns.licenseClass, facts.licenseClass),
            gated: rows { !$0.gated.isEmpty }.cases(columns.gated, facts.gated),
            anomalies: rows { !$0.anomalies.isEmpty }.count(facts.flagged),
            pipelines: choices(
                columns.pipeline, facts.pipeline, in: rows { !$0.pipelines.isEmpty }, usual?.pipelines,
                filter.pipelines))
    }

    func texts() -> Texts {
        let columns = facts.columns
        return Texts(
            providers: choices(
                columns.provider, facts.provider, in: rows { !$0.providers.isEmpty }, usual?.providers,
                filter.providers),
            licenses: choices(
                columns.license, facts.license, in: rowsForLicenses(), usual?.licenses, filter.licenses),
            libraries: choices(
                columns.library, facts.library, in: rows { !$0.libraries.isEmpty }, usual?.libraries,
                filter.libraries))
    }

    private func choices(
        _ column: CodedColumn, _ values: ValueRows, in rows: CountedRows, _ usual: [FacetCounts.Choice]?,
        _ chosen: [String]
    ) -> [FacetCounts.Choice] {
        let limit = usual == nil ? Self.usualChoices : Self.extraChoices
        let others = (chosen + (usual?.map(\.value) ?? [])).map { Int(column.code(of: $0)) }
        let found = rows.counts(column, values, largest: limit, and: others)
            .map { FacetCounts.Choice(value: column.word(UInt32($0.key)), count: $0.value) }
        // What is selected and no model has: the reader must be able to take it away again.
        let missing = chosen.filter { column.code(of: $0) == 0 }.map { FacetCounts.Choice(value: $0, count: 0) }
        return (found + missing).sorted { $0.value.withSmallLetters < $1.value.withSmallLetters }
    }
}

/// The rows that a menu's choices are counted among: many by the bits that they share with those of each choice, few
/// by a look at each.
struct CountedRows {
    private let rows: RowSet
    private let facts: FactRows
    /// The rows one by one; `nil` where they are many.
    private let few: [UInt32]?

    init(_ rows: RowSet, _ facts: FactRows, few: Int) {
        (self.rows, self.facts) = (rows, facts)
        let count = rows.count
        self.few = count <= few ? rows.rows(count: count) : nil
    }

    func count(_ set: RowSet) -> Int {
        guard let few else { return RowSet.count(rows, set) }
        var count = 0
        for row in few where set.contains(row) { count += 1 }
        return count
    }

    func capabilities() -> [Capability: Int] {
        var counts = [Int](repeating: 0, count: Capability.allCases.count)
        if let few {
            for row in few {
                var bits = facts.columns.capabilities[Int(row)]
                while bits != 0 {
                    counts[bits.trailingZeroBitCount] += 1
                    bits &= bits - 1
                }
            }
        } else {
            counts = facts.capability.map { RowSet.count(rows, $0) }
        }
        return Dictionary(uniqueKeysWithValues: zip(Capability.allCases, counts))
    }

    /// Those that any row has.
    func parameterClasses() -> [ParameterClass: Int] {
        counts(facts.parameterClassCodes, facts.parameterClass).filter { $0.value > 0 }
    }

    /// All cases, those that no row has among them.
    func cases<Value: CaseIterable & Hashable & Sendable>(
        _ column: CaseColumn<Value>, _ sets: [RowSet]
    ) -> [Value: Int] {
        counts(column.codes, sets)
    }

    /// - Parameters:
    ///   - codes: of each row the place of its value plus 1; 0 where it has none.
    ///   - sets: the rows of each value.
    private func counts<Value: CaseIterable & Hashable>(_ codes: [UInt8], _ sets: [RowSet]) -> [Value: Int] {
        var counts = [Int](repeating: 0, count: sets.count + 1)
        if let few {
            let codes = codes.span
            for row in few { counts[Int(codes[Int(row)])] += 1 }
        } else {
            for (place, set) in sets.enumerated() { counts[place + 1] = RowSet.count(rows, set) }
        }
        return Dictionary(uniqueKeysWithValues: zip(Value.allCases, counts.dropFirst()))
    }

    /// Of the commonest texts among the rows and of some others how many rows have them, by code.
    func counts(
        _ column: CodedColumn, _ values: ValueRows, largest limit: Int, and others: [Int]
    ) -> [Int: Int] {
        var found: [Int: Int] = [:]
        if let few {
            var counts = [UInt32](repeating: 0, count: values.counts.count)
            let codes = column.codes(few)
            for code in codes { counts[Int(code)] += 1 }
            var largest = LargestCodes(limit)
            for code in codes where code != 0 { largest.offer(Int(counts[Int(code)]), Int(code), isKnown: true) }
            for entry in largest.entries { found[entry.code] = entry.count }
            for code in others where code != 0 { found[code] = Int(counts[code]) }
        } else {
            for entry in values.largest(limit, in: rows) { found[entry.code] = entry.count }
            for code in others where code != 0 && found[code] == nil { found[code] = values.count(code, in: rows) }
        }
        return found
    }
}
