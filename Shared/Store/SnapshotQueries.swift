package import Model
package import SQLite

extension Snapshot {
    init(_ row: borrowing Row) {
        self.init(
            id: row.text(0), key: row.integer(1), feed: row.text(2),
            observedAt: Timestamp(milliseconds: row.integer(3)), sourceCount: row.count(4), readyCount: row.count(5),
            rejectedCount: row.count(6), callsUsed: row.count(7))
    }
}

extension Query {
    package static func snapshot(id: String) -> Query<Snapshot> {
        Query<Snapshot>(
            """
            SELECT snapshot.id, key, feed.name, observed_at_ms, source_count, ready_count, rejected_count, calls_used
              FROM snapshot JOIN feed ON feed.id = snapshot.feed_id WHERE snapshot.id = ?1
            """, [.text(id)]
        ) { Snapshot($0) }
    }

    package static func snapshot(key: Int64) -> Query<Snapshot> {
        Query<Snapshot>(
            """
            SELECT snapshot.id, key, feed.name, observed_at_ms, source_count, ready_count, rejected_count, calls_used
              FROM snapshot JOIN feed ON feed.id = snapshot.feed_id WHERE snapshot.key = ?1
            """, [.integer(key)]
        ) { Snapshot($0) }
    }

    /// All snapshots of a feed that have been scored, oldest first.
    package static func scoredSnapshots(feed: String) -> Query<Snapshot> {
        Query<Snapshot>(
            """
            SELECT snapshot.id, key, feed.name, observed_at_ms, source_count, ready_count, rejected_count, calls_used
              FROM snapshot JOIN feed ON feed.id = snapshot.feed_id
             WHERE feed.name = ?1 AND scored_at_ms IS NOT NULL ORDER BY observed_at_ms
            """, [.text(feed)]
        ) { Snapshot($0) }
    }

    /// The snapshot of the same feed just before the given one. One that is being made part by part is not there yet.
    package static func snapshotBefore(key: Int64) -> Query<Snapshot> {
        Query<Snapshot>(
            """
            SELECT earlier.id, earlier.key, feed.name, earlier.observed_at_ms, earlier.source_count,
                   earlier.ready_count, earlier.rejected_count, earlier.calls_used
              FROM snapshot AS this
              JOIN snapshot AS earlier ON earlier.feed_id = this.feed_id
               AND earlier.observed_at_ms < this.observed_at_ms
              JOIN feed ON feed.id = earlier.feed_id
             WHERE this.key = ?1
               AND NOT EXISTS (SELECT 1 FROM refresh WHERE refresh.id = earlier.id AND refresh.state = 'fetched')
             ORDER BY earlier.observed_at_ms DESC LIMIT 1
            """, [.integer(key)]
        ) { Snapshot($0) }
    }

    /// The snapshot of the same feed just after the given one, if it is whole.
    package static func snapshotAfter(key: Int64) -> Query<Snapshot> {
        Query<Snapshot>(
            """
            SELECT later.id, later.key, feed.name, later.observed_at_ms, later.source_count, later.ready_count,
                   later.rejected_count, later.calls_used
              FROM snapshot AS this
              JOIN snapshot AS later ON later.feed_id = this.feed_id AND later.observed_at_ms > this.observed_at_ms
              JOIN feed ON feed.id = later.feed_id
             WHERE this.key = ?1
               AND NOT EXISTS (SELECT 1 FROM refresh WHERE refresh.id = later.id AND refresh.state = 'fetched')
             ORDER BY later.observed_at_ms LIMIT 1
            """, [.integer(key)]
        ) { Snapshot($0) }
    }

    package static func snapshotOrigin(key: Int64) -> Query<Origin> {
        Query<Origin>("SELECT origin FROM snapshot WHERE key = ?1", [.integer(key)]) {
            Origin(rawValue: $0.text(0)) ?? .import
        }
    }

    package static func markScored(key: Int64, at now: Timestamp) -> Query<Void> {
        Query<Void>(
            "UPDATE snapshot SET scored_at_ms = ?2 WHERE key = ?1", [.integer(key), .integer(now.milliseconds)])
    }

    /// What the upstream answered for models that were asked for one by one.
    package static func upstreamErrors(key: Int64) -> Query<UpstreamError> {
        Query<UpstreamError>(
            "SELECT model, coalesce(status, 0), message FROM upstream_error WHERE snapshot_key = ?1", [.integer(key)]
        ) { UpstreamError(model: $0.text(0), status: $0.count(1), message: $0.text(2)) }
    }
}
