package import Model
package import SQLite

/// A price book as it is listed: everything but its prices.
package struct PriceBookRow: Equatable, Sendable {
    /// Rises in the order of import.
    package let sequence: Int64
    package let version: String
    package let effectiveFrom: Timestamp
    package let publishedAt: Timestamp
    package let source: String
    package let sha256: String
    package let importedAt: Timestamp
    package let importedBy: String
    package let priceCount: Int

    fileprivate init(_ row: borrowing Row) {
        sequence = row.integer(0)
        version = row.text(1)
        effectiveFrom = Timestamp(milliseconds: row.integer(2))
        publishedAt = Timestamp(milliseconds: row.integer(3))
        source = row.text(4)
        sha256 = row.text(5)
        importedAt = Timestamp(milliseconds: row.integer(6))
        importedBy = row.text(7)
        priceCount = row.count(8)
    }
}

/// One price of a stored book.
package struct PriceRow: Equatable, Sendable {
    package let provider: String
    package let model: String
    package let bucket: String
    package let minContextTokens: Int64
    package let nanoUSDPerMillion: Int64
    package let validFrom: Timestamp?
    package let validUntil: Timestamp?

    package init(
        provider: String, model: String, bucket: String, minContextTokens: Int64, nanoUSDPerMillion: Int64,
        validFrom: Timestamp?, validUntil: Timestamp?
    ) {
        self.provider = provider
        self.model = model
        self.bucket = bucket
        self.minContextTokens = minContextTokens
        self.nanoUSDPerMillion = nanoUSDPerMillion
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}

extension Query {
    /// The number of the book that was imported last; 0 where there is none. Rises with each import.
    package static func newestPriceBook() -> Query<Int64> {
        Query<Int64>("SELECT COALESCE(MAX(sequence), 0) FROM price_book") { $0.integer(0) }
    }

    /// In the order of import.
    package static func priceBooks() -> Query<PriceBookRow> {
        Query<PriceBookRow>(
            """
            SELECT sequence, version, effective_from_ms, published_at_ms, source, sha256, imported_at_ms, imported_by,
                   (SELECT COUNT(*) FROM price WHERE book = sequence)
              FROM price_book ORDER BY sequence
            """
        ) { PriceBookRow($0) }
    }

    package static func priceBook(version: String) -> Query<PriceBookRow> {
        Query<PriceBookRow>(
            """
            SELECT sequence, version, effective_from_ms, published_at_ms, source, sha256, imported_at_ms, imported_by,
                   (SELECT COUNT(*) FROM price WHERE book = sequence)
              FROM price_book WHERE version = ?1
            """, [.text(version)]
        ) { PriceBookRow($0) }
    }

    /// Answers the number of the new book.
    package static func addPriceBook(
        version: String, effectiveFrom: Timestamp, publishedAt: Timestamp, source: String, sha256: String,
        by importer: String, now: Timestamp
    ) -> Query<Int64> {
        Query<Int64>(
            """
            INSERT INTO price_book (version, effective_from_ms, published_at_ms, source, sha256, imported_at_ms,
                                    imported_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING sequence
            """,
            [
                .text(version), .integer(effectiveFrom.milliseconds), .integer(publishedAt.milliseconds),
                .text(source), .text(sha256), .integer(now.milliseconds), .text(importer),
            ]
        ) { $0.integer(0) }
    }

    package static func addPrice(_ price: PriceRow, book: Int64, position: Int) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO price (book, position, provider, model, bucket, min_context_tokens, nano_usd_per_million,
                               valid_from_ms, valid_until_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """,
            [
                .integer(book), .integer(position), .text(price.provider), .text(price.model), .text(price.bucket),
                .integer(price.minContextTokens), .integer(price.nanoUSDPerMillion),
                .integer(price.validFrom?.milliseconds), .integer(price.validUntil?.milliseconds),
            ])
    }

    /// In the order of the file.
    package static func prices(book: Int64) -> Query<PriceRow> {
        Query<PriceRow>(
            """
            SELECT provider, model, bucket, min_context_tokens, nano_usd_per_million, valid_from_ms, valid_until_ms
              FROM price WHERE book = ?1 ORDER BY position
            """, [.integer(book)]
        ) {
            PriceRow(
                provider: $0.text(0), model: $0.text(1), bucket: $0.text(2), minContextTokens: $0.integer(3),
                nanoUSDPerMillion: $0.integer(4), validFrom: $0.integerOrNull(5).map { Timestamp(milliseconds: $0) },
                validUntil: $0.integerOrNull(6).map { Timestamp(milliseconds: $0) })
        }
    }
}
