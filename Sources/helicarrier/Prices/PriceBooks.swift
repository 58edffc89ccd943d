import Crypto
import Daemon
import Deployment
import JSON
import Ledger
import Model
import Pricing
import SQLite
import Store

/// `helicarrier prices import|list|show`: what tokens cost.
enum PriceBooks {
    static let commands = [
        Command(
            "prices import", "add a price book", operands: "FILE", count: 1...1, options: [.json],
            notes: """
                The file is JSON: {"version", "effectiveFrom", "publishedAt", "source", "prices": [{"provider", "model",
                "bucket", "minContextTokens", "nanoUsdPerMillion", "validFrom", "validTo"}]}; price-book.schema.json of
                the configuration describes it. It is taken whole or not at all, and never changed afterwards: costs
                name its version. Sessions from now on are priced by it; for those before see `prices recompute`.
                """, run: add),
        Command("prices list", "the price books that there are, in the order of import", options: [.json], run: list),
        Command(
            "prices show", "the prices of a book", operands: "VERSION", count: 1...1,
            options: [
                Option("--provider", "NAME", "only of this provider"), Option("--model", "NAME", "only of this model"),
                .json,
            ],
            notes: "With --json the book is printed as a file that `prices import` reads.", run: show),
    ]

    private static func add(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let path = arguments.positionals[0]
        guard FileSize.isRegular(path) else { throw CommandFailure("\(path): there is no such file") }
        guard FileSize.of(path) <= Int64(PriceBook.fileLimit), let bytes = TextFile.bytes(path) else {
            throw CommandFailure("\(path): cannot be read as a file of at most \(PriceBook.fileLimit >> 20) MiB")
        }
        let file = try FirstPriceBook(parsing: bytes, file: path)
        let (now, who) = (session.now(), session.operatorName)
        let database = try session.location().open(now: now)
        try await FirstPrices.offer(database, session)
        let outcome = try await database.write { db throws(SQLiteError) in
            let outcome = try db.importPriceBook(file.book, sha256: file.sha256, by: who, now: now)
            try db.run(
                .audit(
                    AuditEntry(
                        at: now, who: who, action: "prices import", target: file.book.version,
                        result: "\(outcome) \(file.sha256)")))
            return outcome
        }
        guard outcome != .contradicts else {
            throw CommandFailure(
                "\(path): there is a price book \(file.book.version) with other contents; give this one another version"
            )
        }
        if arguments.has("--json") {
            session.terminal.print(
                .record([
                    "version": .text(file.book.version), "outcome": .text("\(outcome)"),
                    "prices": .count(file.book.prices.count), "sha256": .text(file.sha256),
                ]))
        } else {
            let count = Spoken.count(file.book.prices.count, "price", "prices")
            session.terminal.print(
                outcome == .known
                    ? "\(file.book.version) is there already"
                    : "\(file.book.version): \(count), in effect from \(file.book.effectiveFrom.rfc3339)")
        }
        return .fine
    }

    private static func list(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let database = try await session.existingLocation().openForLooking()
        let books = try await database.run(.priceBooks())
        if arguments.has("--json") {
            session.terminal.print(
                .array(
                    books.map { book in
                        .record([
                            "version": .text(book.version), "effectiveFrom": .time(book.effectiveFrom),
                            "publishedAt": .time(book.publishedAt), "source": .text(book.source),
                            "sha256": .text(book.sha256), "importedAt": .time(book.importedAt),
                            "importedBy": .text(book.importedBy), "prices": .count(book.priceCount),
                        ])
                    }))
            return .fine
        }
        var table = TextTable([
            .left("VERSION"), .left("IN EFFECT FROM"), .left("PUBLISHED"), .right("PRICES"), .left("IMPORTED"),
            .left("BY"), .left("SOURCE"),
        ])
        for book in books {
            table.add([
                book.version, book.effectiveFrom.rfc3339, book.publishedAt.rfc3339, "\(book.priceCount)",
                book.importedAt.rfc3339, book.importedBy, String(book.source.prefix(60)),
            ])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func show(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let version = arguments.positionals[0]
        let database = try await session.existingLocation().openForLooking()
        guard let row = try await database.run(.priceBook(version: version)).first else {
            throw CommandFailure("there is no price book '\(version)'; see `helicarrier prices list`")
        }
        let (provider, model) = (arguments.value("--provider")?.lowercased(), arguments.value("--model"))
        let prices = try await database.run(.prices(book: row.sequence)).filter {
            (provider == nil || $0.provider == provider) && (model == nil || $0.model == model)
        }
        if arguments.has("--json") {
            session.terminal.print(document(row, prices))
            return .fine
        }
        var table = TextTable([
            .left("PROVIDER"), .left("MODEL"), .left("BUCKET"), .right("FROM TOKENS"), .right("USD PER MILLION"),
            .left("VALID FROM"), .left("UNTIL"),
        ])
        for price in prices {
            table.add([
                price.provider, price.model, price.bucket, "\(price.minContextTokens)",
                NanoUSD.dollars(price.nanoUSDPerMillion), price.validFrom?.rfc3339, price.validUntil?.rfc3339,
            ])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func document(_ row: PriceBookRow, _ prices: [PriceRow]) -> JSONValue {
        .record([
            "version": .text(row.version), "effectiveFrom": .time(row.effectiveFrom),
            "publishedAt": .time(row.publishedAt), "source": .text(row.source),
            "prices": .array(
                prices.map { price in
                    var members = [
                        JSONMember("provider", .text(price.provider)), JSONMember("model", .text(price.model)),
                        JSONMember("bucket", .text(price.bucket)),
                        JSONMember("minContextTokens", .integer(price.minContextTokens)),
                        JSONMember("nanoUsdPerMillion", .integer(price.nanoUSDPerMillion)),
                    ]
                    if let from = price.validFrom { members.append(JSONMember("validFrom", .time(from))) }
                    if let until = price.validUntil { members.append(JSONMember("validTo", .time(until))) }
                    return .object(members)
                }),
        ])
    }
}

/// The price book of the configuration, for a database that has none.
enum FirstPrices {
    static func offer(_ database: Database, _ session: Session) async throws {
        guard try await database.run(.newestPriceBook()).first == 0 else { return }
        guard let first = try DeploymentFolder(session.environment).firstPriceBook() else { return }
        let now = session.now()
        try await database.write { db throws(SQLiteError) in _ = try first.offer(to: db, now: now) }
    }

    /// A database that is to be made gets the configuration's book: one that cannot be read is found before.
    /// - Parameter schema: the database's, as it is.
    static func check(_ schema: Int, _ session: Session) throws {
        if schema == 0 { _ = try DeploymentFolder(session.environment).firstPriceBook() }
    }

    /// The same for a connection that migrates.
    static func offer(_ connection: borrowing Connection, _ session: Session) throws {
        guard try connection.run(Query<Int64>.newestPriceBook()).first == 0 else { return }
        guard let first = try DeploymentFolder(session.environment).firstPriceBook() else { return }
        let now = session.now()
        try connection.transaction { db throws(SQLiteError) in _ = try first.offer(to: db, now: now) }
    }
}
