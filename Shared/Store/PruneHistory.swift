package import Model
package import SQLite

/// Deletes one small batch of what a feed's history no longer reaches back to.
///
/// The oldest snapshot goes first: its listings and scores, then its raw pages and rejected rows, then itself. From the
/// first batch on it counts as unscored, so nothing is computed from half of it. What a kept publication shows or is
/// compared with stays, however old. Cards and models stay too: they say when a model was first seen.
package struct PruneHistory: Write {
    /// How many rows one transaction deletes: a few milliseconds of the write lock.
    package static let batch = 10_000
    /// A page is a compressed body of up to a megabyte, in many leaves of the file.
    private static let costOfPage = 200
    /// A packed block is three or four leaves of the file.
    private static let costOfBlock = 20

    private let feed: String
    private let edge: Timestamp
    private let now: Timestamp
    private let batch: Int

    /// - Parameter edge: what was observed before it goes.
    package init(feed: String, before edge: Timestamp, now: Timestamp, batch: Int = PruneHistory.batch) {
        precondition(batch >= Self.costOfPage, "a batch deletes a page at least")
        self.feed = feed
        self.edge = edge
        self.now = now
        self.batch = batch
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        var left = batch
        while left > 0, let snapshot = try connection.run(.prunable(feed: feed, before: edge, now: now)).first {
            try prune(snapshot, &left, on: connection)
        }
        guard left > 0 else { return }
        try connection.run(dropRefreshes)
        try connection.run(dropAnomalies)
        try connection.run(dropMarks)
        try connection.run(dropEpochs)
    }

    private func prune(
        _ snapshot: (key: Int64, id: String), _ left: inout Int, on connection: borrowing Connection
    ) throws(SQLiteError) {
        try connection.run(Self.begin(snapshot.key))
        try connection.run(Self.dropSteps(snapshot.key))
        left -= try connection.change(Self.dropListings(snapshot.key, limit: left))
        guard left > 0 else { return }
        left -= try connection.change(Self.dropScores(snapshot.key, limit: left))
        guard left > 0 else { return }
        let blocks = (left + Self.costOfBlock - 1) / Self.costOfBlock
        left -= try connection.change(Self.dropBlocks(snapshot.key, limit: blocks)) * Self.costOfBlock
        guard left > 0 else { return }
        left -= try connection.change(Self.dropRejections(snapshot.id, limit: left))
        guard left > 0 else { return }
        let pages = (left + Self.costOfPage - 1) / Self.costOfPage
        left -= try connection.change(Self.dropPages(snapshot.id, limit: pages)) * Self.costOfPage
        guard left > 0 else { return }
        try connection.run(Self.drop(snapshot.key))
        try connection.run(Self.dropRefresh(snapshot.id))
        left -= 1
    }

    private static func begin(_ key: Int64) -> Query<Void> {
        Query<Void>("UPDATE snapshot SET pruning = 1, scored_at_ms = NULL WHERE key = ?1", [.integer(key)])
    }

    private static func dropSteps(_ key: Int64) -> Query<Void> {
        Query<Void>("DELETE FROM epoch_step WHERE snapshot_key = ?1 OR previous_key = ?1", [.integer(key)])
    }

    private static func dropListings(_ key: Int64, limit: Int) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM listing WHERE key IN (
                   SELECT key FROM listing WHERE key >= (?1 << 32) AND key < ((?1 + 1) << 32) ORDER BY key LIMIT ?2)
            """, [.integer(key), .integer(limit)])
    }

    private static func dropScores(_ key: Int64, limit: Int) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM score WHERE key IN (
                   SELECT key FROM score WHERE key >= (?1 << 32) AND key < ((?1 + 1) << 32) ORDER BY key LIMIT ?2)
            """, [.integer(key), .integer(limit)])
    }

    private static func dropBlocks(_ key: Int64, limit: Int) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM history_block WHERE key IN (
                   SELECT key FROM history_block
                    WHERE key >= (?1 << 32) AND key < ((?1 + 1) << 32) ORDER BY key LIMIT ?2)
            """, [.integer(key), .integer(limit)])
    }

    private static func dropRejections(_ id: String, limit: Int) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM rejected_row WHERE rowid IN (SELECT rowid FROM rejected_row WHERE refresh_id = ?1 LIMIT ?2)
            """, [.text(id), .integer(limit)])
    }

    private static func dropPages(_ id: String, limit: Int) -> Query<Void> {
        Query<Void>(
            "DELETE FROM page WHERE rowid IN (SELECT rowid FROM page WHERE refresh_id = ?1 LIMIT ?2)",
            [.text(id), .integer(limit)])
    }

    private static func drop(_ key: Int64) -> Query<Void> {
        Query<Void>("DELETE FROM snapshot WHERE key = ?1", [.integer(key)])
    }

    private static func dropRefresh(_ id: String) -> Query<Void> {
        Query<Void>("DELETE FROM refresh WHERE id = ?1", [.text(id)])
    }

    /// Refreshes that came to nothing, once nobody looks for the reason any more.
    private var dropRefreshes: Query<Void> {
        Query<Void>(
            """
            DELETE FROM refresh WHERE id IN (
                   SELECT id FROM refresh
                    WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND observed_at_ms < ?2 AND ended_at_ms < ?3
                      AND NOT EXISTS (SELECT 1 FROM snapshot WHERE snapshot.id = refresh.id)
                    LIMIT 10)
            """, [.text(feed), .integer(edge.milliseconds), .integer((now - .days(30)).milliseconds)])
    }

    private var dropAnomalies: Query<Void> {
        Query<Void>(
            """
            DELETE FROM anomaly
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND closed_at_ms < ?2
            """, [.text(feed), .integer(edge.milliseconds)])
    }

    /// Marks that belong to no anomaly that is kept.
    private var dropMarks: Query<Void> {
        Query<Void>(
            """
            DELETE FROM anomaly_mark
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND at_ms < ?2
               AND NOT EXISTS (
                   SELECT 1 FROM anomaly
                    WHERE anomaly.feed_id = anomaly_mark.feed_id AND anomaly.model_id = anomaly_mark.model_id
                      AND anomaly.rule = anomaly_mark.rule AND anomaly.opened_at_ms <= anomaly_mark.at_ms
                      AND (closed_at_ms IS NULL OR closed_at_ms > anomaly_mark.at_ms))
            """, [.text(feed), .integer(edge.milliseconds)])
    }

    /// Judged epochs before every anomaly that is kept.
    private var dropEpochs: Query<Void> {
        Query<Void>(
            """
            DELETE FROM anomaly_epoch
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND at_ms < ?2
               AND NOT EXISTS (SELECT 1 FROM anomaly
                                WHERE anomaly.feed_id = anomaly_epoch.feed_id AND opened_at_ms <= at_ms)
            """, [.text(feed), .integer(edge.milliseconds)])
    }
}

extension Query {
    /// The oldest snapshot of a feed that was observed before `edge` and that no kept publication needs.
    ///
    /// One that waits for its scores stays until it has them, or has waited for thirty days.
    package static func prunable(
        feed: String, before edge: Timestamp, now: Timestamp
    ) -> Query<(key: Int64, id: String)> {
        Query<(key: Int64, id: String)>(
            """
            SELECT key, snapshot.id FROM snapshot
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND observed_at_ms < ?2
               AND (scored_at_ms IS NOT NULL OR pruning = 1 OR snapshot.created_at_ms < ?3)
               AND NOT EXISTS (SELECT 1 FROM publication
                                WHERE snapshot.key IN (snapshot_key, epoch_key, downloads_24h_key, downloads_7d_key,
                                                       likes_24h_key, likes_7d_key))
             ORDER BY observed_at_ms LIMIT 1
            """, [.text(feed), .integer(edge.milliseconds), .integer((now - .days(30)).milliseconds)]
        ) { ($0.integer(0), $0.text(1)) }
    }
}
