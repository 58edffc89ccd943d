import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store
import Telemetry

/// `helicarrier migrate`: brings the schema up to date, or says where it stands.
enum Migrate {
    static let command = Command(
        "migrate", "bring the database's schema up to date",
        options: [
            Option("--status", "only say which steps are taken and which wait"),
            Option("--backup", "FOLDER/", "make a backup there first, if there is a step to take"), .json,
        ],
        notes: "Steps go forward only, all in one transaction: a step that fails changes nothing.", run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let location = try arguments.has("--status") ? session.existingLocation() : session.location()
        try location.checkDirectory()
        let isNew = !arguments.has("--status")
        if isNew, let folder = arguments.value("--backup") { try await backUp(location, into: folder, session) }
        let taken: [AppliedMigration]
        var before: Int
        do {
            let connection = try location.opening { () throws(SQLiteError) in
                try Connection(path: location.path, durability: location.durability)
            }
            before = try connection.schemaVersion()
            if before > Migration.newest { throw SchemaError.newer(found: before, known: Migration.newest) }
            if isNew {
                try FirstPrices.check(before, session)
                // Another may have been at it meanwhile.
                before = try connection.migrate(now: session.now())
                try FirstPrices.offer(connection, session)
            }
            taken = try connection.schemaVersion() == 0 ? [] : connection.run(.appliedMigrations())
        }
        if isNew {
            try await Checkpointer(location, log: .silent, now: session.now).runOnce()
        }
        report(taken, before: before, arguments, session)
        return arguments.has("--status") && taken.count < Migration.all.count ? .failed : .fine
    }

    /// The way back, since steps are never undone. A database without a schema has nothing to go back to.
    private static func backUp(_ location: DatabaseLocation, into name: String, _ session: Session) async throws {
        guard FileSize.exists(location.path) else { return }
        let database = try location.openForReading()
        let schema = try await database.access { db throws(SQLiteError) in try db.schemaVersion() }
        guard (1..<Migration.newest).contains(schema) else { return }
        guard let folder = BackupFolder(name.hasSuffix("/") ? name : name + "/") else { return }
        try folder.make()
        let path = folder.file(before: Migration.newest, at: session.now())
        _ = try Backup.make(location, path, now: session.now(), session.terminal)
        Backup.note(LastBackup(at: session.now(), bytes: FileSize.of(path)), location, session)
        session.terminal.writeError("what was there before is kept in \(path)\n")
    }

    private static func report(
        _ taken: [AppliedMigration], before: Int, _ arguments: Arguments, _ session: Session
    ) {
        let moments = Dictionary(taken.map { ($0.version, $0.appliedAt) }, uniquingKeysWith: { first, _ in first })
        if arguments.has("--json") {
            let steps = Migration.all.map { step in
                JSONValue.record([
                    "version": .count(step.version), "name": .text(step.name),
                    "appliedAt": .time(moments[step.version]),
                ])
            }
            session.terminal.print(
                .record([
                    "version": .count(taken.last?.version ?? 0), "needed": .count(Migration.newest),
                    "migrations": .array(steps),
                ]))
            return
        }
        guard arguments.has("--status") else {
            let now = taken.last?.version ?? 0
            session.terminal.print(
                now == before ? "schema \(now): nothing to do" : "schema \(now): took the steps \(before + 1) to \(now)"
            )
            return
        }
        var table = TextTable([.right("VERSION"), .left("NAME"), .left("TAKEN")])
        for step in Migration.all {
            let moment = moments[step.version]
            table.add(
                ["\(step.version)", step.name, moment?.rfc3339 ?? "waits: run `helicarrier migrate`"],
                colours: moment == nil ? [2: .yellow] : [:])
        }
        session.terminal.write(table.text(session.terminal.paint))
    }
}
