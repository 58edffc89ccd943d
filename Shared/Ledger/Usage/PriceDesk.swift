import Crypto
package import Deployment
package import Model
package import Pricing
package import SQLite
package import Store
import Synchronization

/// The price books of a database, read when there is a new one and not for each session.
package final class PriceDesk: Sendable {
    private let cached = Mutex<(newest: Int64, shelf: PriceShelf)>((-1, PriceShelf()))

    package init() {}

    package func shelf(on connection: borrowing Connection) throws(SQLiteError) -> PriceShelf {
        let newest = try connection.run(Query<Int64>.newestPriceBook()).first ?? 0
        let known = cached.withLock { $0.newest == newest ? $0.shelf : nil }
        if let known { return known }
        let shelf = PriceShelf(try connection.readPriceBooks())
        cached.withLock { $0 = (newest, shelf) }
        return shelf
    }
}

/// What became of a price book that was to be imported.
package enum PriceBookOutcome: Equatable, Sendable {
    case added
    /// The same file was imported before.
    case known
    /// The version is taken by a book with other contents: costs name it, so it does not change.
    case contradicts
}

extension Connection {
    /// Every book, in the order of import.
    package func readPriceBooks() throws(SQLiteError) -> [PriceBook] {
        var books: [PriceBook] = []
        for row in try run(Query<PriceBookRow>.priceBooks()) { books.append(try priceBook(row)) }
        return books
    }

    package func priceBook(_ row: PriceBookRow) throws(SQLiteError) -> PriceBook {
        let prices = try run(Query<PriceRow>.prices(book: row.sequence))
        return PriceBook(
            version: row.version, effectiveFrom: row.effectiveFrom, publishedAt: row.publishedAt, source: row.source,
            prices: prices.compactMap { Price($0) }, isFallback: row.importedBy == FirstPriceBook.importer)
    }

    /// Adds a book, with all its prices, in the caller's transaction.
    package func importPriceBook(
        _ book: PriceBook, sha256: String, by importer: String, now: Timestamp
    ) throws(SQLiteError) -> PriceBookOutcome {
        if let known = try run(Query<PriceBookRow>.priceBook(version: book.version)).first {
            return known.sha256 == sha256 ? .known : .contradicts
        }
        let sequence =
            try run(
                Query<Int64>.addPriceBook(
                    version: book.version, effectiveFrom: book.effectiveFrom, publishedAt: book.publishedAt,
                    source: book.source, sha256: sha256, by: importer, now: now)
            ).first ?? 0
        for (position, price) in book.prices.enumerated() {
            try run(Query<Void>.addPrice(PriceRow(price), book: sequence, position: position))
        }
        return .added
    }
}

/// The book that a deployment begins with: `price-book.json` of its configuration.
package struct FirstPriceBook: Sendable {
    /// Who imports it, in the list of books.
    static let importer = "configuration"

    package let book: PriceBook
    package let sha256: String

    package var version: String { book.version }

    package init(parsing bytes: [UInt8], file: String) throws(PriceBookError) {
        book = try PriceBook(parsing: bytes, file: file)
        sha256 = SHA256.digest(bytes).hex
    }

    /// Imports it where there is no book yet. Later changes of the file change nothing: a book is imported by its
    /// operator then.
    /// - Returns: whether it was.
    package func offer(to connection: borrowing Connection, now: Timestamp) throws(SQLiteError) -> Bool {
        guard try connection.run(Query<Int64>.newestPriceBook()).first == 0 else { return false }
        return try connection.importPriceBook(book, sha256: sha256, by: Self.importer, now: now) == .added
    }
}

extension DeploymentFolder {
    /// The book that a database without any gets; `nil` where the folder has none: then costs are unknown.
    package func firstPriceBook() throws(DeploymentError) -> FirstPriceBook? {
        let file = "price-book.json"
        guard let bytes = try priceBook() else { return nil }
        do throws(PriceBookError) {
            return try FirstPriceBook(parsing: bytes, file: file)
        } catch {
            throw DeploymentError(file: file, pointer: error.pointer, expected: error.expected)
        }
    }
}

extension Price {
    fileprivate init?(_ row: PriceRow) {
        guard let bucket = TokenBucket(rawValue: row.bucket) else { return nil }
        self.init(
            provider: row.provider, model: row.model, bucket: bucket, minContextTokens: row.minContextTokens,
            nanoUSDPerMillion: row.nanoUSDPerMillion, validFrom: row.validFrom, validUntil: row.validUntil)
    }
}

extension PriceRow {
    fileprivate init(_ price: Price) {
        self.init(
            provider: price.provider, model: price.model, bucket: price.bucket.rawValue,
            minContextTokens: price.minContextTokens, nanoUSDPerMillion: price.nanoUSDPerMillion,
            validFrom: price.validFrom, validUntil: price.validUntil)
    }
}
