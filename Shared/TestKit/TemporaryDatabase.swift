import Model
package import SQLite
package import Store

/// A real database in a directory of its own, with the newest schema, gone when the last owner lets go.
package final class TemporaryDatabase: Sendable {
    package let location: DatabaseLocation
    private let directory: TemporaryDirectory

    package var path: String { location.path }

    /// - Parameter migrated: false leaves the place empty.
    package init(migrated: Bool = true, durability: Durability = .normal) throws {
        directory = try TemporaryDirectory()
        location = DatabaseLocation(path: directory.file("test.sqlite"), durability: durability)
        if migrated { try open().migrate(now: Timestamp(milliseconds: 0)) }
    }

    /// A connection of the caller's own; several may be open.
    package func open(readOnly: Bool = false) throws(SQLiteError) -> Connection {
        try Connection(path: path, durability: location.durability, readOnly: readOnly)
    }

    /// A connection on a thread of its own.
    package func database() throws(SQLiteError) -> Database {
        try Database(path: path, durability: location.durability)
    }
}
