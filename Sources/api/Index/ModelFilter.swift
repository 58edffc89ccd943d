import Model

/// Which models of a feed are wanted. An empty list asks for nothing of its field.
struct ModelFilter: Hashable, Sendable {
    /// What a model must be flagged for.
    enum AnomalyKind: String, CaseIterable, Sendable {
        case downloads
        case velocity
        case any
    }

    /// Whether a model's newest observation is part of the snapshot.
    enum Status: String, CaseIterable, Sendable {
        case ready
        case error
        case stale
    }

    enum Access: String, CaseIterable, Sendable {
        case `public`
        case `private`
    }

    /// Words that must all stand somewhere in the id, in lower case.
    var words: [String] = []
    /// All of these must hold.
    var capabilities: [Capability] = []
    // Of each of the following, any may hold.
    var providers: [String] = []
    /// Ids of licences.
    var licenses: [String] = []
    var licenseClasses: [LicenseClass] = []
    var parameterClasses: [ParameterClass] = []
    /// Roots.
    var families: [String] = []
    var relations: [Relation] = []
    var libraries: [String] = []
    var pipelines: [String] = []
    var gated: [Gated] = []
    var access: [Access] = []
    var anomalies: [AnomalyKind] = []
    var statuses: [Status] = []
    var minDownloads: Int64?
    var minLikes: Int64?
    var updatedSince: Timestamp?
    var createdSince: Timestamp?

    var isEmpty: Bool { self == ModelFilter() }

    /// Whether it asks for something that every row must be looked at for: the others stand ready for each value.
    var takesALookAtEachRow: Bool {
        !words.isEmpty || !families.isEmpty || minDownloads != nil || minLikes != nil || updatedSince != nil
            || createdSince != nil
    }

    /// Filters that ask for one thing each, and together for what this one asks: whoever combines what others have
    /// asked for finds most of it ready. What is said of the status is left out.
    var parts: [ModelFilter] {
        var parts: [ModelFilter] = []
        func add<Value: Equatable>(_ field: WritableKeyPath<ModelFilter, Value>, _ value: Value) {
            var part = ModelFilter()
            guard part[keyPath: field] != value else { return }
            part[keyPath: field] = value
            parts.append(part)
        }
        for word in words { add(\.words, [word]) }
        for capability in capabilities { add(\.capabilities, [capability]) }
        add(\.providers, providers)
        if !licenses.isEmpty || !licenseClasses.isEmpty {
            // Any of the two may hold.
            var part = ModelFilter()
            (part.licenses, part.licenseClasses) = (licenses, licenseClasses)
            parts.append(part)
        }
        add(\.parameterClasses, parameterClasses)
        add(\.families, families)
        add(\.relations, relations)
        add(\.libraries, libraries)
        add(\.pipelines, pipelines)
        add(\.gated, gated)
        add(\.access, access)
        add(\.anomalies, anomalies)
        add(\.minDownloads, minDownloads)
        add(\.minLikes, minLikes)
        add(\.updatedSince, updatedSince)
        add(\.createdSince, createdSince)
        return parts
    }
}

extension ModelFilter {
    /// Whether each row fits, its status aside: the columns are of models of one kind.
    func mask(of columns: ModelColumns) -> [Bool] {
        var mask = [Bool](repeating: true, count: columns.count)
        keepNames(&mask, columns)
        keepNumbers(&mask, columns)
        keepFacts(&mask, columns)
        return mask
    }

    private func keepNames(_ mask: inout [Bool], _ columns: ModelColumns) {
        Self.keep(&mask, columns.provider, providers)
        Self.keep(&mask, columns.library, libraries)
        Self.keep(&mask, columns.pipeline, pipelines)
        if !licenses.isEmpty || !licenseClasses.isEmpty {
            let ids = columns.license.isAny(of: licenses)
            let classes = Self.isAny(of: licenseClasses)
            for row in mask.indices where mask[row] {
                mask[row] =
                    ids[columns.license.code(row)] || classes[Int(columns.licenseClass.codes[row])]
            }
        }
        if !families.isEmpty {
            let (isRoot, roots) = (columns.root.isAny(of: families), families.map(\.foldedBytes))
            for row in mask.indices where mask[row] {
                let code = columns.root.code(row)
                mask[row] = code == 0 ? columns.ids.isAny(of: roots, at: row) : isRoot[code]
            }
        }
        guard !words.isEmpty else { return }
        let folded = words.map(\.foldedBytes)
        for row in mask.indices where mask[row] { mask[row] = folded.allSatisfy { columns.ids.has($0, at: row) } }
    }

    private func keepNumbers(_ mask: inout [Bool], _ columns: ModelColumns) {
        // What is unknown is never large enough.
        Self.keep(&mask, columns.downloads, atLeast: minDownloads)
        Self.keep(&mask, columns.likes, atLeast: minLikes)
        Self.keep(&mask, columns.modified, atLeast: updatedSince?.milliseconds)
        Self.keep(&mask, columns.created, atLeast: createdSince?.milliseconds)
        guard !parameterClasses.isEmpty else { return }
        for row in mask.indices where mask[row] {
            mask[row] = columns.parameters[row].map { parameterClasses.contains(ParameterClass(total: $0)) } ?? false
        }
    }

    private func keepFacts(_ mask: inout [Bool], _ columns: ModelColumns) {
        Self.keep(&mask, columns.relation, relations)
        Self.keep(&mask, columns.gated, gated)
        if !capabilities.isEmpty {
            let wanted = capabilities.reduce(UInt16(0)) { $0 | 1 << (UInt16(CaseColumn.code($1)) - 1) }
            for row in mask.indices where columns.capabilities[row] & wanted != wanted { mask[row] = false }
        }
        if access.count == 1 {
            let wantsPrivate = access[0] == .private
            for row in mask.indices where columns.isPrivate[row] != wantsPrivate { mask[row] = false }
        }
        guard !anomalies.isEmpty else { return }
        let downloads = anomalies.contains { $0 != .velocity }
        let velocity = anomalies.contains { $0 != .downloads }
        for row in mask.indices where mask[row] {
            mask[row] =
                downloads && columns.anomalousDownloads.codes[row] == FlagColumn.yes
                || velocity && columns.anomalousVelocity.codes[row] == FlagColumn.yes
        }
    }

    private static func keep(_ mask: inout [Bool], _ column: CodedColumn, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        column.keep(&mask, where: column.isAny(of: texts))
    }

    private static func keep<Value>(_ mask: inout [Bool], _ column: CaseColumn<Value>, _ values: [Value]) {
        guard !values.isEmpty else { return }
        let isWanted = isAny(of: values)
        for row in mask.indices where mask[row] { mask[row] = isWanted[Int(column.codes[row])] }
    }

    /// Whether each code of an enumeration is that of one of `values`: asked for every row, so a table and no search.
    private static func isAny<Value: CaseIterable & Equatable>(of values: [Value]) -> [Bool] {
        [false] + Value.allCases.map { values.contains($0) }
    }

    private static func keep(_ mask: inout [Bool], _ column: NumberColumn, atLeast least: Int64?) {
        guard let least else { return }
        for row in mask.indices where !column.isAtLeast(least, at: row) { mask[row] = false }
    }
}
