import Daemon
import Glibc
import Jobs
import Model
import SQLite
import Store

/// What every command works with: settings, a place to write, the time, and who is asking.
struct Session: Sendable {
    let environment: Environment
    let terminal: Terminal
    let now: @Sendable () -> Timestamp
    /// The name that audit rows carry.
    let operatorName: String

    static func ofProcess() -> Session {
        let environment = Environment.ofProcess
        return Session(
            environment: environment, terminal: .ofProcess(environment), now: SystemClock.now,
            operatorName: "cli:\(userName())")
    }

    func location() throws -> DatabaseLocation {
        try DatabaseLocation(environment)
    }

    /// The location of a database that is there already: a command that looks creates nothing.
    func existingLocation() throws -> DatabaseLocation {
        let location = try location()
        guard unsafe access(location.path, F_OK) == 0 else { throw MissingDatabase(path: location.path) }
        return location
    }

    func queueOperator(_ database: Database) -> QueueOperator {
        QueueOperator(database, name: operatorName, now: now)
    }
}

extension DatabaseLocation {
    /// Opens the database for a command that only looks, if its schema is this binary's.
    func openForLooking() async throws -> Database {
        let database = try openForReading()
        let found = try await database.access { db throws(SQLiteError) in try db.schemaVersion() }
        if found > Migration.newest { throw SchemaError.newer(found: found, known: Migration.newest) }
        if found < Migration.newest { throw SchemaError.older(found: found, needed: Migration.newest) }
        return database
    }
}

/// There is no database where the settings say that it is.
struct MissingDatabase: ConfigurationFault, CustomStringConvertible {
    let path: String
    var description: String {
        "there is no database at \(path): set HELICARRIER_DB_PATH, or make one with `helicarrier migrate`"
    }
}

private func userName() -> String {
    guard let entry = unsafe getpwuid(getuid()), let name = unsafe entry.pointee.pw_name else {
        return "uid \(getuid())"
    }
    return unsafe String(cString: name)
}
