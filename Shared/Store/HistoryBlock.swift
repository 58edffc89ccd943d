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
    private static let head = 1 + Column.allCases.count + Int(span) / 8

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
        let (bit, map) = (Int(model - first), 1 + Column.allCases.count)
        guard bytes[map + bit >> 3] & (1 << UInt8(bit & 7)) != 0 else { return nil }
        var place = (bytes[map + bit >> 3] & (1 << UInt8(bit & 7) &- 1)).nonzeroBitCount
        for byte in bytes[map..<(map + bit >> 3)] { place += byte.nonzeroBitCount }
        return place
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

/// How one column of a block is written.
///
/// Whole numbers from 0 take as many bytes each as the largest of them plus 1 needs, the lowest byte first; 0 is
/// "unknown". Anything else takes eight: the bits of a `Double`, or of a whole number, one of which is "unknown".
private enum ColumnCoding {
    case none
    case small(width: Int)
    case wide
    case real

    enum Figure {
        case unknown
        case whole(Int64)
        case real(Double)

        init(_ value: Int64?) { self = value.map { .whole($0) } ?? .unknown }

        init(_ value: Double?) {
            guard let value, !value.isNaN else {
                self = .unknown
                return
            }
            // Few trending scores are not whole.
            self = Int64(exactly: value).map { value.sign == .plus ? .whole($0) : .real(value) } ?? .real(value)
        }
    }

    init?(code: UInt8) {
        switch code {
        case 0: self = .none
        case 1...7: self = .small(width: Int(code))
        case 8: self = .wide
        case 9: self = .real
        default: return nil
        }
    }

    var code: UInt8 {
        switch self {
        case .none: 0
        case .small(let width): UInt8(width)
        case .wide: 8
        case .real: 9
        }
    }

    var width: Int {
        switch self {
        case .none: 0
        case .small(let width): width
        case .wide, .real: 8
        }
    }

    /// The narrowest that takes all of them.
    private init(for figures: [Figure]) {
        var (largest, isWhole, isSmall) = (UInt64(0), true, true)
        for figure in figures {
            switch figure {
            case .unknown: break
            case .whole(let value):
                if value < 0 || value >= 1 << 55 { isSmall = false } else { largest = max(largest, UInt64(value) + 1) }
            case .real: isWhole = false
            }
        }
        if !isWhole {
            self = .real
        } else if !isSmall {
            self = .wide
        } else {
            let width = (64 - largest.leadingZeroBitCount + 7) / 8
            self = width == 0 ? .none : .small(width: width)
        }
    }

    static func write(_ figures: [Figure], to bytes: inout [UInt8]) -> ColumnCoding {
        let coding = ColumnCoding(for: figures)
        for figure in figures {
            var bits = coding.bits(of: figure)
            for _ in 0..<coding.width {
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
            }
        }
        return coding
    }

    private func bits(of figure: Figure) -> UInt64 {
        switch (self, figure) {
        case (.none, _), (.small, .unknown), (.small, .real), (.wide, .real): 0
        case (.small, .whole(let value)): UInt64(value) + 1
        case (.wide, .unknown): UInt64(bitPattern: .min)
        case (.wide, .whole(let value)): UInt64(bitPattern: value)
        case (.real, .unknown): Double.nan.bitPattern
        case (.real, .whole(let value)): Double(value).bitPattern
        case (.real, .real(let value)): value.bitPattern
        }
    }

    private func bits(_ bytes: [UInt8], from start: Int, at place: Int) -> UInt64 {
        var bits: UInt64 = 0
        for offset in 0..<width { bits |= UInt64(bytes[start + place * width + offset]) << UInt64(8 * offset) }
        return bits
    }

    func whole(_ bytes: [UInt8], from start: Int, at place: Int) -> Int64? {
        let bits = bits(bytes, from: start, at: place)
        switch self {
        case .none: return nil
        case .small: return bits == 0 ? nil : Int64(bits - 1)
        case .wide: return Int64(bitPattern: bits) == .min ? nil : Int64(bitPattern: bits)
        case .real: return Int64(exactly: Double(bitPattern: bits))
        }
    }

    func real(_ bytes: [UInt8], from start: Int, at place: Int) -> Double? {
        guard case .real = self else { return whole(bytes, from: start, at: place).map(Double.init) }
        let value = Double(bitPattern: bits(bytes, from: start, at: place))
        return value.isNaN ? nil : value
    }

    /// A whole column: read for every model of every day, so in one pass for each width.
    func append(_ bytes: [UInt8], from start: Int, count: Int, to values: inout [Int64], unknown: Int64) {
        guard case .small(let width) = self else {
            for place in 0..<count { values.append(whole(bytes, from: start, at: place) ?? unknown) }
            return
        }
        let column = bytes.span
        var at = start
        for _ in 0..<count {
            var bits: UInt64 = 0
            for offset in 0..<width { bits |= UInt64(column[at + offset]) << UInt64(8 * offset) }
            at += width
            values.append(bits == 0 ? unknown : Int64(bits) - 1)
        }
    }
}
