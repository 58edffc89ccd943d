package import SQLite

/// Packs a few blocks of a large snapshot that is not the newest any more; see ``HistoryBlock``.
///
/// What readers page through stays in rows, as does what has no scores yet. Small snapshots stay rows too: they take
/// little, and one model of theirs is read faster from a row.
package struct PackHistory: Write {
    /// Snapshots with so many models are packed.
    package static let least = 16_384
    /// How many blocks one transaction packs: some tens of milliseconds of the write lock.
    package static let batch = 8

    private let feed: String
    private let least: Int
    private let batch: Int

    package init(feed: String, least: Int = PackHistory.least, batch: Int = PackHistory.batch) {
        self.feed = feed
        self.least = least
        self.batch = batch
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        var left = batch
        while left > 0, let snapshot = try connection.run(Query<Int64>.packable(feed: feed, least: least)).first {
            while left > 0, let lowest = try connection.run(Self.lowest(of: snapshot)).first {
                try pack(HistoryBlock.first(of: lowest), of: snapshot, connection)
                left -= 1
            }
            if left > 0 { try connection.run(Self.markPacked(snapshot)) }
        }
    }

    private func pack(
        _ first: UInt32, of snapshot: Int64, _ connection: borrowing Connection
    ) throws(SQLiteError) {
        let (lowest, highest) = (snapshot << 32 | Int64(first), snapshot << 32 | Int64(first + HistoryBlock.span - 1))
        let entries = try connection.run(Self.rows(lowest, highest))
        try connection.run(Query<Void>.saveBlock(HistoryBlock(entries), of: snapshot))
        try connection.run(Self.dropListings(lowest, highest))
        try connection.run(Self.dropScores(lowest, highest))
    }

    /// The lowest model of a snapshot that stands in a row.
    private static func lowest(of snapshot: Int64) -> Query<UInt32> {
        Query<UInt32>(
            """
            SELECT key & 4294967295 FROM listing
             WHERE key BETWEEN (?1 << 32) AND ((?1 << 32) | 4294967295) ORDER BY key LIMIT 1
            """, [.integer(snapshot)]
        ) { UInt32(truncatingIfNeeded: $0.integer(0)) }
    }

    private static func rows(_ lowest: Int64, _ highest: Int64) -> Query<HistoryBlock.Entry> {
        Query<HistoryBlock.Entry>(
            """
            SELECT listing.key & 4294967295, downloads, likes, trending, total, rank
              FROM listing LEFT JOIN score ON score.key = listing.key
             WHERE listing.key BETWEEN ?1 AND ?2 ORDER BY listing.key
            """, [.integer(lowest), .integer(highest)]
        ) {
            HistoryBlock.Entry(
                model: UInt32(truncatingIfNeeded: $0.integer(0)), downloads: $0.integerOrNull(1),
                likes: $0.integerOrNull(2), trendingScore: $0.realOrNull(3), total: $0.integerOrNull(4),
                rank: $0.integerOrNull(5))
        }
    }

    private static func dropListings(_ lowest: Int64, _ highest: Int64) -> Query<Void> {
        Query<Void>(
            "DELETE FROM listing WHERE key BETWEEN ?1 AND ?2", [.integer(lowest), .integer(highest)])
    }

    private static func dropScores(_ lowest: Int64, _ highest: Int64) -> Query<Void> {
        Query<Void>("DELETE FROM score WHERE key BETWEEN ?1 AND ?2", [.integer(lowest), .integer(highest)])
    }

    private static func markPacked(_ snapshot: Int64) -> Query<Void> {
        Query<Void>("UPDATE snapshot SET packed = 1 WHERE key = ?1", [.integer(snapshot)])
    }
}

extension Query {
    /// The oldest large snapshot of a feed that stands in rows and need not: it is scored, a newer one is too, and no
    /// reader pages through it.
    package static func packable(feed: String, least: Int = PackHistory.least) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT key FROM snapshot
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND packed = 0 AND pruning = 0
               AND scored_at_ms IS NOT NULL AND ready_count >= ?2
               AND EXISTS (SELECT 1 FROM snapshot AS newer
                            WHERE newer.feed_id = snapshot.feed_id AND newer.observed_at_ms > snapshot.observed_at_ms
                              AND newer.scored_at_ms IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM publication WHERE snapshot_key = snapshot.key)
             ORDER BY observed_at_ms LIMIT 1
            """, [.text(feed), .integer(least)]
        ) { $0.integer(0) }
    }
}
