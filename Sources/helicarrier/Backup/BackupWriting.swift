import Compression
import Crypto
import Daemon
import Model
import SQLite
import Store

/// Makes one backup: a copy of one moment, looked through, packed, and given its name when all of that is done.
struct BackupWriting: Sendable {
    let location: DatabaseLocation
    let path: String
    let now: Timestamp
    let progress: @Sendable (_ step: String, _ done: Int, _ total: Int) -> Void

    /// The unpacked copy, gone when this is through.
    private var copy: String { path + ".copy" }

    func run() throws -> BackupManifest {
        try checkSpace()
        // Held until the end: two that write the same file would write the same copy too.
        var file = try NewFile(path)
        do {
            let manifest = try write(&file)
            try file.publish()
            removeCopy()
            return manifest
        } catch {
            file.discard()
            removeCopy()
            throw error
        }
    }

    private func write(_ file: inout NewFile) throws -> BackupManifest {
        removeCopy()
        let (schema, counts) = try copyDatabase()
        try BackupCheck.look(at: copy, schema: schema, counts: counts) { progress("checking", 0, 1) }
        let digest = try digestOfCopy()
        let manifest = BackupManifest(
            release: Release.version, schema: schema, createdAt: now, databaseBytes: FileSize.of(copy), digest: digest,
            rows: counts)
        try file.write(manifest.frame)
        try pack(into: &file)
        return manifest
    }

    /// The copy and the counts are of one moment. Writers go on meanwhile; only the log cannot be emptied.
    private func copyDatabase() throws -> (schema: Int, counts: [TableCount]) {
        let source = try Connection(path: location.path, durability: location.durability, readOnly: true)
        return try source.consistentRead { source throws(SQLiteError) in
            let schema = try source.schemaVersion()
            let counts = try source.rowCounts()
            try source.copy(to: copy) { done, total in progress("copying", done, total) }
            return (schema, counts)
        }
    }

    private func digestOfCopy() throws -> String {
        let reader = try ReadFile(copy)
        var hash = SHA256()
        while true {
            let chunk = try reader.next(BackupCheck.chunk)
            if chunk.isEmpty { return hash.finish().description }
            hash.update(chunk)
        }
    }

    private func pack(into file: inout NewFile) throws {
        let reader = try ReadFile(copy)
        var stream = ZstdStream(level: 3, size: Int(reader.size))
        var done: Int64 = 0
        while true {
            let chunk = try reader.next(BackupCheck.chunk)
            if chunk.isEmpty { break }
            try file.write(stream.compress(chunk))
            done += Int64(chunk.count)
            progress("packing", Int(done), Int(reader.size))
        }
        try file.write(stream.finish())
    }

    /// The copy and what it is packed to must fit beside each other.
    private func checkSpace() throws {
        let needed = (FileSize.of(location.path) + FileSize.of(location.path + "-wal")) / 2 * 3 + (16 << 20)
        let directory = path.parentDirectory
        guard FileAccess.isDirectory(directory) else { throw CommandFailure("there is no folder \(directory)") }
        if let free = FileSize.free(at: directory), free < needed {
            throw CommandFailure(
                "\(directory) has \(Spoken.bytes(free)) free; a backup needs \(Spoken.bytes(needed)) while it is made"
            )
        }
    }

    private func removeCopy() {
        BackupCheck.remove(copy)
    }
}

/// What every copy of a database must be, before it is packed and after it is unpacked.
enum BackupCheck {
    static let chunk = 1 << 20

    /// Throws where the database at `path`, which nobody else has open, is not whole, or is not the one that is
    /// described. Leaves one file, without a log.
    static func look(at path: String, schema: Int, counts: [TableCount], starting: () -> Void) throws {
        starting()
        do {
            let connection = try Connection(path: path, durability: .normal)
            let faults = try connection.run(.integrityCheck())
            guard faults == ["ok"] else { throw BackupDamage("integrity_check: \(faults.first ?? "no answer")") }
            let found = try connection.schemaVersion()
            guard found == schema else { throw BackupDamage("it has schema \(found) where \(schema) is described") }
            let rows = try connection.rowCounts()
            for (found, told) in zip(rows, counts) where found != told {
                throw BackupDamage(
                    "\(found.table) has \(found.rows) rows where \(told.table) with \(told.rows) is described")
            }
            guard rows.count == counts.count else { throw BackupDamage("it has other tables than are described") }
            try connection.leaveLog()
        } catch let error as SQLiteError where error.isCorrupt {
            throw BackupDamage(error.message)
        }
    }

    /// Deletes a database that nobody has open, with what SQLite puts beside it.
    static func remove(_ path: String) {
        for ending in ["", "-wal", "-shm", "-journal"] { try? FileMoves.remove(path + ending) }
    }
}
