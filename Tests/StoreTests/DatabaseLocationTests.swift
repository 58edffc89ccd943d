import Daemon
import Model
import SQLite
import Store
import TestKit
import Testing

/// Where the database is, and what is said when it cannot be there.
@Suite struct DatabaseLocationTests {
    private static let now = Timestamp(milliseconds: 1)

    @Test func hasDefaults() throws {
        let location = try DatabaseLocation(Environment([:]))
        #expect(location.path == "./data/helicarrier.sqlite")
        #expect(location.durability == .full)
    }

    @Test func isReadFromTheEnvironment() throws {
        let location = try DatabaseLocation(
            Environment(["HELICARRIER_DB_PATH": "/var/lib/x/y.sqlite", "HELICARRIER_SYNC": "normal"]))
        #expect(location.path == "/var/lib/x/y.sqlite")
        #expect(location.durability == .normal)
        #expect(location.bells == "/var/lib/x/y.sqlite.bells")
        #expect(location.checkpointLock == "/var/lib/x/y.sqlite.checkpoint")
        #expect(throws: SettingError.unreadable("HELICARRIER_SYNC", expected: "full or normal")) {
            _ = try DatabaseLocation(Environment(["HELICARRIER_SYNC": "off"]))
        }
    }

    @Test func opensAndMigratesAnEmptyPlace() async throws {
        let place = try TemporaryDatabase(migrated: false)
        let database = try place.location.open(now: Self.now)
        #expect(try await database.run(Query<AppliedMigration>.appliedMigrations()).count == Migration.newest)
    }

    @Test func namesTheDirectoryThatIsMissing() throws {
        let place = try TemporaryDatabase(migrated: false)
        let location = DatabaseLocation(path: place.path + ".missing/a.sqlite")
        let fault = #expect(throws: DatabaseFault.self) { _ = try location.open(now: Self.now) }
        #expect(fault?.description.hasPrefix("HELICARRIER_DB_PATH: ") == true)
        #expect(fault?.description.hasSuffix("its directory does not exist") == true)
    }

    @Test func saysThatAFileIsNoDatabase() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array(String(repeating: "no database ", count: 100).utf8), to: "a.sqlite")
        let fault = #expect(throws: DatabaseFault.self) {
            _ = try DatabaseLocation(path: path).open(now: Self.now)
        }
        #expect(fault?.description.contains("it is not a database, or damaged") == true)
    }

    @Test func aReaderWantsADatabaseThatExists() throws {
        let place = try TemporaryDatabase(migrated: false)
        #expect(throws: DatabaseFault.self) { _ = try place.location.openForReading() }
    }
}
