import Model
package import SQLite

/// Takes models over from a feed's snapshot before: those of the watch list that this observation has not asked for,
/// with what was seen of them last. So who leaves the listings stays in the snapshots of thirty days, although they are
/// asked for once a day only. Those that were asked for in vain are not taken over.
package struct CarryListings: Write {
    /// For how long what was seen last is taken to hold.
    private static let held = Duration.days(2)

    private let refresh: Refresh

    package init(refresh: Refresh) {
        self.refresh = refresh
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        guard let places = try connection.run(snapshots).first else { return }
        let carried = try connection.change(carry(from: places.before, to: places.this))
        guard carried > 0 else { return }
        try connection.run(
            Query<Void>(
                """
                UPDATE snapshot SET source_count = source_count + ?2, ready_count = ready_count + ?2 WHERE key = ?1
                """, [.integer(places.this), .integer(carried)]))
    }

    private var snapshots: Query<(this: Int64, before: Int64)> {
        Query<(this: Int64, before: Int64)>(
            """
            SELECT this.key, earlier.key FROM snapshot AS this
              JOIN snapshot AS earlier
                ON earlier.feed_id = this.feed_id AND earlier.observed_at_ms < this.observed_at_ms
             WHERE this.id = ?1 ORDER BY earlier.observed_at_ms DESC LIMIT 1
            """, [.text(refresh.id)]
        ) { ($0.integer(0), $0.integer(1)) }
    }

    private func carry(from earlier: Int64, to key: Int64) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO listing (key, downloads, likes, trending)
            SELECT ?2 + card.model_id, seen.downloads, seen.likes, seen.trending
              FROM listing AS seen
              JOIN snapshot ON snapshot.key = ?3
              JOIN model_card AS card ON card.feed_id = snapshot.feed_id AND card.model_id = seen.key - ?1
              JOIN model ON model.id = card.model_id
             WHERE seen.key > ?1 AND seen.key < ?1 + 4294967296
               AND card.listed_at_ms >= ?4 AND card.observed_at_ms >= ?5
               AND NOT EXISTS (SELECT 1 FROM upstream_error AS error
                                WHERE error.snapshot_key = ?3 AND error.model = model.name)
            ON CONFLICT (key) DO NOTHING
            """,
            [
                .integer(earlier << 32), .integer(key << 32), .integer(key),
                .integer((refresh.observedAt - Snapshot.history).milliseconds),
                .integer((refresh.observedAt - Self.held).milliseconds),
            ])
    }
}
