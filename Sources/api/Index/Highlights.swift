import Model

/// Who gained and lost most downloads in a day, and which models are new, over a whole feed.
struct Highlights: Equatable, Sendable {
    /// How many of each are named.
    private static let named = 10

    /// By downloads gained, the most first.
    private(set) var risingRows: [Int] = []
    /// By downloads lost, the most first.
    private(set) var fallingRows: [Int] = []
    /// Models first seen after the baseline, by rank.
    private(set) var newRows: [Int] = []
    /// How many are new; `nil` where there is no baseline.
    private(set) var newModels: Int?

    var risingRow: Int? { risingRows.first }
    var fallingRow: Int? { fallingRows.first }

    init(_ columns: ModelColumns, hasBaseline: Bool) {
        var (rising, falling, fresh) = (Extremes(Self.named), Extremes(Self.named), 0)
        for row in 0..<columns.count {
            switch columns.downloads24h[row] {
            case .change(let change):
                if change > 0 { rising.offer(change, row) } else if change < 0 { falling.offer(-change, row) }
            case .missing(.newModel):
                fresh += 1
                if newRows.count < Self.named { newRows.append(row) }
            case .missing: break
            }
        }
        risingRows = rising.rows
        fallingRows = falling.rows
        newModels = hasBaseline ? fresh : nil
    }

    /// The rows with the largest figures; of equal ones the first.
    private struct Extremes {
        private let limit: Int
        private var kept: [(figure: Int64, row: Int)] = []

        init(_ limit: Int) {
            self.limit = limit
        }

        var rows: [Int] { kept.map(\.row) }

        mutating func offer(_ figure: Int64, _ row: Int) {
            if kept.count == limit, let last = kept.last, figure <= last.figure { return }
            let place = kept.firstIndex { $0.figure < figure } ?? kept.count
            kept.insert((figure, row), at: place)
            if kept.count > limit { kept.removeLast() }
        }
    }
}
