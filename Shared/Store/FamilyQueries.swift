package import Model
package import SQLite

extension Query {
    /// The parent of each model of a snapshot that has one.
    ///
    /// `CROSS JOIN` fixes the order: where SQLite is left to choose, it searches the whole snapshot anew for each model
    /// of the feed, which is quadratic.
    package static func parents(
        snapshot key: Int64
    ) -> Query<(model: UInt32, id: ModelID, parent: ModelID)> {
        Query<(model: UInt32, id: ModelID, parent: ModelID)>(
            """
            SELECT model.id, model.name, card.parent
              FROM snapshot CROSS JOIN listing CROSS JOIN model_card AS card CROSS JOIN model
             WHERE snapshot.key = ?1 AND listing.key >= (?1 << 32) AND listing.key < ((?1 + 1) << 32)
               AND card.feed_id = snapshot.feed_id AND card.model_id = (listing.key & 4294967295)
               AND card.parent IS NOT NULL AND model.id = card.model_id
            """, [.integer(key)]
        ) { (UInt32(truncatingIfNeeded: $0.integer(0)), ModelID($0.text(1)), ModelID($0.text(2))) }
    }
}
