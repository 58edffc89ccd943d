import Model
import SQLite
import Store
import Synchronization

/// The snapshots that a trend is drawn over: the last of each slot of the kept history, oldest first.
struct TrendSlots: Sendable {
    /// The longest trend that is drawn: one point per slot.
    private static let points: Int64 = 30

    let snapshots: [Snapshot]
    /// From the first to the publication's own.
    let span: Duration

    static let none = TrendSlots(snapshots: [], span: .zero)

    /// A slot without a snapshot is passed over.
    static func load(
        _ publication: Publication, from db: borrowing Connection
    ) throws(SQLiteError) -> TrendSlots {
        let newest = publication.snapshot.observedAt
        let kept = try db.run(.scoredSnapshots(feed: publication.snapshot.feed))
            .filter { $0.observedAt <= newest && $0.observedAt >= newest - .days(30) }
        guard let oldest = kept.first?.observedAt else { return .none }
        let slot = max(1, ((newest - oldest).milliseconds + points) / points)
        // Oldest first, so the last one written to a slot is its newest.
        var last: [Int64: Snapshot] = [:]
        for snapshot in kept { last[(newest - snapshot.observedAt).milliseconds / slot] = snapshot }
        let chosen = last.values.sorted { $0.observedAt < $1.observedAt }
        return TrendSlots(snapshots: chosen, span: chosen.first.map { newest - $0.observedAt } ?? .zero)
    }

    /// Downloads of some models in each slot, by model; `nil` is a gap.
    func trends(of models: ArraySlice<UInt32>, from db: borrowing Connection) throws(SQLiteError) -> [[Int64?]] {
        try db.downloads(of: Array(models), in: snapshots.map(\.key))
    }
}

/// Trends that have been read once: a snapshot that is kept does not change, and most readers look at the same pages.
final class TrendCache: Sendable {
    /// Half a kilobyte each.
    private static let kept = 10_000
    private let known = Mutex<[UInt32: [Int64?]]>([:])

    /// The trends of some models; `nil` unless all of them are known.
    func trends(of models: ArraySlice<UInt32>) -> [[Int64?]]? {
        known.withLock { known in
            let trends = models.compactMap { known[$0] }
            return trends.count == models.count ? trends : nil
        }
    }

    func keep(_ trends: [[Int64?]], of models: ArraySlice<UInt32>) {
        known.withLock { known in
            if known.count + models.count > Self.kept { known.removeAll(keepingCapacity: true) }
            for (model, trend) in zip(models, trends) { known[model] = trend }
        }
    }
}
