import Model

/// The order of a list of models. Models without the figure come last in both directions; equal ones go by id,
/// bytewise, from the first letter in both directions.
struct ModelSort: Hashable, Sendable {
    enum Key: String, CaseIterable, Sendable {
        case score
        case downloads
        case likes
        case trending
        case delta24h
        case delta7d
        case rankChange
        case updated
        case created
        case name
        case parameters
    }

    var key: Key
    var descending: Bool

    static let usual = ModelSort(key: .score, descending: true)

    init(key: Key, descending: Bool) {
        self.key = key
        self.descending = descending
    }

    /// A key, with `-` in front for the largest first.
    init?(text: String) {
        let descending = text.hasPrefix("-")
        guard let key = Key(rawValue: descending ? String(text.dropFirst()) : text) else { return nil }
        self.init(key: key, descending: descending)
    }

    var text: String { (descending ? "-" : "") + key.rawValue }
}

extension ModelSort {
    /// All rows of the columns in this order.
    /// - Parameters:
    ///   - idOrder: all rows by id, bytewise.
    ///   - totals: of the profile that applies, by row.
    func order(of columns: ModelColumns, idOrder: [UInt32], totals: [Int16]) -> [UInt32] {
        if key == .name { return descending ? idOrder.reversed() : idOrder }
        // What is equal stays in the order of ids, which the sort begins with.
        let keys = (0..<columns.count).map { row in
            figure(row, columns, totals).map { Self.rising($0, descending: descending) } ?? .max
        }
        return RowOrder.sorted(idOrder, by: keys)
    }

    /// Some rows in this order.
    /// - Parameter byID: the rows by id, bytewise.
    func sorted(byID rows: [UInt32], of columns: ModelColumns, totals: [Int16]) -> [UInt32] {
        if key == .name { return descending ? rows.reversed() : rows }
        let keyed = rows.enumerated().map { place, row in
            (
                key: figure(Int(row), columns, totals).map { Self.rising($0, descending: descending) } ?? .max,
                place: place
            )
        }
        return keyed.sorted { ($0.key, $0.place) < ($1.key, $1.place) }.map { rows[$0.place] }
    }

    /// The same for a few rows in whatever order.
    func sorted(_ rows: [UInt32], of columns: ModelColumns, totals: [Int16]) -> [UInt32] {
        let keyed = rows.map { row in
            (
                key: figure(Int(row), columns, totals).map { Self.rising($0, descending: descending) } ?? .max,
                row: row
            )
        }
        let isBackwards = key == .name && descending
        return keyed.sorted { left, right in
            if left.key != right.key { return left.key < right.key }
            let byID = columns.ids.compare(Int(left.row), Int(right.row))
            return isBackwards ? byID > 0 : byID < 0
        }.map(\.row)
    }

    /// A number that rises as the value does, or falls as it rises; it is never that of "unknown", which comes last.
    private static func rising(_ value: Int64, descending: Bool) -> UInt64 {
        let rising = UInt64(bitPattern: value) ^ 1 << 63
        return min(descending ? ~rising : rising, .max - 1)
    }

    /// What a row is sorted by; `nil` where that is missing, and for names.
    func figure(_ row: Int, _ columns: ModelColumns, _ totals: [Int16]) -> Int64? {
        switch key {
        case .score: ModelColumns.tenths(totals[row]).map { Int64($0.count) }
        case .downloads: columns.downloads[row]
        case .likes: columns.likes[row]
        case .trending: columns.trending[row].map(Self.ordered)
        case .delta24h: columns.downloads24h[row].value
        case .delta7d: columns.downloads7d[row].value
        case .rankChange: columns.rankChange[row].value
        case .updated: columns.modified[row]
        case .created: columns.created[row]
        case .name: nil
        case .parameters: columns.parameters[row]
        }
    }

    /// A whole number that is ordered as the `Double` is; scores are far below 2^43.
    private static func ordered(_ value: Double) -> Int64 {
        Int64((min(max(value, -1e12), 1e12) * 1_024).rounded())
    }
}
