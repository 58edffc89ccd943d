package import Model
package import SQLite

/// One raw upstream body with what the upstream said about it. Evidence: nothing rewrites it.
package struct Page: Equatable, Sendable {
    package let refresh: String
    package let number: Int
    package let url: String
    /// The model that was asked for by itself; `nil` for a page of a listing.
    package let model: String?
    package let status: Int
    package let etag: String?
    package let nextURL: String?
    package let fetchedAt: Timestamp
    package let sha256: [UInt8]
    package let rawBytes: Int
    package let bodyGzip: [UInt8]

    package init(
        refresh: String, number: Int, url: String, model: String? = nil, status: Int, etag: String? = nil,
        nextURL: String? = nil, fetchedAt: Timestamp, sha256: [UInt8], rawBytes: Int, bodyGzip: [UInt8]
    ) {
        self.refresh = refresh
        self.number = number
        self.url = url
        self.model = model
        self.status = status
        self.etag = etag
        self.nextURL = nextURL
        self.fetchedAt = fetchedAt
        self.sha256 = sha256
        self.rawBytes = rawBytes
        self.bodyGzip = bodyGzip
    }

    init(_ row: borrowing Row) {
        self.init(
            refresh: row.text(0), number: row.count(1), url: row.text(2), model: row.textOrNull(3),
            status: row.count(4), etag: row.textOrNull(5), nextURL: row.textOrNull(6),
            fetchedAt: Timestamp(milliseconds: row.integer(7)), sha256: row.blob(8), rawBytes: row.count(9),
            bodyGzip: row.blob(10))
    }
}

extension Query {
    package static func savePage(_ page: Page) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO page (refresh_id, number, shape, model, url, status, etag, next_url, fetched_at_ms, sha256,
                              raw_bytes, body_gzip)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            ON CONFLICT (refresh_id, number) DO NOTHING
            """,
            [
                .text(page.refresh), .integer(page.number), .text(page.model == nil ? "listing" : "model"),
                .text(page.model), .text(page.url), .integer(page.status), .text(page.etag), .text(page.nextURL),
                .integer(page.fetchedAt.milliseconds), .blob(page.sha256), .integer(page.rawBytes),
                .blob(page.bodyGzip),
            ])
    }

    package static func pages(of refresh: String) -> Query<Page> {
        Query<Page>(
            """
            SELECT refresh_id, number, url, model, status, etag, next_url, fetched_at_ms, sha256, raw_bytes, body_gzip
              FROM page WHERE refresh_id = ?1 ORDER BY number
            """, [.text(refresh)]
        ) { Page($0) }
    }

    /// The newest good page of an address that carries a validator.
    package static func newestPage(url: String) -> Query<Page> {
        Query<Page>(
            """
            SELECT refresh_id, number, url, model, status, etag, next_url, fetched_at_ms, sha256, raw_bytes, body_gzip
              FROM page WHERE url = ?1 AND status IN (200, 304) AND etag IS NOT NULL ORDER BY fetched_at_ms DESC LIMIT 1
            """, [.text(url)]
        ) { Page($0) }
    }

    package static func pageDigests(of refresh: String) -> Query<[UInt8]> {
        Query<[UInt8]>("SELECT sha256 FROM page WHERE refresh_id = ?1 ORDER BY number", [.text(refresh)]) {
            $0.blob(0)
        }
    }
}
