import Daemon
import Jobs
import Model
import SQLite
import Store

/// Puts what is in a backup in the place of the database: all of it, or nothing.
struct Restoring: Sendable {
    let backup: String
    let now: Timestamp
    let progress: @Sendable (_ step: String, _ done: Int, _ total: Int) -> Void

    /// Unpacks beside the backup, looks, and leaves nothing.
    func check() throws -> BackupManifest {
        let reading = BackupReading(path: backup)
        let place = backup + ".check"
        try checkSpace(for: reading.manifest(), in: place)
        defer { BackupCheck.remove(place) }
        return try reading.unpack(to: place, progress: progress)
    }

    /// - Returns: the name that the database which was there has now, if there was one.
    func restore(
        to location: DatabaseLocation, replacing: Bool
    ) throws -> (manifest: BackupManifest, kept: String?) {
        try location.checkDirectory()
        let reading = BackupReading(path: backup)
        let told = try reading.manifest()
        guard told.schema <= Migration.newest else {
            throw SchemaError.newer(found: told.schema, known: Migration.newest)
        }
        if FileSize.exists(location.path), !replacing {
            throw CommandFailure(
                "there is a database at \(location.path): move it away, or add --replace, which keeps it beside")
        }
        // No daemon checkpoints while this is held, and while one runs it is not to be had.
        guard let lock = FileLock(path: location.checkpointLock) else {
            throw CommandFailure("\(location.path) is in use: stop every process first")
        }
        defer { withExtendedLifetime(lock) {} }
        let place = location.path + ".restoring"
        try checkSpace(for: told, in: place)
        BackupCheck.remove(place)
        do {
            let manifest = try reading.unpack(to: place, progress: progress)
            return (manifest, try exchange(location, place))
        } catch {
            BackupCheck.remove(place)
            throw error
        }
    }

    /// The database that is there is taken alone while the names change: a process that opens it meanwhile waits, and
    /// then finds that it has moved.
    private func exchange(_ location: DatabaseLocation, _ place: String) throws -> String? {
        guard FileSize.exists(location.path) else {
            try keepLog(of: location, as: location.path + ".left-" + digits)
            try FileMoves.rename(place, to: location.path)
            return nil
        }
        do {
            let old = try Connection(path: location.path, durability: location.durability)
            guard try old.takeAlone() else {
                throw CommandFailure("\(location.path) is in use: stop every process first")
            }
            return try move(location, place)
        } catch let error as SQLiteError {
            guard error.isCorrupt else { throw error }
            // SQLite cannot take what it cannot read. Daemons would have held the lock of the checkpointer.
            return try move(location, place)
        }
    }

    private var digits: String { now.rfc3339.filter { $0 != "-" && $0 != ":" } }

    /// At every moment there is a whole database under the name: the old one or the new one.
    private func move(_ location: DatabaseLocation, _ place: String) throws -> String {
        let kept = location.path + ".replaced-" + digits
        try FileMoves.link(location.path, as: kept)
        try keepLog(of: location, as: kept)
        try FileMoves.rename(place, to: location.path)
        return kept
    }

    /// A log that was left alone would be taken for the new database's.
    private func keepLog(of location: DatabaseLocation, as kept: String) throws {
        for ending in ["-wal", "-shm", "-journal"] where FileSize.exists(location.path + ending) {
            try FileMoves.rename(location.path + ending, to: kept + ending)
        }
    }

    private func checkSpace(for manifest: BackupManifest, in place: String) throws {
        let needed = manifest.databaseBytes + (16 << 20)
        if let free = FileSize.free(at: place.parentDirectory), free < needed {
            throw CommandFailure(
                "\(place.parentDirectory) has \(Spoken.bytes(free)) free; the database needs \(Spoken.bytes(needed))"
            )
        }
    }
}
