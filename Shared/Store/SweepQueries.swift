package import Model
package import SQLite

extension Query {
    /// When the newest refresh of the counters was first seen in a feed.
    package static func newestEpoch(feed: String) -> Query<Timestamp> {
        Query<Timestamp>(
            """
            SELECT snapshot.observed_at_ms
              FROM feed
              JOIN snapshot ON snapshot.feed_id = feed.id
              JOIN epoch_step AS step ON step.snapshot_key = snapshot.key AND step.verdict <> 'none'
             WHERE feed.name = ?1 ORDER BY snapshot.observed_at_ms DESC LIMIT 1
            """, [.text(feed)]
        ) { Timestamp(milliseconds: $0.integer(0)) }
    }

    /// How many calls the newest observation of a feed took that came to an end.
    package static func newestCalls(feed: String) -> Query<Int> {
        Query<Int>(
            """
            SELECT calls_used FROM refresh JOIN feed ON feed.id = refresh.feed_id
             WHERE feed.name = ?1 AND state = 'normalized' ORDER BY started_at_ms DESC LIMIT 1
            """, [.text(feed)]
        ) { $0.count(0) }
    }

    /// An observation's pages behind one of them, in order.
    package static func pages(of refresh: String, after number: Int, limit: Int) -> Query<Page> {
        Query<Page>(
            """
            SELECT refresh_id, number, url, model, status, etag, next_url, fetched_at_ms, sha256, raw_bytes, body_gzip
              FROM page WHERE refresh_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3
            """, [.text(refresh), .integer(number), .integer(limit)]
        ) { Page($0) }
    }

    /// Bytes of an observation's pages, as they were received.
    package static func pageBytes(of refresh: String) -> Query<Int> {
        Query<Int>("SELECT coalesce(sum(raw_bytes), 0) FROM page WHERE refresh_id = ?1", [.text(refresh)]) {
            $0.count(0)
        }
    }
}
