import Model

/// The rows of each value that a filter may ask for, made when a snapshot is loaded: a selection then takes as many
/// operations on 64 rows at once as it names values, and no look at the rows themselves.
struct FactRows: Sendable {
    let columns: ModelColumns
    let provider: ValueRows
    let library: ValueRows
    let pipeline: ValueRows
    let license: ValueRows
    /// Members of families that have another root.
    let root: ValueRows
    let licenseClass: [RowSet]
    let parameterClass: [RowSet]
    /// The same as a value of each row, for those that are looked at one by one.
    let parameterClassCodes: [UInt8]
    let relation: [RowSet]
    let gated: [RowSet]
    let capability: [RowSet]
    let isPrivate: RowSet
    let anomalousDownloads: RowSet
    let anomalousVelocity: RowSet
    /// For any of the two.
    let flagged: RowSet
    let names: NameIndex

    var count: Int { columns.count }

    init(_ columns: ModelColumns) {
        self.columns = columns
        let count = columns.count
        provider = ValueRows(columns.provider, count: count)
        library = ValueRows(columns.library, count: count)
        pipeline = ValueRows(columns.pipeline, count: count)
        license = ValueRows(columns.license, count: count)
        root = ValueRows(columns.root, count: count)
        licenseClass = Self.sets(of: columns.licenseClass)
        relation = Self.sets(of: columns.relation)
        gated = Self.sets(of: columns.gated)
        let classes = columns.parameterClassCodes
        parameterClass = ParameterClass.allCases.map { kind in
            let wanted = CaseColumn.code(kind)
            return RowSet(of: count) { classes[$0] == wanted }
        }
        parameterClassCodes = classes
        capability = Capability.allCases.indices.map { place in
            RowSet(of: count) { columns.capabilities[$0] & (1 << UInt16(place)) != 0 }
        }
        isPrivate = RowSet(columns.isPrivate)
        anomalousDownloads = RowSet(of: count) { columns.anomalousDownloads.codes[$0] == FlagColumn.yes }
        anomalousVelocity = RowSet(of: count) { columns.anomalousVelocity.codes[$0] == FlagColumn.yes }
        names = NameIndex(columns.ids)
        flagged = Self.union([anomalousDownloads, anomalousVelocity], of: count)
    }

    private static func sets<Value: CaseIterable & Equatable & Sendable>(of column: CaseColumn<Value>) -> [RowSet] {
        Value.allCases.map { value in
            let wanted = CaseColumn.code(value)
            return RowSet(of: column.codes.count) { column.codes[$0] == wanted }
        }
    }

    private static func union(_ sets: [RowSet], of count: Int) -> RowSet {
        guard var union = sets.first else { return RowSet(none: count) }
        for set in sets.dropFirst() { union.formUnion(set) }
        return union
    }
}

extension FactRows {
    /// The rows that fit a filter, its status aside.
    func rows(of filter: ModelFilter) -> RowSet { RowSet.common(sets(of: filter), of: count) }

    /// What a filter asks for, one thing after the other.
    private func sets(of filter: ModelFilter) -> [RowSet] {
        var sets = filter.capabilities.map { capability[Self.place($0)] }
        func add(_ texts: [String], _ column: CodedColumn, _ rows: ValueRows) {
            if !texts.isEmpty { sets.append(rows.rows(of: column.codes(of: texts))) }
        }
        func add<Value: CaseIterable & Equatable & Sendable>(_ values: [Value], _ rows: [RowSet])
        where Value.AllCases: Sendable {
            if !values.isEmpty { sets.append(Self.union(values.map { rows[Self.place($0)] }, of: count)) }
        }
        func add(_ column: NumberColumn, atLeast least: Int64?) {
            if let least { sets.append(column.rows(atLeast: least)) }
        }
        add(filter.providers, columns.provider, provider)
        add(filter.libraries, columns.library, library)
        add(filter.pipelines, columns.pipeline, pipeline)
        if !filter.licenses.isEmpty || !filter.licenseClasses.isEmpty {
            // Any of the two may hold.
            let ids = license.rows(of: columns.license.codes(of: filter.licenses))
            sets.append(Self.union([ids] + filter.licenseClasses.map { licenseClass[Self.place($0)] }, of: count))
        }
        add(filter.parameterClasses, parameterClass)
        add(filter.relations, relation)
        add(filter.gated, gated)
        add(columns.downloads, atLeast: filter.minDownloads)
        add(columns.likes, atLeast: filter.minLikes)
        add(columns.modified, atLeast: filter.updatedSince?.milliseconds)
        add(columns.created, atLeast: filter.createdSince?.milliseconds)
        if !filter.families.isEmpty { sets.append(families(filter.families)) }
        if filter.access.count == 1 { sets.append(access(filter.access[0])) }
        if !filter.anomalies.isEmpty { sets.append(anomalies(filter.anomalies)) }
        for word in filter.words { sets.append(names.rows(having: word.foldedBytes)) }
        return sets
    }

    private static func place<Value: CaseIterable & Equatable & Sendable>(_ value: Value) -> Int
    where Value.AllCases: Sendable {
        Int(CaseColumn.code(value)) - 1
    }

    private func access(_ access: ModelFilter.Access) -> RowSet {
        guard access == .public else { return isPrivate }
        var open = RowSet(all: count)
        open.subtract(isPrivate)
        return open
    }

    private func anomalies(_ kinds: [ModelFilter.AnomalyKind]) -> RowSet {
        let (downloads, velocity) = (kinds.contains { $0 != .velocity }, kinds.contains { $0 != .downloads })
        return downloads && velocity ? flagged : downloads ? anomalousDownloads : anomalousVelocity
    }

    /// Members of families, and their roots.
    private func families(_ roots: [String]) -> RowSet {
        var found = root.rows(of: columns.root.codes(of: roots))
        for row in columns.ids.rows(of: roots.map(\.foldedBytes)) where columns.root.code(Int(row)) == 0 {
            found.insert(row)
        }
        return found
    }

}
