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

    private static let moved = "Moved to "

    /// The upstream knows the model by another id, and answered with that one.
    package static func moved(_ model: String, to id: String, status: Int) -> UpstreamError {
        UpstreamError(model: model, status: status, message: moved + id)
    }

    /// The id that the upstream knows the model by, where that is why it has no listing of its own.
    package var movedTo: String? {
        message.hasPrefix(Self.moved) ? String(message.dropFirst(Self.moved.count)) : nil
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
        guard let key = try connection.run(snapshot).first,
            let feed = try connection.run(Self.feed(of: key)).first
        else { return }
        let replaced = try ReplacedCards(
            feed: feed, moment: refresh.observedAt, comparesDownloads: true, on: connection)
        for listing in listings {
            let card = CardKey(feed: feed, model: try Self.number(of: listing.id, on: connection))
            try save(listing, at: card, isListed: listed.contains(listing.id), keeping: replaced, on: connection)
            try connection.run(Self.save(listing, card.model, in: key))
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

    static func feed(of snapshot: Int64) -> Query<Int64> {
        Query<Int64>("SELECT feed_id FROM snapshot WHERE key = ?1", [.integer(snapshot)]) { $0.integer(0) }
    }

    /// Nearly every model is known, so it is looked for first.
    static func number(of model: ModelID, on connection: borrowing Connection) throws(SQLiteError) -> Int64 {
        let known = Query<Int64>("SELECT id FROM model WHERE name = ?1", [.text(model.text)]) { $0.integer(0) }
        if let number = try connection.run(known).first { return number }
        try connection.run(Query<Void>("INSERT INTO model (name) VALUES (?1)", [.text(model.text)]))
        guard let number = try connection.run(known).first else {
            throw SQLiteError(code: 1, message: "the model \(model.text) was stored and is not there")
        }
        return number
    }

    struct CardKey {
        let feed: Int64
        let model: Int64
    }

    /// Brings the card of a model up to date.
    func save(
        _ listing: Listing, at key: CardKey, isListed: Bool, keeping replaced: ReplacedCards,
        on connection: borrowing Connection
    ) throws(SQLiteError) {
        let facts = Self.facts(listing)
        try replaced.keep(key.model, replacedBy: facts, on: connection)
        try connection.run(save(facts, at: key, isListed: isListed))
        try connection.run(date(key, isListed: isListed))
    }

    /// The card follows the newest observation, in whatever order they arrive.
    ///
    /// `VALUES`, not a `SELECT`: a statement that may write several rows has a journal of its own, and letting go of it
    /// walks through all that the transaction has journalled so far, which for a whole Hub is quadratic.
    private func save(_ facts: [Value], at key: CardKey, isListed: Bool) -> Query<Void> {
        let moment = refresh.observedAt.milliseconds
        return Query<Void>(
            """
            INSERT INTO model_card (feed_id, model_id, first_seen_ms, observed_at_ms, listed_at_ms, provider,
                                    downloads_all_time, created_at_ms, last_modified_ms, gated, library, pipeline,
                                    private, license, license_name, license_class, parameters, parameters_active,
                                    parameters_source, parent, relation, parent_source, capabilities, tags)
            VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23)
            ON CONFLICT (feed_id, model_id) DO UPDATE
               SET observed_at_ms = excluded.observed_at_ms, provider = excluded.provider,
                   downloads_all_time = excluded.downloads_all_time, created_at_ms = excluded.created_at_ms,
                   last_modified_ms = excluded.last_modified_ms, gated = excluded.gated, library = excluded.library,
                   pipeline = excluded.pipeline, private = excluded.private, license = excluded.license,
                   license_name = excluded.license_name, license_class = excluded.license_class,
                   parameters = excluded.parameters, parameters_active = excluded.parameters_active,
                   parameters_source = excluded.parameters_source, parent = excluded.parent,
                   relation = excluded.relation, parent_source = excluded.parent_source,
                   capabilities = excluded.capabilities, tags = excluded.tags,
                   listed_at_ms = CASE WHEN excluded.listed_at_ms > model_card.listed_at_ms
                                       THEN excluded.listed_at_ms ELSE model_card.listed_at_ms END
             WHERE excluded.observed_at_ms >= model_card.observed_at_ms
            """,
            [
                .integer(key.feed), .integer(key.model), .integer(moment), .integer(isListed ? moment : 0),
            ] + facts)
    }

    /// What a card says of a model, in the order of its columns.
    private static func facts(_ listing: Listing) -> [Value] {
        let (license, parameters, parentage) = (listing.license, listing.parameters, listing.parentage)
        return [
            .text(listing.provider), .integer(listing.downloadsAllTime), .integer(listing.createdAt?.milliseconds),
            .integer(listing.lastModified?.milliseconds), .text(listing.gated?.rawValue), .text(listing.library),
            .text(listing.pipeline),
            .integer(listing.isPrivate ? 1 : 0), .text(license?.id), .text(license?.name),
            .text(license?.kind?.rawValue), .integer(parameters?.total), .integer(parameters?.active),
            .text(parameters?.source.rawValue), .text(parentage?.parent.text), .text(parentage?.relation.rawValue),
            .text(parentage?.source.rawValue),
            .text(
                listing.capabilities.map { "\($0.capability.rawValue) \($0.source.rawValue)" }.joined(separator: "\n")),
            .text(listing.tags.joined(separator: "\n")),
        ]
    }

    /// The earliest observation dates the model's first appearance, and the newest listing its place on the watch list,
    /// also where the card says what a newer observation saw.
    private func date(_ key: CardKey, isListed: Bool) -> Query<Void> {
        Query<Void>(
            """
            UPDATE model_card
               SET first_seen_ms = CASE WHEN first_seen_ms > ?3 THEN ?3 ELSE first_seen_ms END,
                   listed_at_ms = CASE WHEN ?4 = 1 AND listed_at_ms < ?3 THEN ?3 ELSE listed_at_ms END
             WHERE feed_id = ?1 AND model_id = ?2 AND (first_seen_ms > ?3 OR (?4 = 1 AND listed_at_ms < ?3))
            """,
            [
                .integer(key.feed), .integer(key.model), .integer(refresh.observedAt.milliseconds), .flag(isListed),
            ])
    }

    private static func save(_ listing: Listing, _ model: Int64, in snapshot: Int64) -> Query<Void> {
        Query<Void>(
            "INSERT INTO listing (key, downloads, likes, trending) VALUES (?1, ?2, ?3, ?4)",
            [
                .integer(snapshot << 32 | model), .integer(listing.downloads), .integer(listing.likes),
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
