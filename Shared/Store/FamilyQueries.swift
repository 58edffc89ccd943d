package import Model
package import SQLite

extension Query {
    /// The parent of each model of a snapshot that has one.
    package static func parents(
        snapshot key: Int64
    ) -> Query<(model: UInt32, id: ModelID, parent: ModelID)> {
        Query<(model: UInt32, id: ModelID, parent: ModelID)>(
            """
            SELECT model.id, model.name, card.parent
              FROM listing
              JOIN snapshot ON snapshot.key = ?1
              JOIN model ON model.id = (listing.key & 4294967295)
              JOIN model_card AS card ON card.feed_id = snapshot.feed_id AND card.model_id = model.id
             WHERE listing.key >= (?1 << 32) AND listing.key < ((?1 + 1) << 32) AND card.parent IS NOT NULL
            """, [.integer(key)]
        ) { (UInt32(truncatingIfNeeded: $0.integer(0)), ModelID($0.text(1)), ModelID($0.text(2))) }
    }
}
