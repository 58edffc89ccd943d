import SQLite

/// What one snapshot says of up to 1,024 neighbouring models, in as few bytes as each column needs for its largest
/// value: any of them is found without reading the others.
///
/// The bytes: a version; how each of the five columns is written; a bit for each model of the range, set where the
/// snapshot has it; then the columns one after the other, a value for each set bit.
package struct HistoryBlock: Equatable, Sendable {
    /// How many model numbers a block spans.
    package static let span: UInt32 = 1_024

    /// One model's figures; what is not known is `nil`.
    package struct Entry: Equatable, Sendable {
        package var model: UInt32
        package var downloads: Int64?
        package var likes: Int64?
        package var trendingScore: Double?
        package var total: Int64?
        package var rank: Int64?

        package init(
            model: UInt32, downloads: Int64?, likes: Int64?, trendingScore: Double?, total: Int64?, rank: Int64?
        ) {
            self.model = model
            self.downloads = downloads
            self.likes = likes
            self.trendingScore = trendingScore
            self.total = total
            self.rank = rank
        }
    }

    package enum Column: Int, CaseIterable, Sendable {
        case downloads, likes, trending, total, rank
    }

    private static let version: UInt8 = 1
    /// How many bytes stand before the columns.
    static let head = 1 + Column.allCases.count + Int(span) / 8

    /// The first model number of the span, with or without a value.
    package let first: UInt32
    package let bytes: [UInt8]
    package let count: Int
    /// By column: where it begins.
    private let starts: [Int]

    /// The first number of the span that a model belongs to.
    package static func first(of model: UInt32) -> UInt32 { model & ~(span - 1) }

    /// - Parameter entries: of one span, by rising model.
    package init(_ entries: [Entry]) {
        precondition(!entries.isEmpty, "a block has a model")
        first = Self.first(of: entries[0].model)
        var bytes = [UInt8](repeating: 0, count: Self.head)
        bytes[0] = Self.version
        for (place, entry) in entries.enumerated() {
            precondition(entry.model >= first && entry.model - first < Self.span, "the models are of one span")
            precondition(place == 0 || entries[place - 1].model < entry.model, "models ascend")
            let bit = Int(entry.model - first)
            bytes[1 + Column.allCases.count + bit >> 3] |= 1 << UInt8(bit & 7)
        }
        var starts: [Int] = []
        for column in Column.allCases {
            starts.append(bytes.count)
            let written = ColumnCoding.write(entries.map { $0[column] }, to: &bytes)
            bytes[1 + column.rawValue] = written.code
        }
        (self.bytes, self.starts, count) = (bytes, starts, entries.count)
    }

    /// Bytes as they were stored; `nil` where they are none of a block's.
    package init?(key: Int64, _ bytes: [UInt8]) {
        guard bytes.count >= Self.head, bytes[0] == Self.version else { return nil }
        first = UInt32(truncatingIfNeeded: key)
        self.bytes = bytes
        var count = 0
        for byte in bytes[(1 + Column.allCases.count)..<Self.head] { count += byte.nonzeroBitCount }
        self.count = count
        var (starts, end) = ([Int](), Self.head)
        for column in Column.allCases {
            guard let coding = ColumnCoding(code: bytes[1 + column.rawValue]) else { return nil }
            starts.append(end)
            end += coding.width * count
        }
        guard end == bytes.count else { return nil }
        self.starts = starts
    }

    /// The models that it has, ascending.
    package var models: [UInt32] {
        var models: [UInt32] = []
        models.reserveCapacity(count)
        for place in 0..<(Int(Self.span) / 8) {
            var byte = bytes[1 + Column.allCases.count + place]
            while byte != 0 {
                models.append(first + UInt32(place * 8 + byte.trailingZeroBitCount))
                byte &= byte - 1
            }
        }
        return models
    }

    private func coding(_ column: Column) -> ColumnCoding {
        // Looked at when the block was made.
        ColumnCoding(code: bytes[1 + column.rawValue]) ?? .none
    }

    /// A column of whole numbers, parallel to the models, at the end of others; `unknown` stands for what is not known.
    package func append(_ column: Column, to values: inout [Int64], unknown: Int64) {
        coding(column).append(bytes, from: starts[column.rawValue], count: count, to: &values, unknown: unknown)
    }

    /// Where a model stands among those that the block has; `nil` if it has it not.
    private func place(of model: UInt32) -> Int? {
        guard model >= first, model - first < Self.span else { return nil }
        return Self.place(of: model, head: bytes)
    }

    /// - Parameter head: what stands before the columns, at least.
    private static func place(of model: UInt32, head: [UInt8]) -> Int? {
        let (bit, map) = (Int(model & (span - 1)), 1 + Column.allCases.count)
        guard head[map + bit >> 3] & (1 << UInt8(bit & 7)) != 0 else { return nil }
        var place = (head[map + bit >> 3] & (1 << UInt8(bit & 7) &- 1)).nonzeroBitCount
        for byte in head[map..<(map + bit >> 3)] { place += byte.nonzeroBitCount }
        return place
    }

    /// The downloads of one model of the span, without the rest of the block: they are its first column.
    /// - Parameter read: some bytes of the block; none where it has not all of them.
    /// - Returns: `nil` where what is read is no block.
    static func downloads(
        of model: UInt32, read: (Range<Int>) throws(SQLiteError) -> [UInt8]
    ) throws(SQLiteError) -> Int64?? {
        let head = try read(0..<Self.head)
        guard head.count == Self.head, head[0] == version,
            let coding = ColumnCoding(code: head[1 + Column.downloads.rawValue])
        else { return nil }
        guard let place = place(of: model, head: head) else { return .some(nil) }
        let start = Self.head + place * coding.width
        let value = try read(start..<(start + coding.width))
        return value.count == coding.width ? .some(coding.whole(value, from: 0, at: 0)) : nil
    }

    package subscript(model: UInt32) -> Entry? { place(of: model).map { entry($0, model) } }

    /// All that it has, ascending.
    package var entries: [Entry] { models.enumerated().map { entry($0, $1) } }

    private func entry(_ place: Int, _ model: UInt32) -> Entry {
        func whole(_ column: Column) -> Int64? {
            coding(column).whole(bytes, from: starts[column.rawValue], at: place)
        }
        let trending = coding(.trending)
        return Entry(
            model: model, downloads: whole(.downloads), likes: whole(.likes),
            trendingScore: trending.real(bytes, from: starts[Column.trending.rawValue], at: place),
            total: whole(.total), rank: whole(.rank))
    }
}

extension HistoryBlock.Entry {
    /// A figure as a column keeps it.
    fileprivate subscript(column: HistoryBlock.Column) -> ColumnCoding.Figure {
        switch column {
        case .downloads: .init(downloads)
        case .likes: .init(likes)
        case .trending: .init(trendingScore)
        case .total: .init(total)
        case .rank: .init(rank)
        }
    }
}
