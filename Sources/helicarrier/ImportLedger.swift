import Contracts
import Crypto
import Daemon
import JSON
import Jobs
import Ledger
import Model
import SQLite
import Store
import Telemetry

/// `helicarrier import ledger` and `import reports`: an older system's JSON, and what became of it.
enum ImportLedger {
    private static let largestFile: Int64 = 1 << 30

    static let commands = [
        Command(
            "import ledger", "bring in the JSON of an older session ledger", operands: "FILE", count: 1...1,
            options: [Option("--dry-run", "read and check all of it, write nothing but the report"), .json],
            notes: """
                The file is an object of the collections ledger, events, usage, alertRules and alertStates. What is
                there already is skipped, and nothing newer is overwritten, so it may be repeated. Good rows are written
                even where others fail; each fault is named with its place (a JSON pointer). The report is printed and
                kept: see `import reports`. Needs HELICARRIER_ENABLE_JSON_IMPORT=true. Exit status 1 if a row failed.
                """, run: run),
        Command(
            "import reports", "what became of imports, or all about one", operands: "[ID]", count: 0...1,
            options: [.json], run: reports),
    ]

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        try checkPermission(session.environment)
        let path = arguments.positionals[0]
        let (export, sha256) = try read(path)
        let startedAt = session.now()
        let location = try session.location()
        let database = try location.open(now: startedAt)
        try await FirstPrices.offer(database, session)
        let work = LedgerImport(export, prices: PriceDesk(), now: startedAt)
        let isDry = arguments.has("--dry-run")
        let tally = try await take(work, isDry: isDry, database, session.terminal)
        let facts = ImportFacts(
            file: path, sha256: sha256, isDryRun: isDry, startedAt: startedAt, finishedAt: session.now(),
            importedBy: session.operatorName)
        let report = tally.json(facts)
        let id = try await keep(tally, facts, report, database)
        _ = Listeners(location).wake([.score])
        try await Checkpointer(location, log: .silent, now: session.now).runOnce()
        if arguments.has("--json") {
            session.terminal.print(json: report)
        } else {
            print(tally, facts, id, session.terminal)
        }
        return tally.failed == 0 && tally.parts.values.allSatisfy(\.faults.isEmpty) ? .fine : .failed
    }

    private static func checkPermission(_ environment: Environment) throws {
        guard try environment.value("HELICARRIER_ENABLE_JSON_IMPORT", default: false) else {
            throw ImportForbidden("imports of JSON are not permitted: set HELICARRIER_ENABLE_JSON_IMPORT=true")
        }
        guard try environment.value("HELICARRIER_ENABLE_SQLITE", default: true) else {
            throw ImportForbidden("HELICARRIER_ENABLE_SQLITE is false: there is no ledger to import into")
        }
    }

    private static func read(_ path: String) throws -> (LegacyExport, sha256: String) {
        guard FileSize.exists(path) else { throw CommandFailure("\(path): there is no such file") }
        guard FileSize.of(path) <= largestFile, let bytes = TextFile.bytes(path) else {
            throw CommandFailure("\(path): cannot be read as a file of at most \(Spoken.bytes(largestFile))")
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes, limits: JSONLimits(depth: 128, bytes: Int(largestFile)))
        } catch {
            throw CommandFailure("\(path): is not JSON: \(error)")
        }
        do throws(LegacyExport.Fault) {
            return (try LegacyExport(document), SHA256.digest(bytes).hex)
        } catch {
            throw CommandFailure("\(path): \(error.message)")
        }
    }

    /// Step by step, so that others who write wait no longer than for one.
    private static func take(
        _ work: LedgerImport, isDry: Bool, _ database: Database, _ terminal: Terminal
    ) async throws -> LegacyTally {
        if isDry { return try await rehearse(work, database) }
        let bar = ProgressBar("importing", on: terminal)
        defer { bar.clear() }
        var tally = work.start
        for step in 0..<work.steps {
            bar.show(step, of: work.steps)
            tally = try await database.write { [tally] db throws(SQLiteError) in
                var next = tally
                try work.take(step, on: db, &next)
                return next
            }
        }
        return tally
    }

    /// The same in one transaction that is taken back.
    private static func rehearse(_ work: LedgerImport, _ database: Database) async throws -> LegacyTally {
        try await database.access { db throws(SQLiteError) in
            try db.rehearsal { db throws(SQLiteError) in
                var tally = work.start
                for step in 0..<work.steps { try work.take(step, on: db, &tally) }
                return tally
            }
        }
    }

    private static func keep(
        _ tally: LegacyTally, _ facts: ImportFacts, _ report: [UInt8], _ database: Database
    ) async throws -> Int64 {
        let row = ImportReportRow(
            file: facts.file, sha256: facts.sha256, isDryRun: facts.isDryRun, startedAt: facts.startedAt,
            finishedAt: facts.finishedAt, importedBy: facts.importedBy, read: tally.read, written: tally.written,
            skipped: tally.skipped, failed: tally.failed, report: String(decoding: report, as: UTF8.self))
        return try await database.write { db throws(SQLiteError) in
            let id = try db.run(.addImportReport(row)).first ?? 0
            try db.run(
                .audit(
                    AuditEntry(
                        at: facts.finishedAt, who: facts.importedBy, action: "import ledger", target: facts.sha256,
                        result:
                            "report \(id): \(tally.written) written, \(tally.skipped) skipped, \(tally.failed) failed"
                    )))
            return id
        }
    }

    private static func print(_ tally: LegacyTally, _ facts: ImportFacts, _ id: Int64, _ terminal: Terminal) {
        var table = TextTable([
            .left("COLLECTION"), .right("READ"), .right("WRITTEN"), .right("SKIPPED"), .right("FAILED"),
        ])
        for collection in LegacyExport.Collection.allCases {
            let part = tally[collection]
            table.add([
                collection.rawValue, "\(part.read)", "\(part.written)", "\(part.skipped)", "\(part.failed)",
            ])
        }
        terminal.write(table.text(terminal.paint))
        let faults = LegacyExport.Collection.allCases.flatMap { tally[$0].faults }
        for fault in faults.prefix(50) { terminal.error("\(fault.pointer): \(fault.message)") }
        if faults.count > 50 {
            terminal.error("and \(faults.count - 50) more: helicarrier import reports \(id) --json")
        }
        let parity = tally.parity
        terminal.print(
            "\(Spoken.count(parity.sessions, "session", "sessions")) beside the file: "
                + "tokens \(parity.ledgerTokens) of \(parity.fileTokens), "
                + "cost \(NanoUSD.dollars(parity.ledgerCost)) of \(NanoUSD.dollars(parity.fileCost)) USD, "
                + "runtime \(parity.ledgerRuntime) of \(parity.fileRuntime) ms: "
                + (parity.matches ? "equal" : "NOT equal"))
        terminal.print("SHA-256 \(facts.sha256); report \(id)\(facts.isDryRun ? "; nothing else was written" : "")")
    }

    private static func reports(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let database = try await session.existingLocation().openForLooking()
        if let text = arguments.positionals.first {
            guard let id = Int64(text), let row = try await database.run(.importReport(id)).first else {
                throw CommandFailure("there is no report '\(text)'; see `helicarrier import reports`")
            }
            session.terminal.print(json: [UInt8](row.report.utf8))
            return .fine
        }
        let rows = try await database.run(.importReports(limit: 1_000))
        if arguments.has("--json") {
            session.terminal.print(.array(rows.map(json)))
            return .fine
        }
        var table = TextTable([
            .right("ID"), .left("FINISHED"), .left("FILE"), .left("DRY"), .right("READ"), .right("WRITTEN"),
            .right("SKIPPED"), .right("FAILED"), .left("BY"),
        ])
        for row in rows {
            table.add([
                "\(row.id)", row.finishedAt.rfc3339, row.file, row.isDryRun ? "yes" : "no", "\(row.read)",
                "\(row.written)", "\(row.skipped)", "\(row.failed)", row.importedBy,
            ])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func json(_ row: ImportReportRow) -> JSONValue {
        .record([
            "id": .integer(row.id), "file": .text(row.file), "sha256": .text(row.sha256),
            "dryRun": .bool(row.isDryRun), "startedAt": .time(row.startedAt), "finishedAt": .time(row.finishedAt),
            "importedBy": .text(row.importedBy), "read": .count(row.read), "written": .count(row.written),
            "skipped": .count(row.skipped), "failed": .count(row.failed),
        ])
    }
}

/// The settings do not let an import happen.
struct ImportForbidden: ConfigurationFault, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
