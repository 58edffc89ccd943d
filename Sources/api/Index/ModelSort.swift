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
    /// Whether the figure is known of no model, so that all of them go by id.
    var isUnknown = false

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

    var reversed: ModelSort { ModelSort(key: key, descending: !descending) }

    var text: String { (descending ? "-" : "") + key.rawValue }
}

extension ModelSort {
    /// All rows of the columns in this order.
    /// - Parameters:
    ///   - idOrder: all rows by id, bytewise.
    ///   - totals: of the profile that applies, by row.
    func order(of columns: ModelColumns, idOrder: [UInt32], totals: [Int16]) -> [UInt32] {
        // What is equal stays in the order of ids, which the sort begins with.
        let keys = (0..<columns.count).map { row in
            figure(row, columns, totals).map { Self.rising($0, descending: descending) } ?? .max
        }
        return RowOrder.sorted(idOrder, by: keys)
    }

    /// The first rows in the opposite direction, where equal ones go by id too and missing ones are last too.
    /// - Parameter rows: all rows in this order.
    func reversed(_ rows: [UInt32], first count: Int, of columns: ModelColumns, totals: [Int16]) -> [UInt32] {
        func figure(_ place: Int) -> Int64? { self.figure(Int(rows[place]), columns, totals) }
        var (low, known) = (0, rows.count)
        while low < known {
            let middle = (low + known) / 2
            if figure(middle) == nil { known = middle } else { low = middle + 1 }
        }
        var (found, end) = ([UInt32](), known)
        while end > 0, found.count < count {
            var start = end - 1
            let shared = figure(start)
            while start > 0, figure(start - 1) == shared { start -= 1 }
            found += rows[start..<end].prefix(count - found.count)
            end = start
        }
        return found + rows[known...].prefix(count - found.count)
    }

    /// Some rows in this order.
    /// - Parameters:
    ///   - idOrder: all rows by id, bytewise.
    ///   - idPlaces: the place of each row in it.
    func sorted(
        _ rows: [UInt32], of columns: ModelColumns, idOrder: [UInt32], idPlaces: [UInt32], totals: [Int16]
    ) -> [UInt32] {
        let places = rows.map { idPlaces[Int($0)] }
        let keys = rows.map { row in
            figure(Int(row), columns, totals).map { Self.rising($0, descending: descending) } ?? .max
        }
        return RowOrder.sorted(places, by: keys, of: idOrder.count).map { idOrder[Int($0)] }
    }

    /// A number that rises as the value does, or falls as it rises; it is never that of "unknown", which comes last.
    private static func rising(_ value: Int64, descending: Bool) -> UInt64 {
        let rising = UInt64(bitPattern: value) ^ 1 << 63
        return min(descending ? ~rising : rising, .max - 1)
    }

    /// What a row is sorted by; `nil` where that is missing.
    func figure(_ row: Int, _ columns: ModelColumns, _ totals: [Int16]) -> Int64? {
        guard !isUnknown else { return nil }
        return switch key {
        case .score: ModelColumns.tenths(totals[row]).map { Int64($0.count) }
        case .downloads: columns.downloads[row]
        case .likes: columns.likes[row]
        case .trending: columns.trending[row].map(Self.ordered)
        case .delta24h: columns.downloads24h[row].value
        case .delta7d: columns.downloads7d[row].value
        case .rankChange: columns.rankChange[row].value
        case .updated: columns.modified[row]
        case .created: columns.created[row]
        case .name: Int64(columns.namePlaces[row])
        case .parameters: columns.parameters[row]
        }
    }

    /// A whole number that is ordered as the `Double` is; scores are far below 2^43.
    private static func ordered(_ value: Double) -> Int64 {
        Int64((min(max(value, -1e12), 1e12) * 1_024).rounded())
    }
}
