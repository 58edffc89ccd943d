import FoundationEssentials
import Model
package import SQLite
package import Store

/// A real database in a directory of its own, with the newest schema, gone when the last owner lets go.
package final class TemporaryDatabase: Sendable {
    package let location: DatabaseLocation
    private let directory: TemporaryDirectory

    package var path: String { location.path }

    /// - Parameter migrated: false leaves the place empty.
    package convenience init(migrated: Bool = true, durability: Durability = .normal) throws {
        try self.init(migrated ? DatabaseTemplate.migrated.get() : nil, durability: durability)
    }

    /// - Parameter template: what is in it; `nil` leaves the place empty.
    package init(_ template: DatabaseTemplate?, durability: Durability = .normal) throws {
        directory = try TemporaryDirectory()
        location = DatabaseLocation(path: directory.file("test.sqlite"), durability: durability)
        if let template { try directory.write(template.bytes, to: "test.sqlite") }
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

/// What many tests' databases begin with: made once, and copied for each.
package struct DatabaseTemplate: Sendable {
    fileprivate let bytes: [UInt8]

    /// The newest schema and nothing else.
    fileprivate static let migrated = Result { try DatabaseTemplate { _ in } }

    /// - Parameter fill: writes what is in it beside the newest schema.
    package init(_ fill: (borrowing Connection) throws -> Void) throws {
        let place = try TemporaryDatabase(nil)
        let connection = try place.open()
        try connection.migrate(now: Timestamp(milliseconds: 0))
        try fill(connection)
        guard try connection.checkpoint() else { throw HeldLog() }
        bytes = [UInt8](try Data(contentsOf: URL(filePath: place.path)))
    }

    /// Somebody reads a database that nobody knows of.
    private struct HeldLog: Error {}
}
