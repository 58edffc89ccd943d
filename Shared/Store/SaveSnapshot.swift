package import Model
package import SQLite

/// A row that broke the upstream contract, with the reason and as much of it as helps to see why.
package struct RejectedRow: Equatable, Sendable {
    package let page: Int
    /// The row's place in its page, or -1 for the page as a whole.
    package let index: Int
    package let model: String?
    /// RFC 6901 pointer into the row.
    package let pointer: String
    package let reason: String
    package let excerpt: String

    package init(page: Int, index: Int, model: String?, pointer: String, reason: String, excerpt: String) {
        self.page = page
        self.index = index
        self.model = model
        self.pointer = pointer
        self.reason = reason
        self.excerpt = excerpt
    }
}

/// A model that was asked for by itself and not got.
package struct UpstreamError: Equatable, Sendable {
    package let model: String
    package let status: Int
    package let message: String

    package init(model: String, status: Int, message: String) {
        self.model = model
        self.status = status
        self.message = message
    }
}

/// Stores what one observation came to: the snapshot, its listings, the rejected rows, and the end of the refresh.
///
/// Listings of the same moment are stored once: a second one of the same refresh changes nothing.
package struct SaveSnapshot: Write {
    private let refresh: Refresh
    private let listings: [Listing]
    private let listed: Set<ModelID>
    private let sourceCount: Int
    private let rejected: [RejectedRow]
    private let errors: [UpstreamError]
    private let now: Timestamp

    /// - Parameters:
    ///   - listings: one per id.
    ///   - listed: the ids that a listing has shown; `nil` for all of them.
    package init(
        refresh: Refresh, listings: [Listing], listed: Set<ModelID>? = nil, sourceCount: Int, rejected: [RejectedRow],
        errors: [UpstreamError],
        now: Timestamp
    ) {
        self.refresh = refresh
        self.listings = listings
        self.listed = listed ?? Set(listings.map(\.id))
        self.sourceCount = sourceCount
        self.rejected = rejected
        self.errors = errors
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try SaveRejections(refresh: refresh.id, rows: rejected).apply(to: connection)
        try connection.run(Query<Void>.setRefreshState(refresh.id, state: "normalized", endedAt: now))
        guard let key = try connection.run(snapshot).first else { return }
        for listing in listings {
            try connection.run(Self.know(listing.id))
            try connection.run(card(of: listing))
            try connection.run(dated(listing))
            if listed.contains(listing.id) {
                try connection.run(Query<Void>.noteListed(listing.id.text, refresh: refresh.id))
            }
            try connection.run(Self.save(listing, in: key))
        }
        for error in errors { try connection.run(Self.save(error, in: key)) }
    }

    private var snapshot: Query<Int64> {
        Query<Int64>(
            """
            INSERT INTO snapshot (id, feed_id, origin, observed_at_ms, source_count, ready_count, rejected_count,
                                  calls_used, created_at_ms)
            SELECT ?1, feed_id, origin, observed_at_ms, ?2, ?3, ?4, calls_used, ?5 FROM refresh WHERE id = ?1
            ON CONFLICT DO NOTHING
            RETURNING key
            """,
            [
                .text(refresh.id), .integer(sourceCount), .integer(listings.count),
                .integer(rejected.count), .integer(now.milliseconds),
            ]
        ) { $0.integer(0) }
    }

    static func know(_ model: ModelID) -> Query<Void> {
        Query<Void>("INSERT INTO model (name) VALUES (?1) ON CONFLICT (name) DO NOTHING", [.text(model.text)])
    }

    /// The card follows the newest observation, in whatever order they arrive.
    func card(of listing: Listing) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO model_card (feed_id, model_id, first_seen_ms, observed_at_ms, provider, downloads_all_time,
                                    created_at_ms, last_modified_ms, gated, library, pipeline, private,
                                    license, license_name, license_class, parameters, parameters_active,
                                    parameters_source, parent, relation, parent_source, capabilities, tags)
            SELECT refresh.feed_id, model.id, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                   ?18, ?19, ?20, ?21, ?22
              FROM model, refresh WHERE model.name = ?1 AND refresh.id = ?2
            ON CONFLICT (feed_id, model_id) DO UPDATE
               SET observed_at_ms = excluded.observed_at_ms, provider = excluded.provider,
                   downloads_all_time = excluded.downloads_all_time, created_at_ms = excluded.created_at_ms,
                   last_modified_ms = excluded.last_modified_ms, gated = excluded.gated, library = excluded.library,
                   pipeline = excluded.pipeline, private = excluded.private, license = excluded.license,
                   license_name = excluded.license_name, license_class = excluded.license_class,
                   parameters = excluded.parameters, parameters_active = excluded.parameters_active,
                   parameters_source = excluded.parameters_source, parent = excluded.parent,
                   relation = excluded.relation, parent_source = excluded.parent_source,
                   capabilities = excluded.capabilities, tags = excluded.tags
             WHERE excluded.observed_at_ms >= model_card.observed_at_ms
            """,
            [
                .text(listing.id.text), .text(refresh.id), .integer(refresh.observedAt.milliseconds),
                .text(listing.provider), .integer(listing.downloadsAllTime), .integer(listing.createdAt?.milliseconds),
                .integer(listing.lastModified?.milliseconds), .text(listing.gated?.rawValue), .text(listing.library),
                .text(listing.pipeline),
            ] + Self.facts(listing))
    }

    private static func facts(_ listing: Listing) -> [Value] {
        let (license, parameters, parentage) = (listing.license, listing.parameters, listing.parentage)
        return [
            .integer(listing.isPrivate ? 1 : 0), .text(license?.id), .text(license?.name),
            .text(license?.kind?.rawValue), .integer(parameters?.total), .integer(parameters?.active),
            .text(parameters?.source.rawValue), .text(parentage?.parent.text), .text(parentage?.relation.rawValue),
            .text(parentage?.source.rawValue),
            .text(
                listing.capabilities.map { "\($0.capability.rawValue) \($0.source.rawValue)" }.joined(separator: "\n")),
            .text(listing.tags.joined(separator: "\n")),
        ]
    }

    /// The earliest observation dates the model's first appearance.
    func dated(_ listing: Listing) -> Query<Void> {
        Query<Void>(
            """
            UPDATE model_card SET first_seen_ms = ?3
             WHERE feed_id = (SELECT feed_id FROM refresh WHERE id = ?2)
               AND model_id = (SELECT id FROM model WHERE name = ?1) AND first_seen_ms > ?3
            """, [.text(listing.id.text), .text(refresh.id), .integer(refresh.observedAt.milliseconds)])
    }

    private static func save(_ listing: Listing, in snapshot: Int64) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO listing (key, downloads, likes, trending)
            SELECT (?1 << 32) | id, ?3, ?4, ?5 FROM model WHERE name = ?2
            """,
            [
                .integer(snapshot), .text(listing.id.text), .integer(listing.downloads), .integer(listing.likes),
                .real(listing.trendingScore),
            ])
    }

    static func save(_ error: UpstreamError, in snapshot: Int64) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO upstream_error (snapshot_key, model, status, message) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (snapshot_key, model) DO NOTHING
            """,
            [.integer(snapshot), .text(error.model), .integer(error.status), .text(error.message)])
    }
}

/// Keeps the rows of an observation that broke the contract, each with its reason.
package struct SaveRejections: Write {
    private let refresh: String
    private let rows: [RejectedRow]

    package init(refresh: String, rows: [RejectedRow]) {
        self.refresh = refresh
        self.rows = rows
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        for row in rows { try connection.run(save(row)) }
    }

    private func save(_ row: RejectedRow) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO rejected_row (refresh_id, number, row_index, model, pointer, reason, excerpt)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (refresh_id, number, row_index) DO NOTHING
            """,
            [
                .text(refresh), .integer(row.page), .integer(row.index), .text(row.model), .text(row.pointer),
                .text(row.reason), .text(row.excerpt),
            ])
    }
}
