import Daemon
import JSON
import Jobs
import Model
import Store

/// `helicarrier backup`: one file with everything, made while the service runs.
enum Backup {
    static let commands = [make, list]

    private static let make = Command(
        "backup", "copy the database into one file, while the service runs", operands: "FILE|FOLDER/", count: 1...1,
        options: [
            Option("--keep", "N", "with a folder: delete the oldest backups in it, so that N are left"),
            Option("--force", "write over a file that is there"), .json,
        ],
        notes: """
            The file holds the database of one moment, packed with Zstandard; `zstd -d` unpacks it. It is checked before
            it gets its name: integrity, and the rows of each table. In a folder the name says the moment. Whoever reads
            the file reads webhook secrets: keep it as you keep the database. `restore` takes it back.
            """, run: run)

    private static let list = Command(
        "backup list", "say what backups hold: when, which schema, how many rows", operands: "FILE|FOLDER…",
        count: 1...1_000, options: [.json],
        notes: "What is packed is not looked at; `helicarrier restore --check FILE` does.", run: show)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let keep = try arguments.number("--keep", within: 1...10_000)
        guard let operand = arguments.positionals.first else { throw UsageError("FILE is missing") }
        let folder = BackupFolder(operand)
        if keep != nil, folder == nil { throw UsageError("--keep needs a folder; write it with a slash at its end") }
        let location = try session.existingLocation()
        let now = session.now()
        try folder?.make()
        let path = folder?.file(at: now) ?? operand
        guard !location.isOwn(path) else {
            throw CommandFailure("\(path) is the database or a file of it: choose another name")
        }
        guard arguments.has("--force") || !FileSize.exists(path) else {
            throw CommandFailure("\(path) is there already: choose another name, or add --force")
        }
        let start = ContinuousClock.now
        let manifest = try make(location, path, now: now, session.terminal)
        note(LastBackup(at: now, bytes: FileSize.of(path)), location, session)
        for name in folder?.prune(keeping: keep) ?? [] { session.terminal.writeError("deleted \(name)\n") }
        report(manifest, path, took: ContinuousClock.now - start, arguments, session)
        return .fine
    }

    /// Makes one backup, with a bar on a terminal.
    static func make(
        _ location: DatabaseLocation, _ path: String, now: Timestamp, _ terminal: Terminal
    ) throws -> BackupManifest {
        let meter = StepMeter(terminal)
        defer { meter.clear() }
        return try BackupWriting(location: location, path: path, now: now, progress: meter.show).run()
    }

    /// For health and metrics. A backup is good without.
    static func note(_ backup: LastBackup, _ location: DatabaseLocation, _ session: Session) {
        do {
            try backup.write(location)
        } catch {
            session.terminal.error("the backup is good, but health will not show it: \(error)")
        }
    }

    private static func report(
        _ manifest: BackupManifest, _ path: String, took: Duration, _ arguments: Arguments, _ session: Session
    ) {
        if arguments.has("--json") {
            return session.terminal.print(
                line(manifest, path, more: [JSONMember("durationMs", .integer(took.milliseconds))]))
        }
        session.terminal.print(
            "\(path): \(Spoken.bytes(FileSize.of(path))) of \(Spoken.bytes(manifest.databaseBytes)), schema "
                + "\(manifest.schema), \(manifest.rowTotal) rows in \(manifest.rows.count) tables, in "
                + Spoken.duration(took))
    }

    private static func show(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        var table = TextTable([
            .left("MADE"), .right("SCHEMA"), .left("RELEASE"), .right("SIZE"), .right("DATABASE"), .right("ROWS"),
            .left("FILE"),
        ])
        var lines: [JSONValue] = []
        var faults: [String] = []
        for path in try arguments.positionals.flatMap({ try BackupFolder($0)?.files() ?? [$0] }) {
            do {
                let manifest = try BackupReading(path: path).manifest()
                lines.append(line(manifest, path))
                table.add([
                    manifest.createdAt.rfc3339, "\(manifest.schema)", manifest.release,
                    Spoken.bytes(FileSize.of(path)), Spoken.bytes(manifest.databaseBytes), "\(manifest.rowTotal)", path,
                ])
            } catch {
                lines.append(.record(["file": .text(path), "damage": .text("\(error)")]))
                faults.append("\(path): \(error)")
            }
        }
        if arguments.has("--json") {
            session.terminal.print(.array(lines))
        } else {
            session.terminal.write(table.text(session.terminal.paint))
        }
        for fault in faults { session.terminal.error(fault) }
        return faults.isEmpty ? .fine : .failed
    }

    private static func line(_ manifest: BackupManifest, _ path: String, more: [JSONMember] = []) -> JSONValue {
        guard case .object(let members) = manifest.json else { return manifest.json }
        return .object(
            [JSONMember("file", .string(path)), JSONMember("bytes", .integer(FileSize.of(path)))] + members + more)
    }
}
