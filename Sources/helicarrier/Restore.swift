import Daemon
import JSON
import Model
import SQLite
import Store

/// `helicarrier restore`: a backup becomes the database again.
enum Restore {
    static let command = Command(
        "restore", "make a backup the database, after checking it", operands: "FILE|FOLDER/", count: 1...1,
        options: [
            Option("--check", "only unpack and check it, beside the backup; the database is not touched"),
            Option("--replace", "there is a database: keep it under another name, and put the backup in its place"),
            .json,
        ],
        notes: """
            Refuses a backup that is damaged or has a newer schema, and a database that any process has open: stop them
            first (`systemctl stop helicarrier.target`). Of a folder the newest backup is taken. One with an older
            schema is restored as it is; `helicarrier migrate` then brings it up to date.
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        guard let operand = arguments.positionals.first else { throw UsageError("FILE is missing") }
        let path: String
        if let folder = BackupFolder(operand) {
            guard let newest = try folder.newest() else { throw CommandFailure("there is no backup in \(operand)") }
            path = newest
        } else {
            path = operand
        }
        let meter = StepMeter(session.terminal)
        defer { meter.clear() }
        do {
            let restoring = Restoring(backup: path, now: session.now(), progress: meter.show)
            if arguments.has("--check") {
                let manifest = try restoring.check()
                meter.clear()
                report(manifest, path, done: "is good", kept: nil, arguments, session)
            } else {
                let location = try session.location()
                let (manifest, kept) = try restoring.restore(to: location, replacing: arguments.has("--replace"))
                meter.clear()
                report(manifest, path, done: "is now \(location.path)", kept: kept, arguments, session)
            }
        } catch let error as BackupDamage {
            throw CommandFailure("\(path) is refused: \(error)")
        }
        return .fine
    }

    private static func report(
        _ manifest: BackupManifest, _ path: String, done: String, kept: String?, _ arguments: Arguments,
        _ session: Session
    ) {
        if arguments.has("--json") {
            guard case .object(let members) = manifest.json else { return }
            return session.terminal.print(
                .object([JSONMember("file", .string(path))] + members + [JSONMember("kept", .text(kept))]))
        }
        session.terminal.print(
            "\(path) \(done): data of \(manifest.createdAt.rfc3339), schema \(manifest.schema), "
                + "\(manifest.rowTotal) rows"
        )
        if let kept { session.terminal.print("the database that was there is \(kept)") }
        if manifest.schema < Migration.newest {
            session.terminal.print("this release needs schema \(Migration.newest): run `helicarrier migrate`")
        }
    }
}
