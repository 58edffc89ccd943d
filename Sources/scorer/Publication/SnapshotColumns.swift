import Model
import SQLite
import Scoring
import Store

/// One snapshot's counters as columns, by rising model number.
struct SnapshotColumns: Sendable {
    let keys: [UInt32]
    let downloads: [Int64?]
    let likes: [Int64?]
    let trendingScores: [Double?]

    static func load(_ snapshot: Int64, from db: borrowing Connection) throws(SQLiteError) -> SnapshotColumns {
        var (keys, downloads, likes) = ([UInt32](), [Int64?](), [Int64?]())
        var trendingScores: [Double?] = []
        try db.eachCounters(of: snapshot) { row in
            keys.append(row.model)
            downloads.append(row.downloads)
            likes.append(row.likes)
            trendingScores.append(row.trendingScore)
        }
        return SnapshotColumns(keys: keys, downloads: downloads, likes: likes, trendingScores: trendingScores)
    }

    func scores(_ scoring: Scoring) -> [Scores] {
        keys.indices.map { index in
            scoring.scores(downloads: downloads[index], likes: likes[index], trendingScore: trendingScores[index])
        }
    }

    var downloadsColumn: CounterColumn { column(downloads) }
    var likesColumn: CounterColumn { column(likes) }

    private func column(_ values: [Int64?]) -> CounterColumn {
        CounterColumn(keys: keys, values: values.map { $0 ?? CounterColumn.unknown })
    }
}

extension CounterColumn {
    static func ranks(of snapshot: Int64, from db: borrowing Connection) throws(SQLiteError) -> CounterColumn {
        var (keys, values) = ([UInt32](), [Int64]())
        try db.eachRank(of: snapshot) { row in
            keys.append(row.model)
            values.append(Int64(row.rank))
        }
        return CounterColumn(keys: keys, values: values)
    }
}

/// The scores and places of one snapshot's models, parallel to its columns.
struct RankedScores: Sendable {
    let scores: [Scores]
    let ranks: [Int32]

    /// Computes the scores; the places too, unless those that are stored belong to the same totals. They do unless the
    /// profile has changed since, and the order of all ids is half of the work.
    static func load(
        _ snapshot: Snapshot, _ columns: SnapshotColumns, scoring: Scoring, from db: borrowing Connection
    ) throws(SQLiteError) -> RankedScores {
        let scores = columns.scores(scoring)
        var ranks: [Int32] = []
        ranks.reserveCapacity(scores.count)
        var isStored = true
        try db.eachRank(of: snapshot.key) { row in
            let place = ranks.count
            isStored =
                isStored && place < scores.count && columns.keys[place] == row.model
                && (scores[place].total ?? Tenths(0)) == row.total
            ranks.append(Int32(truncatingIfNeeded: row.rank))
        }
        if isStored, ranks.count == scores.count { return RankedScores(scores: scores, ranks: ranks) }
        let models = try db.run(.highestModel()).first ?? 0
        var byName = try db.run(
            .modelsByName(snapshot: snapshot.key, isMost: columns.keys.count > Int(models) / 2))
        // Some of it is packed, where the order of ids does not join it.
        if byName.count != columns.keys.count { byName = try db.run(.everyModelByName()) }
        return RankedScores(scores: scores, ranks: Self.ranks(of: scores, columns, byName: byName))
    }

    /// - Parameter byName: the snapshot's model numbers in the bytewise order of their ids; others may be among them.
    private static func ranks(of scores: [Scores], _ columns: SnapshotColumns, byName: [UInt32]) -> [Int32] {
        let first = columns.keys.first ?? 0
        let last = columns.keys.last ?? 0
        var positions = [UInt32](repeating: .max, count: Int(last - first) + 1)
        for (position, key) in columns.keys.enumerated() { positions[Int(key - first)] = UInt32(position) }
        var order: [UInt32] = []
        order.reserveCapacity(columns.keys.count)
        for key in byName where key >= first && key <= last {
            let position = positions[Int(key - first)]
            if position != .max { order.append(position) }
        }
        return Ranking.ranks(totals: scores.map(\.total), idOrder: order)
    }
}
