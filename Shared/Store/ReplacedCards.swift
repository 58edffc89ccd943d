import Model
package import SQLite

/// Keeps the cards that an observation replaces, as long as readers may page through a publication from before it.
///
/// A card that says the same as before is not kept, unless its model comes back: until then it was absent.
struct ReplacedCards {
    private let feed: Int64
    private let moment: Int64
    private let comparesDownloads: Bool
    /// The moment of the feed's observation before this one; `nil` where no publication needs what is replaced.
    private let before: Int64?

    /// - Parameter comparesDownloads: whether a card is kept of which no more than the downloads of all time have
    ///   changed. Those of a whole Hub change for every other model: for these a publication shows the newest.
    init(
        feed: Int64, moment: Timestamp, comparesDownloads: Bool, on connection: borrowing Connection
    ) throws(SQLiteError) {
        self.feed = feed
        self.moment = moment.milliseconds
        self.comparesDownloads = comparesDownloads
        before = try connection.run(Self.observationBefore(moment.milliseconds, feed: feed)).first
    }

    /// Call it before the card of the model is replaced by `facts`: what a card says, in the order of its columns.
    func keep(_ model: Int64, replacedBy facts: [Value], on connection: borrowing Connection) throws(SQLiteError) {
        guard let before else { return }
        let keys: [Value] = [
            .integer(feed), .integer(model), .integer(moment), .integer(before), .flag(comparesDownloads),
        ]
        guard let card = try connection.run(Self.changed(keys + facts)).first else { return }
        try connection.run(Self.save([.integer(feed), .integer(model), .integer(moment)] + card))
    }

    private static func observationBefore(_ moment: Int64, feed: Int64) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT observed_at_ms FROM snapshot
             WHERE feed_id = ?1 AND observed_at_ms < ?2
               AND EXISTS (SELECT 1 FROM publication WHERE publication.feed_id = ?1)
             ORDER BY observed_at_ms DESC LIMIT 1
            """, [.integer(feed), .integer(moment)]
        ) { $0.integer(0) }
    }

    private static func changed(_ values: [Value]) -> Query<[Value]> {
        Query<[Value]>(
            """
            SELECT observed_at_ms, provider, downloads_all_time, created_at_ms, last_modified_ms, gated, library,
                   pipeline, private, license, license_name, license_class, parameters, parameters_active,
                   parameters_source, parent, relation, parent_source, capabilities, tags
              FROM model_card
             WHERE feed_id = ?1 AND model_id = ?2 AND observed_at_ms < ?3
               AND (observed_at_ms < ?4 OR (?5 = 1 AND downloads_all_time IS DISTINCT FROM ?7)
                    OR provider IS DISTINCT FROM ?6 OR created_at_ms IS DISTINCT FROM ?8
                    OR last_modified_ms IS DISTINCT FROM ?9 OR gated IS DISTINCT FROM ?10
                    OR library IS DISTINCT FROM ?11 OR pipeline IS DISTINCT FROM ?12
                    OR private IS DISTINCT FROM ?13 OR license IS DISTINCT FROM ?14
                    OR license_name IS DISTINCT FROM ?15 OR license_class IS DISTINCT FROM ?16
                    OR parameters IS DISTINCT FROM ?17 OR parameters_active IS DISTINCT FROM ?18
                    OR parameters_source IS DISTINCT FROM ?19 OR parent IS DISTINCT FROM ?20
                    OR relation IS DISTINCT FROM ?21 OR parent_source IS DISTINCT FROM ?22
                    OR capabilities IS DISTINCT FROM ?23 OR tags IS DISTINCT FROM ?24)
            """, values
        ) { row in (0..<20).map { row.value($0) } }
    }

    private static func save(_ values: [Value]) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO replaced_card (feed_id, model_id, replaced_at_ms, observed_at_ms, provider, downloads_all_time,
                                       created_at_ms, last_modified_ms, gated, library, pipeline, private, license,
                                       license_name, license_class, parameters, parameters_active, parameters_source,
                                       parent, relation, parent_source, capabilities, tags)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23)
            """, values)
    }

    /// Lets go of what no publication of a feed needs any more.
    static func forget(feed: String) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM replaced_card
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1)
               AND replaced_at_ms <= (SELECT min(snapshot.observed_at_ms) FROM publication
                                        JOIN snapshot ON snapshot.key = publication.snapshot_key
                                        JOIN feed ON feed.id = publication.feed_id
                                       WHERE feed.name = ?1)
            """, [.text(feed)])
    }
}

extension Query {
    /// The cards that have been replaced since a snapshot was observed, as they were then: of its own models and of
    /// those that it does not have, with what was last known of these. Empty for the newest snapshot of a feed.
    package static func cardsReplaced(since key: Int64) -> Query<AbsentModel> {
        Query<AbsentModel>(
            """
            SELECT model.name, card.provider, listing.downloads, card.downloads_all_time, listing.likes,
                   listing.trending, card.created_at_ms, card.last_modified_ms, card.gated, card.library,
                   card.pipeline, card.private, card.license, card.license_name, card.license_class,
                   card.parameters, card.parameters_active, card.parameters_source, card.parent, card.relation,
                   card.parent_source, card.capabilities, card.tags, model.id, card.observed_at_ms, failed.message,
                   block.body
              FROM snapshot
              JOIN replaced_card AS card ON card.feed_id = snapshot.feed_id
               AND card.replaced_at_ms > snapshot.observed_at_ms
              JOIN model ON model.id = card.model_id
              LEFT JOIN snapshot AS last ON last.feed_id = card.feed_id AND last.observed_at_ms = card.observed_at_ms
              LEFT JOIN listing ON listing.key = ((last.key << 32) | model.id)
              LEFT JOIN history_block AS block ON block.key = ((last.key << 32) | (model.id - model.id % 1024))
              LEFT JOIN upstream_error AS failed ON failed.snapshot_key = snapshot.key AND failed.model = model.name
             WHERE snapshot.key = ?1
             ORDER BY card.replaced_at_ms DESC
            """, [.integer(key)]
        ) { AbsentModel($0) }
    }
}
