package import Model
package import SQLite

extension Query {
    /// Models of a feed's watch list that nobody has looked at since `before`, or that have not been asked for since a
    /// listing had them: these first, then those that were seen longest ago.
    /// - Parameter listedSince: who has been in no listing since then has left the watch list.
    package static func unseenModels(
        feed: String, listedSince: Timestamp, before: Timestamp, limit: Int
    ) -> Query<String> {
        Query<String>(
            """
            SELECT model.name FROM model_card AS card
              JOIN feed ON feed.id = card.feed_id
              JOIN model ON model.id = card.model_id
             WHERE feed.name = ?1 AND card.listed_at_ms >= ?2
               AND (card.asked_at_ms < card.listed_at_ms OR (card.observed_at_ms < ?3 AND card.asked_at_ms < ?3))
             ORDER BY CASE WHEN card.asked_at_ms < card.listed_at_ms THEN 0 ELSE 1 END, card.observed_at_ms,
                      model.name
             LIMIT ?4
            """,
            [
                .text(feed), .integer(listedSince.milliseconds), .integer(before.milliseconds), .integer(limit),
            ]
        ) { $0.text(0) }
    }

    /// A model is about to be asked for by itself: whatever comes of it, it is not asked for again for a day.
    package static func noteAsked(_ model: String, feed: String, at now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE model_card SET asked_at_ms = ?3
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?2)
               AND model_id = (SELECT id FROM model WHERE name = ?1)
            """, [.text(model), .text(feed), .integer(now.milliseconds)])
    }

    /// Keeps a hint that a model has changed; a second one changes nothing but its moment.
    package static func saveHint(_ model: String, at now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO refetch_hint (model, hinted_at_ms) VALUES (?1, ?2)
            ON CONFLICT (model) DO UPDATE SET hinted_at_ms = excluded.hinted_at_ms
            """, [.text(model), .integer(now.milliseconds)])
    }

    package static func hints(limit: Int) -> Query<String> {
        Query<String>("SELECT model FROM refetch_hint ORDER BY hinted_at_ms, model LIMIT ?1", [.integer(limit)]) {
            $0.text(0)
        }
    }

    /// A hint has been followed: whatever came later stays.
    package static func followHint(_ model: String, before now: Timestamp) -> Query<Void> {
        Query<Void>(
            "DELETE FROM refetch_hint WHERE model = ?1 AND hinted_at_ms <= ?2",
            [.text(model), .integer(now.milliseconds)])
    }
}
