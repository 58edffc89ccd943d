package import Model
package import SQLite

/// A model that a snapshot does not have: as it was last seen, and what the upstream said when it was asked for.
package struct AbsentModel: Sendable {
    /// Its number; `nil` for one that has never been seen.
    package let model: UInt32?
    package let listing: Listing
    package let lastSeen: Timestamp?
    package let error: String?
}

extension Query {
    /// Models of a snapshot's feed that were seen since a moment and not again from the snapshot on.
    package static func absentModels(snapshot key: Int64, seenSince: Timestamp) -> Query<AbsentModel> {
        Query<AbsentModel>(
            """
            SELECT model.name, card.provider, listing.downloads, card.downloads_all_time, listing.likes,
                   listing.trending, card.created_at_ms, card.last_modified_ms, card.gated, card.library,
                   card.pipeline, card.private, card.license, card.license_name, card.license_class,
                   card.parameters, card.parameters_active, card.parameters_source, card.parent, card.relation,
                   card.parent_source, card.capabilities, card.tags, model.id, card.observed_at_ms, failed.message,
                   block.body
              FROM snapshot
              JOIN model_card AS card ON card.feed_id = snapshot.feed_id
              JOIN model ON model.id = card.model_id
              JOIN snapshot AS last ON last.feed_id = card.feed_id AND last.observed_at_ms = card.observed_at_ms
              LEFT JOIN listing ON listing.key = ((last.key << 32) | model.id)
              LEFT JOIN history_block AS block ON block.key = ((last.key << 32) | (model.id - model.id % 1024))
              LEFT JOIN upstream_error AS failed ON failed.snapshot_key = snapshot.key AND failed.model = model.name
             WHERE snapshot.key = ?1 AND card.observed_at_ms < snapshot.observed_at_ms AND card.observed_at_ms >= ?2
            """, [.integer(key), .integer(seenSince.milliseconds)]
        ) { AbsentModel($0) }
    }

    /// Models that were asked for with a snapshot and are not in it, each with the reason.
    package static func upstreamErrors(beside key: Int64) -> Query<AbsentModel> {
        Query<AbsentModel>(
            """
            SELECT failed.model, failed.message
              FROM upstream_error AS failed
             WHERE failed.snapshot_key = ?1
               AND NOT EXISTS (SELECT 1 FROM model
                                 JOIN standing ON standing.key = ((?1 << 32) | model.id)
                                WHERE model.name = failed.model)
            """, [.integer(key)]
        ) {
            AbsentModel(model: nil, listing: Listing(id: ModelID($0.text(0))), lastSeen: nil, error: $0.text(1))
        }
    }
}

extension AbsentModel {
    /// From the columns of ``Query/absentModels(snapshot:seenSince:)`` and ``Query/cardsReplaced(since:)``.
    init(_ row: borrowing Row) {
        var listing = Listing(row)
        if let packed = HistoryBlock.entry(row, block: 26, model: 23) {
            listing.downloads = packed.downloads
            listing.likes = packed.likes
            listing.trendingScore = packed.trendingScore
        }
        self.init(
            model: UInt32(truncatingIfNeeded: row.integer(23)), listing: listing,
            lastSeen: Timestamp(milliseconds: row.integer(24)), error: row.textOrNull(25))
    }
}
