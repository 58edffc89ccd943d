package import Model
package import SQLite

/// A licence that a publication shows of a model, where the one before it showed another.
package struct LicenseChange: Equatable, Sendable {
    package let model: ModelID
    package let before: String
    package let now: String
}

extension Query {
    /// Licences of a snapshot's models that have changed since they were last remembered, by id.
    package static func changedLicenses(snapshot key: Int64, limit: Int) -> Query<LicenseChange> {
        Query<LicenseChange>(
            """
            SELECT model.name, shown.license, card.license
              FROM snapshot JOIN shown_license AS shown ON shown.feed_id = snapshot.feed_id
              JOIN model_card AS card ON card.feed_id = shown.feed_id AND card.model_id = shown.model_id
               AND card.license <> shown.license
              JOIN listing ON listing.key = ((?1 << 32) | shown.model_id)
              JOIN model ON model.id = shown.model_id
             WHERE snapshot.key = ?1 ORDER BY model.name LIMIT ?2
            """, [.integer(key), .integer(limit)]
        ) { LicenseChange(model: ModelID($0.text(0)), before: $0.text(1), now: $0.text(2)) }
    }

    /// Remembers the licences that are known of a feed's models. One that is not known any more is not forgotten.
    package static func rememberLicenses(feed: String) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO shown_license (feed_id, model_id, license)
            SELECT feed_id, model_id, license FROM model_card
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND license IS NOT NULL
            ON CONFLICT (feed_id, model_id) DO UPDATE SET license = excluded.license
             WHERE shown_license.license <> excluded.license
            """, [.text(feed)])
    }
}
