package import Model
package import SQLite

extension Query {
    /// The newest publication of a feed.
    package static func newestPublication(feed: String) -> Query<Publication> {
        publications(feed: feed, snapshot: nil)
    }

    /// The publication of one snapshot, while it is kept.
    package static func publication(snapshot id: String) -> Query<Publication> {
        publications(feed: nil, snapshot: id)
    }

    /// The newest publication of a feed, or the one of a snapshot; there are only a few of each.
    private static func publications(feed: String?, snapshot: String?) -> Query<Publication> {
        Query<Publication>(
            """
            SELECT snapshot.id, snapshot.key, feed.name, snapshot.observed_at_ms, snapshot.source_count,
                   snapshot.ready_count, snapshot.rejected_count, snapshot.calls_used,
                   publication.serial, publication.published_at_ms, publication.epoch_state, publication.history_days,
                   publication.snapshot_count, publication.profile, publication.profile_version,
                   publication.weight_adoption, publication.weight_ecosystem, publication.weight_velocity,
                   epoch.id, epoch.observed_at_ms, d24.id, d24.observed_at_ms, d7.id, d7.observed_at_ms,
                   l24.id, l24.observed_at_ms, l7.id, l7.observed_at_ms
              FROM publication
              JOIN snapshot ON snapshot.key = publication.snapshot_key
              JOIN feed ON feed.id = publication.feed_id
              LEFT JOIN snapshot AS epoch ON epoch.key = publication.epoch_key
              LEFT JOIN snapshot AS d24 ON d24.key = publication.downloads_24h_key
              LEFT JOIN snapshot AS d7 ON d7.key = publication.downloads_7d_key
              LEFT JOIN snapshot AS l24 ON l24.key = publication.likes_24h_key
              LEFT JOIN snapshot AS l7 ON l7.key = publication.likes_7d_key
             WHERE (?1 IS NULL OR feed.name = ?1) AND (?2 IS NULL OR snapshot.id = ?2)
             ORDER BY snapshot.observed_at_ms DESC LIMIT 1
            """, [.text(feed), .text(snapshot)]
        ) { Publication($0) }
    }

    /// The serial of the newest publication of any feed; 0 where there is none.
    package static func newestSerial() -> Query<Int64> {
        Query<Int64>("SELECT coalesce(max(serial), 0) FROM publication") { $0.integer(0) }
    }

    /// One model's downloads in one snapshot; no row, or `nil`, where it was absent.
    package static func downloads(snapshot key: Int64, model: UInt32) -> Query<Int64?> {
        Query<Int64?>(
            """
            SELECT downloads, NULL, NULL FROM listing WHERE key = ((?1 << 32) | ?2)
             UNION ALL
            SELECT NULL, body, ?2 FROM history_block WHERE key = ((?1 << 32) | (?2 - ?2 % 1024))
            """, [.integer(key), .integer(Int64(model))]
        ) { $0.isNull(1) ? $0.integerOrNull(0) : HistoryBlock.entry($0, block: 1, model: 2)?.downloads }
    }

    /// Listings of given models are read by number: `names` joined with one of a snapshot.
    package static func curatedListing(
        snapshot key: Int64, model: String
    ) -> Query<(downloads: Int64?, likes: Int64?, lastModified: Timestamp?)> {
        Query<(downloads: Int64?, likes: Int64?, lastModified: Timestamp?)>(
            """
            SELECT listing.downloads, listing.likes, card.last_modified_ms
              FROM model
              JOIN listing ON listing.key = ((?1 << 32) | model.id)
              JOIN snapshot ON snapshot.key = ?1
              JOIN model_card AS card ON card.feed_id = snapshot.feed_id AND card.model_id = model.id
             WHERE model.name = ?2
            """, [.integer(key), .text(model)]
        ) {
            ($0.integerOrNull(0), $0.integerOrNull(1), $0.integerOrNull(2).map { Timestamp(milliseconds: $0) })
        }
    }
}

extension Publication {
    fileprivate init(_ row: borrowing Row) {
        func reference(_ row: borrowing Row, _ column: Int32) -> SnapshotReference? {
            row.textOrNull(column).map {
                SnapshotReference(id: $0, observedAt: Timestamp(milliseconds: row.integer(column + 1)))
            }
        }
        self.init(
            snapshot: Snapshot(row), serial: row.integer(8), publishedAt: Timestamp(milliseconds: row.integer(9)),
            epoch: reference(row, 18), epochState: EpochState(rawValue: row.text(10)) ?? .pending,
            baselines: DeltaBaselines(
                current: reference(row, 18), downloads24h: reference(row, 20), downloads7d: reference(row, 22),
                likes24h: reference(row, 24), likes7d: reference(row, 26)),
            historyDays: row.count(11), snapshotCount: row.count(12), profile: row.text(13),
            profileVersion: row.count(14), weights: [row.count(15), row.count(16), row.count(17)])
    }
}
