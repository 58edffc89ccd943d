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
        try db.each(.counters(snapshot: snapshot)) { row in
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
        try db.each(.ranks(snapshot: snapshot)) { row in
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
        try db.each(.ranks(snapshot: snapshot.key)) { row in
            let place = ranks.count
            isStored =
                isStored && place < scores.count && columns.keys[place] == row.model
                && scores[place].total == row.total
            ranks.append(Int32(truncatingIfNeeded: row.rank))
        }
        if isStored, ranks.count == scores.count { return RankedScores(scores: scores, ranks: ranks) }
        let models = try db.run(.highestModel()).first ?? 0
        let byName = try db.run(
            .modelsByName(snapshot: snapshot.key, isMost: columns.keys.count > Int(models) / 2))
        return RankedScores(scores: scores, ranks: Self.ranks(of: scores, columns, byName: byName))
    }

    /// - Parameter byName: the snapshot's model numbers in the bytewise order of their ids.
    private static func ranks(of scores: [Scores], _ columns: SnapshotColumns, byName: [UInt32]) -> [Int32] {
        let first = columns.keys.first ?? 0
        var positions = [UInt32](repeating: 0, count: Int((columns.keys.last ?? 0) - first) + 1)
        for (position, key) in columns.keys.enumerated() { positions[Int(key - first)] = UInt32(position) }
        return Ranking.ranks(totals: scores.map(\.total), idOrder: byName.map { positions[Int($0 - first)] })
    }
}
