package import Model

/// The counters that the deltas of one range of models are computed from.
///
/// All columns may cover the whole feed or one range of keys of it: deltas of different models do not depend on
/// each other, so a whole Hub can be worked through range by range in constant memory. A column whose
/// baseline is not usable is not read and may be empty.
package struct DeltaColumns: Sendable {
    /// Models of the newest snapshot, ascending.
    package let keys: [UInt32]
    /// When the feed first saw each of them, in milliseconds; parallel to `keys`.
    package let firstSeen: [Int64]
    /// Of the newest snapshot.
    package var likes: CounterColumn
    package var ranks: CounterColumn
    /// Downloads in the snapshot that represents the newest epoch, and in its two baselines.
    package var downloadsCurrent = CounterColumn.empty
    package var downloads24h = CounterColumn.empty
    package var downloads7d = CounterColumn.empty
    /// Likes and ranks in the snapshots that they are compared with.
    package var likes24h = CounterColumn.empty
    package var likes7d = CounterColumn.empty
    package var ranks24h = CounterColumn.empty

    package init(keys: [UInt32], firstSeen: [Int64], likes: CounterColumn, ranks: CounterColumn) {
        precondition(keys.count == firstSeen.count, "every model has a moment when it was first seen")
        precondition(keys.isStrictlyAscending, "keys ascend and do not repeat")
        self.keys = keys
        self.firstSeen = firstSeen
        self.likes = likes
        self.ranks = ranks
    }
}

extension Baselines {
    /// The deltas of each model, parallel to `columns.keys`.
    ///
    /// A reason that holds for the whole feed (`epoch_pending`, `missed_refresh`, `suspect_epoch`) comes before
    /// those of a single model. Where one of the two figures is not there, the model is `new_model` if
    /// the feed first saw it after the baseline, else `no_baseline`; the same holds for a model that the newest
    /// snapshot has but the snapshot of the newest epoch lacks.
    package func deltas(_ columns: DeltaColumns) -> [Deltas] {
        var downloads = ColumnCursor(columns.downloadsCurrent)
        var likes = ColumnCursor(columns.likes)
        var ranks = ColumnCursor(columns.ranks)
        var downloadsDay = BaselineCursor(downloads24h, columns.downloads24h)
        var downloadsWeek = BaselineCursor(downloads7d, columns.downloads7d)
        var likesDay = BaselineCursor(likes24h, columns.likes24h)
        var likesWeek = BaselineCursor(likes7d, columns.likes7d)
        var ranksDay = BaselineCursor(likes24h, columns.ranks24h)

        var result: [Deltas] = []
        result.reserveCapacity(columns.keys.count)
        for index in columns.keys.indices {
            let key = columns.keys[index]
            let seen = columns.firstSeen[index]
            let downloadsNow = downloads.value(at: key)
            let likesNow = likes.value(at: key)
            // A rank falls as its model rises, so places gained are earlier minus later.
            let placesLost = ranksDay.delta(to: ranks.value(at: key), of: key, firstSeen: seen)
            result.append(
                Deltas(
                    downloads24h: downloadsDay.delta(to: downloadsNow, of: key, firstSeen: seen),
                    downloads7d: downloadsWeek.delta(to: downloadsNow, of: key, firstSeen: seen),
                    likes24h: likesDay.delta(to: likesNow, of: key, firstSeen: seen),
                    likes7d: likesWeek.delta(to: likesNow, of: key, firstSeen: seen),
                    rankChange: placesLost.negated))
        }
        return result
    }
}

/// One baseline and its column, walked along with the newest models.
private struct BaselineCursor {
    private let reason: MissingReason?
    private let takenAt: Int64
    private var cursor: ColumnCursor

    package init(_ baseline: Baseline, _ column: CounterColumn) {
        reason = baseline.reason
        takenAt = baseline.usable?.observedAt.milliseconds ?? .max
        cursor = ColumnCursor(column)
    }

    @inline(__always)
    package mutating func delta(to later: Int64?, of key: UInt32, firstSeen: Int64) -> Delta {
        if let reason { return .missing(reason) }
        guard let earlier = cursor.value(at: key), let later else {
            return .missing(firstSeen > takenAt ? .newModel : .noBaseline)
        }
        // Both are counts, so their difference cannot overflow.
        return .change(later - earlier)
    }
}

extension Delta {
    fileprivate var negated: Delta {
        if case .change(let value) = self { .change(-value) } else { self }
    }
}
