package import Model
package import SQLite

/// A row of the upstream's that broke the contract, with its reason and where it came from.
package struct RejectedRowRecord: Equatable, Sendable {
    package let feed: String
    package let observedAt: Timestamp
    package let refresh: String
    package let page: Int
    /// -1 stands for the whole page.
    package let row: Int
    package let model: String?
    package let pointer: String
    package let reason: String
    package let excerpt: String
}

extension Query {
    /// Rejected rows of the newest observations first; a feed that is `nil` means all.
    package static func rejectedRows(feed: String?, limit: Int) -> Query<RejectedRowRecord> {
        Query<RejectedRowRecord>(
            """
            SELECT feed.name, refresh.observed_at_ms, refresh.id, number, row_index, rejected_row.model, pointer,
                   reason, excerpt
              FROM rejected_row
              JOIN refresh ON refresh.id = rejected_row.refresh_id
              JOIN feed ON feed.id = refresh.feed_id
             WHERE ?1 IS NULL OR feed.name = ?1
             ORDER BY refresh.observed_at_ms DESC, refresh.id, number, row_index LIMIT ?2
            """, [.text(feed), .integer(limit)]
        ) {
            RejectedRowRecord(
                feed: $0.text(0), observedAt: Timestamp(milliseconds: $0.integer(1)), refresh: $0.text(2),
                page: $0.count(3), row: $0.count(4), model: $0.textOrNull(5), pointer: $0.text(6), reason: $0.text(7),
                excerpt: $0.text(8))
        }
    }
}
