package import Daemon
package import Model
package import SQLite

/// Where the database is and how hard its commits are pressed onto the disk.
///
/// `HELICARRIER_DB_PATH` (path, default `./data/helicarrier.sqlite`), `HELICARRIER_SYNC` (`full` or `normal`,
/// default `full`; `normal` may lose the last commits in a power cut).
package struct DatabaseLocation: Sendable {
    package let path: String
    package let durability: Durability
    package let retention: Retention

    package init(_ environment: Environment) throws(SettingError) {
        path = try environment.value("HELICARRIER_DB_PATH", default: "./data/helicarrier.sqlite")
        durability = try environment.value("HELICARRIER_SYNC", default: .full)
        retention = try Retention(environment)
    }

    package init(path: String, durability: Durability = .full, retention: Retention = Retention()) {
        self.path = path
        self.durability = durability
        self.retention = retention
    }

    package static let settings = [
        (name: "HELICARRIER_DB_PATH", default: "./data/helicarrier.sqlite", meaning: "the database"),
        (
            name: "HELICARRIER_SYNC", default: "full",
            meaning: "full: commits survive a power cut; normal: faster, the last ones may not"
        ),
        (
            name: "HELICARRIER_KEEP_JOBS", default: "7d",
            meaning: "how long done and cancelled jobs are kept; dead ones stay until somebody decides"
        ),
        (
            name: "HELICARRIER_BALLAST", default: "16M",
            meaning: "size of a file that can be deleted when the disk is full; off: none"
        ),
        (name: "HELICARRIER_LOG", default: "info", meaning: "log level: debug, info, warning, error"),
    ]

    /// The directory with the doorbells of everything that shares this database.
    package var bells: String { path + ".bells" }
    /// The file that the one checkpointer locks.
    package var checkpointLock: String { path + ".checkpoint" }
    /// The file to delete when the disk is full.
    package var ballast: String { path + ".ballast" }
    /// What is known of the last backup that was made here.
    package var lastBackup: String { path + ".last-backup" }

    /// Whether a path leads to the database or to a file that belongs to it, by whatever name.
    package func isOwn(_ other: String) -> Bool {
        let own = [path, path + "-wal", path + "-shm", path + "-journal", checkpointLock, ballast, lastBackup, bells]
        let (name, place) = (FileIdentity(of: other), FilePlace.canonical(other))
        return own.contains { FilePlace.canonical($0) == place || name != nil && FileIdentity(of: $0) == name }
    }

    /// Opens the database for work: an empty one gets its schema, any other must have this binary's.
    package func open(now: Timestamp) throws -> Database {
        try checkDirectory()
        do {
            let connection = try Connection(path: path, durability: durability)
            if try connection.schemaVersion() == 0 { try connection.migrate(now: now) }
            try connection.checkSchema()
            if connection.hasMoved { throw DatabaseReplaced(path: path) }
            return try Database(path: path, durability: durability)
        } catch let error as SQLiteError where !error.isBusy && !error.isDiskFull {
            // Those two pass, so they must not end in the exit status that says "do not start again".
            throw DatabaseFault(error: error)
        }
    }

    /// Opens a connection that only reads, to a database that must exist.
    package func openForReading() throws -> Database {
        try opening { () throws(SQLiteError) in
            try Database(path: path, durability: durability, readOnly: true)
        }
    }

    /// What is wrong with the database itself is a wrong setting; what passes is not, so that it is tried again.
    package func opening<Opened: ~Copyable>(_ body: () throws(SQLiteError) -> Opened) throws -> Opened {
        do throws(SQLiteError) {
            return try body()
        } catch {
            guard error.cannotOpen || error.isCorrupt else { throw error }
            throw DatabaseFault(error: error)
        }
    }

    package func checkDirectory() throws(DatabaseFault) {
        let directory = path.parentDirectory
        guard FileAccess.isDirectory(directory) else {
            throw DatabaseFault(reason: "its directory does not exist")
        }
        guard FileAccess.canAdd(to: directory) else {
            throw DatabaseFault(reason: "its directory is not writable")
        }
        if FileAccess.exists(path), !FileAccess.canReadAndWrite(path) {
            throw DatabaseFault(reason: "the file is not readable and writable")
        }
    }
}

/// The database cannot be used where and as it is.
package struct DatabaseFault: ConfigurationFault, CustomStringConvertible {
    package let description: String

    init(reason: String) {
        description = "HELICARRIER_DB_PATH: the database cannot be used: \(reason)"
    }

    init(error: SQLiteError) {
        let reason = error.isCorrupt ? "it is not a database, or damaged: \(error.message)" : error.message
        self.init(reason: reason)
    }
}

/// A restore has put another file in the database's place while it was being opened. Trying again finds that one.
package struct DatabaseReplaced: Error, CustomStringConvertible {
    let path: String
    package var description: String { "the database \(path) was replaced while it was opened" }
}

extension SchemaError: ConfigurationFault {}

extension Durability: Setting {
    package static var expectation: String { "full or normal" }
    package init?(setting text: String) { self.init(rawValue: text) }
}
