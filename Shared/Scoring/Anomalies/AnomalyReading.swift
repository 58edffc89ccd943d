package import Deployment
package import Model
package import SQLite
package import Store

/// What one model came to on one day.
package struct ModelDay: Sendable {
    package let model: UInt32
    /// The place of the day among those that were asked for.
    package let day: Int
    package let figures: AnomalyFigures
}

extension FeedDays {
    /// Models are worked through in ranges of this many numbers: with 31 snapshots about 24 MB at a time.
    private static let range: UInt32 = 32_768

    /// The feed's days, from the kept snapshots and what was found between them.
    ///
    /// A verdict whose earlier snapshot is no longer kept is left out: the oldest kept snapshot represents no epoch,
    /// just as if nothing had ever been observed before it.
    package static func epochs(of snapshots: [Snapshot], _ steps: [StoredStep]) -> EpochHistory {
        let kept = Dictionary(uniqueKeysWithValues: snapshots.map { ($0.key, $0) })
        var history = EpochHistory()
        for step in steps {
            guard let snapshot = kept[step.snapshot], kept[step.previous] != nil else { continue }
            history.record(EpochStep.Verdict(stored: step), at: SnapshotPoint(snapshot))
        }
        return history
    }

    /// What all models did on a day, from one epoch to the next.
    package func cohort(of day: Day, from db: borrowing Connection) throws(SQLiteError) -> EpochStep {
        let earlier = try CounterColumn.downloads(of: day.pair.earlier.snapshotKey, from: db)
        let later = try CounterColumn.downloads(of: day.pair.later.snapshotKey, from: db)
        return EpochDetection.step(from: earlier, to: later)
    }

    /// Reads the kept history once, range by range, and hands over each model's figures on each of the days.
    package func eachModel(
        on days: [AnomalyFiguring.JudgedDay], _ thresholds: AnomalyThresholds, from db: borrowing Connection,
        _ body: (ModelDay) -> Void
    ) throws(SQLiteError) {
        guard !days.isEmpty else { return }
        let figuring = AnomalyFiguring(
            self, days, floors: (thresholds.downloads.deviationFloor, thresholds.velocity.deviationFloor))
        let highest = try db.run(.highestModel()).first ?? 0
        var first: UInt32 = 0
        while first <= highest {
            let models = first...(first + Self.range - 1)
            let columns = try RangeColumns(snapshots, models, from: db)
            figuring.each(of: columns.models, downloads: columns.downloads, likes: columns.likes) {
                body(ModelDay(model: $0, day: $1, figures: $2))
            }
            first += Self.range
        }
    }
}

extension FeedDays {
    /// The same for a few models, which are looked up one by one.
    package func eachModel(
        of models: [UInt32], on days: [AnomalyFiguring.JudgedDay], _ thresholds: AnomalyThresholds,
        from db: borrowing Connection, _ body: (ModelDay) -> Void
    ) throws(SQLiteError) {
        let figuring = AnomalyFiguring(
            self, days, floors: (thresholds.downloads.deviationFloor, thresholds.velocity.deviationFloor))
        for model in models {
            let columns = try RangeColumns(snapshots, model...model, from: db)
            figuring.each(of: columns.models, downloads: columns.downloads, likes: columns.likes) {
                body(ModelDay(model: $0, day: $1, figures: $2))
            }
        }
    }
}

/// The counters of one range of models in several snapshots.
private struct RangeColumns {
    private(set) var downloads: [CounterColumn] = []
    private(set) var likes: [CounterColumn] = []
    /// Every model that one of the snapshots has, ascending.
    let models: [UInt32]

    init(_ snapshots: [Int64], _ range: ClosedRange<UInt32>, from db: borrowing Connection) throws(SQLiteError) {
        var isThere = [Bool](repeating: false, count: range.count)
        for snapshot in snapshots {
            let columns = try CounterColumn.counters(of: snapshot, range, from: db)
            for key in columns.downloads.keys { isThere[Int(key - range.lowerBound)] = true }
            downloads.append(columns.downloads)
            likes.append(columns.likes)
        }
        models = range.filter { isThere[Int($0 - range.lowerBound)] }
    }
}

extension CounterColumn {
    /// Downloads and likes of some models in one snapshot; the two share their keys.
    package static func counters(
        of snapshot: Int64, _ models: ClosedRange<UInt32> = 0...UInt32.max, from db: borrowing Connection
    ) throws(SQLiteError) -> (downloads: CounterColumn, likes: CounterColumn) {
        var (keys, downloads, likes) = ([UInt32](), [Int64](), [Int64]())
        try db.eachBlock(of: snapshot, models) { block in
            keys += block.models
            block.append(.downloads, to: &downloads, unknown: unknown)
            block.append(.likes, to: &likes, unknown: unknown)
        }
        // A block may have neighbours of a single model that is asked for.
        if let first = keys.first, let last = keys.last, !models.contains(first) || !models.contains(last) {
            let places = keys.indices.filter { models.contains(keys[$0]) }
            (keys, downloads, likes) = (
                places.map { keys[$0] }, places.map { downloads[$0] }, places.map { likes[$0] }
            )
        }
        try db.each(.counters(snapshot: snapshot, models: models)) { row in
            keys.append(row.model)
            downloads.append(row.downloads ?? unknown)
            likes.append(row.likes ?? unknown)
        }
        return (CounterColumn(keys: keys, values: downloads), CounterColumn(keys: keys, values: likes))
    }

    package static func downloads(
        of snapshot: Int64, from db: borrowing Connection
    ) throws(SQLiteError) -> CounterColumn {
        try counters(of: snapshot, from: db).downloads
    }
}

extension EpochStep.Verdict {
    /// The verdict as it is stored.
    package var word: String {
        switch self {
        case .none: "none"
        case .settled: "settled"
        case .suspect: "suspect"
        }
    }

    package var doubt: EpochStep.Doubt? {
        if case .suspect(let doubt) = self { doubt } else { nil }
    }

    package init(stored step: StoredStep) {
        switch step.verdict {
        case "settled": self = .settled
        case "suspect": self = .suspect(step.reason.flatMap(EpochStep.Doubt.init(rawValue:)) ?? .partial)
        default: self = .none
        }
    }
}
