import Model

/// Who gained and lost most downloads in a day, and how many models are new, over a whole feed.
struct Highlights: Equatable, Sendable {
    private(set) var risingRow: Int?
    private(set) var fallingRow: Int?
    /// Models first seen after the baseline; `nil` where there is no baseline.
    private(set) var newModels: Int?

    init(_ columns: ModelColumns, hasBaseline: Bool) {
        var (highest, lowest, fresh) = (Int64(0), Int64(0), 0)
        for row in 0..<columns.count {
            switch columns.downloads24h[row] {
            case .change(let change):
                if change > highest { (highest, risingRow) = (change, row) }
                if change < lowest { (lowest, fallingRow) = (change, row) }
            case .missing(let reason):
                if reason == .newModel { fresh += 1 }
            }
        }
        newModels = hasBaseline ? fresh : nil
    }
}
