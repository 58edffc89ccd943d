import Model
import SQLite

/// Rows of the tables as the normalizer writes them, one statement each: it looks names up for every row, which a
/// month of 75 million rows has no time for.
enum Rows {
    static func model(_ model: Int, _ name: String) -> Query<Void> {
        Query<Void>("INSERT INTO model (id, name) VALUES (?1, ?2)", [.integer(model + 1), .text(name)])
    }

    static func card(_ model: Int, _ listing: Listing, from first: Timestamp, to last: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO model_card (feed_id, model_id, first_seen_ms, observed_at_ms, provider, downloads_all_time,
                                    created_at_ms, last_modified_ms, gated, library, pipeline, private,
                                    license, license_name, license_class, parameters, parameters_active,
                                    parameters_source, parent, relation, parent_source, capabilities, tags)
            VALUES (1, ?1, ?2, ?3, ?4, NULL, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13, NULL, ?14, ?15, ?16, ?17, ?18,
                    ?19)
            """,
            [
                .integer(model + 1), .integer(first.milliseconds), .integer(last.milliseconds),
                .text(listing.provider), .integer(listing.createdAt?.milliseconds),
                .integer(listing.lastModified?.milliseconds), .text(listing.gated?.rawValue), .text(listing.library),
                .text(listing.pipeline), .text(listing.license?.id), .text(listing.license?.name),
                .text(listing.license?.kind?.rawValue), .integer(listing.parameters?.total),
                .text(listing.parameters?.source.rawValue), .text(listing.parentage?.parent.text),
                .text(listing.parentage?.relation.rawValue), .text(listing.parentage?.source.rawValue),
                .text(
                    listing.capabilities.map { "\($0.capability.rawValue) \($0.source.rawValue)" }
                        .joined(separator: "\n")),
                .text(listing.tags.joined(separator: "\n")),
            ])
    }

    static func snapshot(_ key: Int64, _ id: String, at moment: Timestamp, models: Int) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO snapshot (key, id, feed_id, origin, observed_at_ms, source_count, ready_count, rejected_count,
                                  calls_used, created_at_ms)
            VALUES (?1, ?2, 1, 'upstream', ?3, ?4, ?4, 0, 0, ?3)
            """, [.integer(key), .text(id), .integer(moment.milliseconds), .integer(models)])
    }

    static func packed(_ key: Int64) -> Query<Void> {
        Query<Void>("UPDATE snapshot SET packed = 1 WHERE key = ?1", [.integer(key)])
    }

    static func listing(
        _ key: Int64, _ model: Int, _ downloads: Int64, _ likes: Int64, _ trending: Double
    ) -> Query<Void> {
        Query<Void>(
            "INSERT INTO listing (key, downloads, likes, trending) VALUES (?1, ?2, ?3, ?4)",
            [.integer(key << 32 | Int64(model + 1)), .integer(downloads), .integer(likes), .real(trending)])
    }
}
