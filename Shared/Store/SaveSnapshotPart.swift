package import Model
package import SQLite

/// Stores a part of an observation that is too large for one transaction: some of its listings and rejected rows.
///
/// The snapshot is there from the first part on, and counts as unscored until the last has sealed it; nothing looks at
/// it before. Each part is stored with the end of its job, so once. A model that an earlier part has stays as it is.
package struct SaveSnapshotPart: Write {
    private let refresh: Refresh
    private let listings: [Listing]
    private let listed: Set<ModelID>
    private let rejected: [RejectedRow]
    private let errors: [UpstreamError]
    private let isLast: Bool
    private let now: Timestamp

    package init(
        refresh: Refresh, listings: [Listing], listed: Set<ModelID>, rejected: [RejectedRow], errors: [UpstreamError],
        isLast: Bool, now: Timestamp
    ) {
        self.refresh = refresh
        self.listings = listings
        self.listed = listed
        self.rejected = rejected
        self.errors = errors
        self.isLast = isLast
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(begin)
        guard let key = try connection.run(Query<Snapshot>.snapshot(id: refresh.id)).first?.key,
            let feed = try connection.run(SaveSnapshot.feed(of: key)).first
        else { return }
        try SaveRejections(refresh: refresh.id, rows: rejected).apply(to: connection)
        let rows = SaveSnapshot(
            refresh: refresh, listings: [], sourceCount: 0, rejected: [], errors: [], now: now)
        let replaced = try ReplacedCards(
            feed: feed, moment: refresh.observedAt, comparesDownloads: false, on: connection)
        var fresh = 0
        for listing in listings {
            let card = SaveSnapshot.CardKey(
                feed: feed, model: try SaveSnapshot.number(of: listing.id, on: connection))
            guard try !connection.run(Self.saveNew(listing, card.model, in: key)).isEmpty else { continue }
            fresh += 1
            let isListed = listed.contains(listing.id)
            try rows.save(listing, at: card, isListed: isListed, keeping: replaced, on: connection)
        }
        for error in errors { try connection.run(SaveSnapshot.save(error, in: key)) }
        try connection.run(Self.count(fresh, rejected, in: key))
        if isLast { try connection.run(Query<Void>.setRefreshState(refresh.id, state: "normalized", endedAt: now)) }
    }

    private var begin: Query<Void> {
        Query<Void>(
            """
            INSERT INTO snapshot (id, feed_id, origin, observed_at_ms, source_count, ready_count, rejected_count,
                                  calls_used, created_at_ms)
            SELECT id, feed_id, origin, observed_at_ms, 0, 0, 0, calls_used, ?2 FROM refresh WHERE id = ?1
            ON CONFLICT DO NOTHING
            """, [.text(refresh.id), .integer(now.milliseconds)])
    }

    private static func saveNew(_ listing: Listing, _ model: Int64, in snapshot: Int64) -> Query<Int64> {
        Query<Int64>(
            """
            INSERT INTO listing (key, downloads, likes, trending) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (key) DO NOTHING
            RETURNING key
            """,
            [
                .integer(snapshot << 32 | model), .integer(listing.downloads), .integer(listing.likes),
                .real(listing.trendingScore),
            ]
        ) { $0.integer(0) }
    }

    /// A page that is none at all has no rows that came.
    private static func count(_ fresh: Int, _ rejected: [RejectedRow], in snapshot: Int64) -> Query<Void> {
        Query<Void>(
            """
            UPDATE snapshot
               SET source_count = source_count + ?2 + ?3, ready_count = ready_count + ?2,
                   rejected_count = rejected_count + ?4
             WHERE key = ?1
            """,
            [
                .integer(snapshot), .integer(fresh), .integer(rejected.count { $0.index >= 0 }),
                .integer(rejected.count),
            ])
    }
}

extension Query {
    /// Deletes some raw pages of a feed's observations before the given one: a whole Hub of pages is kept once.
    package static func dropEarlierPages(than refresh: String, limit: Int) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM page
             WHERE (refresh_id, number) IN (SELECT page.refresh_id, page.number
                                              FROM refresh AS this
                                              JOIN refresh AS earlier ON earlier.feed_id = this.feed_id
                                               AND earlier.observed_at_ms < this.observed_at_ms
                                              JOIN page ON page.refresh_id = earlier.id
                                             WHERE this.id = ?1 LIMIT ?2)
            """, [.text(refresh), .integer(limit)])
    }
}
