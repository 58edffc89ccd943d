package import Model
package import SQLite

/// What one snapshot says about one model.
package struct HistoryPoint: Equatable, Sendable {
    package let snapshot: SnapshotReference
    /// Whether the snapshot has the model at all.
    package let isListed: Bool
    package let downloads: Int64?
    package let likes: Int64?
    package let trendingScore: Double?
    package let rank: Int?
    package let total: Tenths?
}

extension Query {
    /// A model's figures in each scored snapshot of a feed, oldest first; snapshots without it are among them.
    package static func history(
        feed: String, model: String, from: Timestamp?, to: Timestamp?
    ) -> Query<HistoryPoint> {
        Query<HistoryPoint>(
            """
            SELECT snapshot.id, snapshot.observed_at_ms, listing.key IS NOT NULL, listing.downloads, listing.likes,
                   listing.trending, score.rank, score.total, block.body, model.id
              FROM feed
              JOIN snapshot ON snapshot.feed_id = feed.id AND snapshot.scored_at_ms IS NOT NULL
              JOIN model ON model.name = ?2
              LEFT JOIN listing ON listing.key = ((snapshot.key << 32) | model.id)
              LEFT JOIN score ON score.key = ((snapshot.key << 32) | model.id)
              LEFT JOIN history_block AS block ON block.key = ((snapshot.key << 32) | (model.id - model.id % 1024))
             WHERE feed.name = ?1 AND snapshot.observed_at_ms >= ?3 AND snapshot.observed_at_ms <= ?4
             ORDER BY snapshot.observed_at_ms
            """,
            [
                .text(feed), .text(model), .integer(from?.milliseconds ?? 0),
                .integer(to?.milliseconds ?? Int64.max),
            ]
        ) { row in
            let packed = row.flag(2) ? nil : HistoryBlock.entry(row, block: 8, model: 9)
            let (downloads, likes) = (packed?.downloads ?? row.integerOrNull(3), packed?.likes ?? row.integerOrNull(4))
            let trending = packed?.trendingScore ?? row.realOrNull(5)
            // Without any of them there is no total, and 0 is what is stored.
            let isKnown = downloads != nil || likes != nil || trending != nil
            return HistoryPoint(
                snapshot: SnapshotReference(id: row.text(0), observedAt: Timestamp(milliseconds: row.integer(1))),
                isListed: row.flag(2) || packed != nil, downloads: downloads, likes: likes, trendingScore: trending,
                rank: (packed?.rank ?? row.integerOrNull(6)).map { Int($0) },
                total: isKnown ? (packed?.total ?? row.integerOrNull(7)).map { Tenths(Int32($0)) } : nil)
        }
    }

    /// One row if the feed has ever seen the model.
    package static func isKnown(_ model: String, feed: String) -> Query<Int> {
        Query<Int>(
            """
            SELECT 1 FROM model_card JOIN model ON model.id = model_card.model_id
              JOIN feed ON feed.id = model_card.feed_id WHERE model.name = ?1 AND feed.name = ?2
            """, [.text(model), .text(feed)]
        ) { $0.count(0) }
    }
}
