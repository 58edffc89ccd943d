import Model

/// How many models each choice of the leaderboard's menus would show, given everything else that is selected.
///
/// Capabilities must all hold, so each is counted among the models that fit already. Of the others any may hold, so
/// each is counted as if nothing of its own menu were selected.
struct FacetCounts: Sendable {
    /// A choice that is a text, and its models.
    struct Choice: Equatable, Sendable {
        let value: String
        let count: Int
    }

    private static let usualChoices = 24
    private static let extraChoices = 8

    private(set) var capabilities: [Capability: Int] = [:]
    private(set) var parameterClasses: [ParameterClass: Int] = [:]
    private(set) var licenseClasses: [LicenseClass: Int] = [:]
    private(set) var gated: [Gated: Int] = [:]
    private(set) var anomalies = 0
    /// Of texts there may be a hundred thousand: those that most models have, and whatever is selected; by name.
    private(set) var providers: [Choice] = []
    private(set) var licenses: [Choice] = []
    private(set) var pipelines: [Choice] = []
    private(set) var libraries: [Choice] = []

    /// - Parameter usual: the counts without any filter; its choices stay in the menus, with their counts here.
    init(_ filter: ModelFilter, _ columns: ModelColumns, usual: FacetCounts? = nil) {
        let selected = filter.mask(of: columns)
        func mask(without change: (inout ModelFilter) -> Void) -> [Bool] {
            var other = filter
            change(&other)
            return other == filter ? selected : other.mask(of: columns)
        }
        count(capabilitiesIn: selected, columns)
        count(parameterClassesIn: mask { $0.parameterClasses = [] }, columns)
        let forLicenses = mask {
            $0.licenses = []
            $0.licenseClasses = []
        }
        licenseClasses = Self.cases(columns.licenseClass, in: forLicenses)
        gated = Self.cases(columns.gated, in: mask { $0.gated = [] })
        let flagged = mask { $0.anomalies = [] }
        for row in flagged.indices where flagged[row] {
            let isFlagged =
                columns.anomalousDownloads.codes[row] == FlagColumn.yes
                || columns.anomalousVelocity.codes[row] == FlagColumn.yes
            if isFlagged { anomalies += 1 }
        }
        providers = Self.choices(
            columns.provider, in: mask { $0.providers = [] }, usual?.providers, chosen: filter.providers)
        licenses = Self.choices(columns.license, in: forLicenses, usual?.licenses, chosen: filter.licenses)
        pipelines = Self.choices(
            columns.pipeline, in: mask { $0.pipelines = [] }, usual?.pipelines, chosen: filter.pipelines)
        libraries = Self.choices(
            columns.library, in: mask { $0.libraries = [] }, usual?.libraries, chosen: filter.libraries)
    }

    private mutating func count(capabilitiesIn mask: [Bool], _ columns: ModelColumns) {
        var counts = [Int](repeating: 0, count: Capability.allCases.count)
        for row in mask.indices where mask[row] {
            var bits = columns.capabilities[row]
            while bits != 0 {
                counts[bits.trailingZeroBitCount] += 1
                bits &= bits - 1
            }
        }
        for (place, capability) in Capability.allCases.enumerated() { capabilities[capability] = counts[place] }
    }

    private mutating func count(parameterClassesIn mask: [Bool], _ columns: ModelColumns) {
        for row in mask.indices where mask[row] {
            guard let total = columns.parameters[row] else { continue }
            parameterClasses[ParameterClass(total: total), default: 0] += 1
        }
    }

    private static func cases<Value: CaseIterable & Hashable & Sendable>(
        _ column: CaseColumn<Value>, in mask: [Bool]
    ) -> [Value: Int] {
        var counts = [Int](repeating: 0, count: 256)
        for row in mask.indices where mask[row] { counts[Int(column.codes[row])] += 1 }
        var named: [Value: Int] = [:]
        for value in Value.allCases { named[value] = counts[Int(CaseColumn.code(value))] }
        return named
    }

    private static func choices(
        _ column: CodedColumn, in mask: [Bool], _ usual: [Choice]?, chosen: [String]
    ) -> [Choice] {
        let counts = column.counts(in: mask)
        var codes = Set(largest(counts, usual == nil ? usualChoices : extraChoices))
        for text in chosen + (usual?.map(\.value) ?? []) { codes.insert(Int(column.code(of: text))) }
        codes.remove(0)
        let found = codes.map { Choice(value: column.word(UInt32($0)), count: counts[$0]) }
        // What is selected and no model has: the reader must be able to take it away again.
        let missing = chosen.filter { column.code(of: $0) == 0 }.map { Choice(value: $0, count: 0) }
        return (found + missing).sorted { $0.value.withSmallLetters < $1.value.withSmallLetters }
    }

    /// The codes with the largest counts above none; the code 0 is "unknown" and no choice.
    private static func largest(_ counts: [Int], _ limit: Int) -> [Int] {
        var kept: [(count: Int, code: Int)] = []
        for (code, count) in counts.enumerated().dropFirst() where count > 0 {
            if kept.count == limit, let last = kept.last, count <= last.count { continue }
            kept.insert((count, code), at: kept.firstIndex { $0.count < count } ?? kept.count)
            if kept.count > limit { kept.removeLast() }
        }
        return kept.map(\.code)
    }
}
