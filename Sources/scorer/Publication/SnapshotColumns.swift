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

    var downloadsColumn: CounterColumn { column(downloads) }
    var likesColumn: CounterColumn { column(likes) }

    private func column(_ values: [Int64?]) -> CounterColumn {
        CounterColumn(keys: keys, values: values.map { $0 ?? CounterColumn.unknown })
    }
}

extension CounterColumn {
    static func ranks(of snapshot: Int64, from db: borrowing Connection) throws(SQLiteError) -> CounterColumn {
        let rows = try db.run(.ranks(snapshot: snapshot))
        return CounterColumn(keys: rows.map(\.model), values: rows.map { Int64($0.rank) })
    }
}

/// The scores and places of one snapshot's models, parallel to its columns.
struct RankedScores: Sendable {
    let scores: [Scores]
    let ranks: [Int32]

    /// - Parameter byName: the snapshot's model numbers in the bytewise order of their ids.
    init(_ columns: SnapshotColumns, byName: [UInt32], scoring: Scoring) {
        scores = columns.keys.indices.map { index in
            scoring.scores(
                downloads: columns.downloads[index], likes: columns.likes[index],
                trendingScore: columns.trendingScores[index])
        }
        var positions = [UInt32: UInt32](minimumCapacity: columns.keys.count)
        for (position, key) in columns.keys.enumerated() { positions[key] = UInt32(position) }
        ranks = Ranking.ranks(totals: scores.map(\.total), idOrder: byName.compactMap { positions[$0] })
    }
}
