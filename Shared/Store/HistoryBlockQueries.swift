package import Model
package import SQLite

extension Connection {
    /// Hands over the blocks of a snapshot that have some of these models, by rising model number.
    ///
    /// Models are packed from the lowest number on, so those of the rows in `listing` and `score` follow.
    package func eachBlock(
        of snapshot: Int64, _ models: ClosedRange<UInt32> = 0...UInt32.max,
        _ body: (HistoryBlock) -> Void
    ) throws(SQLiteError) {
        var damaged: Int64?
        try each(Query<HistoryBlock?>.blocks(snapshot: snapshot, models: models)) { block in
            if let block { body(block) } else { damaged = snapshot }
        }
        if let damaged { throw Self.damaged(damaged) }
    }

    private static func damaged(_ snapshot: Int64) -> SQLiteError {
        SQLiteError(code: corrupt, message: "a history_block of the snapshot with the key \(snapshot) is damaged")
    }

    /// `SQLITE_CORRUPT`: a file that holds what nobody has written.
    private static var corrupt: Int32 { 11 }

    /// Downloads of some models in some snapshots, by model; `nil` is a gap. To be used within one transaction.
    ///
    /// Of a packed snapshot the few bytes are read that tell them, which is one page of a block's three.
    package func downloads(
        of models: [UInt32], in snapshots: [Int64]
    ) throws(SQLiteError) -> [[Int64?]] {
        var found = [[Int64?]](repeating: [], count: models.count)
        try withBlobs(table: "history_block", column: "body") { blobs throws(SQLiteError) in
            for snapshot in snapshots {
                let isPacked = try run(Query<Int64>.anyBlock(of: snapshot)).first != nil
                for (place, model) in models.enumerated() {
                    if isPacked, blobs.seek(snapshot << 32 | Int64(HistoryBlock.first(of: model))) {
                        found[place].append(try Self.downloads(of: model, blobs, snapshot))
                    } else {
                        found[place].append(try run(.downloads(snapshot: snapshot, model: model)).first ?? nil)
                    }
                }
            }
        }
        return found
    }

    private static func downloads(
        of model: UInt32, _ blobs: borrowing BlobReader, _ snapshot: Int64
    ) throws(SQLiteError) -> Int64? {
        let size = blobs.count
        let known = try HistoryBlock.downloads(of: model) { range throws(SQLiteError) in
            range.upperBound <= size ? try blobs.bytes(range) : []
        }
        guard let known else { throw damaged(snapshot) }
        return known
    }

    /// The history of one snapshot, by rising model number, packed or not.
    package func eachCounters(of snapshot: Int64, _ body: (Counters) -> Void) throws(SQLiteError) {
        try eachBlock(of: snapshot) { block in
            for entry in block.entries {
                body(
                    Counters(
                        model: entry.model, downloads: entry.downloads, likes: entry.likes,
                        trendingScore: entry.trendingScore))
            }
        }
        try each(.counters(snapshot: snapshot), body)
    }

    /// Totals and ranks of a snapshot, by rising model number, packed or not.
    package func eachRank(
        of snapshot: Int64, _ body: ((model: UInt32, total: Tenths, rank: Int)) -> Void
    ) throws(SQLiteError) {
        try eachBlock(of: snapshot) { block in
            for entry in block.entries {
                guard let total = entry.total, let rank = entry.rank else { continue }
                body((entry.model, Tenths(Int32(truncatingIfNeeded: total)), Int(rank)))
            }
        }
        try each(.ranks(snapshot: snapshot), body)
    }
}

extension Query {
    /// The blocks of a snapshot that have some of these models; `nil` for one that cannot be read.
    static func blocks(snapshot key: Int64, models: ClosedRange<UInt32>) -> Query<HistoryBlock?> {
        Query<HistoryBlock?>(
            """
            SELECT key, body FROM history_block
             WHERE key BETWEEN ((?1 << 32) | ?2) AND ((?1 << 32) | ?3) ORDER BY key
            """,
            [
                .integer(key), .integer(Int64(HistoryBlock.first(of: models.lowerBound))),
                .integer(Int64(models.upperBound)),
            ]
        ) { HistoryBlock(key: $0.integer(0), $0.blob(1)) }
    }

    /// The key of one block of a snapshot; no row where it is not packed.
    static func anyBlock(of snapshot: Int64) -> Query<Int64> {
        Query<Int64>(
            "SELECT key FROM history_block WHERE key BETWEEN (?1 << 32) AND ((?1 << 32) | 4294967295) LIMIT 1",
            [.integer(snapshot)]
        ) { $0.integer(0) }
    }

    /// Stores the block of a snapshot, or another in its place.
    package static func saveBlock(_ block: HistoryBlock, of snapshot: Int64) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO history_block (key, body) VALUES (?1, ?2)
            ON CONFLICT (key) DO UPDATE SET body = excluded.body
            """, [.integer(snapshot << 32 | Int64(block.first)), .blob(block.bytes)])
    }
}

extension HistoryBlock {
    /// One model's figures, where they are packed: from a column with the block's bytes or NULL, and one with the
    /// model's number.
    static func entry(_ row: borrowing Row, block: Int32, model: Int32) -> Entry? {
        guard !row.isNull(block) else { return nil }
        let number = UInt32(truncatingIfNeeded: row.integer(model))
        return HistoryBlock(key: Int64(first(of: number)), row.blob(block))?[number]
    }
}
