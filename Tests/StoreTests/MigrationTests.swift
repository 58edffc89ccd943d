import Daemon
import Model
import SQLite
import Store
import TestKit
import Testing

/// The schema's history: in order, taken once, all of it or none.
@Suite struct MigrationTests {
    private let place: TemporaryDatabase
    private static let now = Timestamp(milliseconds: 5_000)

    init() throws {
        place = try TemporaryDatabase(migrated: false)
    }

    private static let schema = Query("SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name") { $0.text(0) }

    @Test func migrationsAreNumberedWithoutGaps() {
        #expect(!Migration.all.isEmpty)
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
        #expect(Migration.newest == Migration.all.count)
    }

    @Test func everyMigrationFileIsListed() {
        let files = Repository.files(in: "Shared/Store/Migrations")
        #expect(!files.isEmpty)
        let listed = Migration.all.map { migration in
            let digits = String(migration.version)
            return "m" + String(repeating: "0", count: 4 - digits.count) + digits + "_" + migration.name + ".sql"
        }
        #expect(files.map(\.name) == listed, "add the file to Migration.all, under its own number and name")
        #expect(files.map(\.text) == Migration.all.map(\.script), "a listed name stands for another file")
    }

    /// They all run in one transaction; a script that ends it would leave half of the history behind.
    @Test(arguments: Migration.all.map(\.version))
    func noScriptHasATransactionOfItsOwn(version: Int) {
        let script = Migration.all[version - 1].script.uppercased()
        for word in ["COMMIT", "ROLLBACK", "BEGIN;", "BEGIN IMMEDIATE", "PRAGMA", "VACUUM"] {
            #expect(!script.contains(word), "take \(word) out of migration \(version)")
        }
    }

    @Test func migratingTwiceIsOnce() throws {
        let connection = try place.open()
        try connection.migrate(now: Self.now)
        let schema = try connection.run(Self.schema)
        try connection.migrate(now: Self.now + .seconds(1))
        try place.open().migrate(now: Self.now + .seconds(2))
        #expect(try connection.run(Self.schema) == schema)
        let applied = try connection.run(Query<AppliedMigration>.appliedMigrations())
        #expect(applied.map(\.version) == Migration.all.map(\.version))
        #expect(applied.allSatisfy { $0.appliedAt == Self.now })
        #expect(try connection.run(Query("PRAGMA integrity_check") { $0.text(0) }) == ["ok"])
        #expect(try connection.run(Query("PRAGMA foreign_key_check") { $0.text(0) }).isEmpty)
    }

    @Test(arguments: 0..<5)
    func manyMayMigrateAtOnce(round: Int) async throws {
        let location = place.location
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let database = try location.open(now: Self.now)
                    try await database.run(
                        Query<Void>("INSERT INTO feed (name, created_at_ms) VALUES (hex(randomblob(8)), 1)"))
                }
            }
            try await group.waitForAll()
        }
        let connection = try place.open()
        #expect(try connection.run(Query<AppliedMigration>.appliedMigrations()).count == Migration.newest)
        #expect(try connection.run(Query("SELECT count(*) FROM feed") { $0.count(0) }) == [6])
    }

    @Test func aNewerSchemaIsRefused() throws {
        let connection = try place.open()
        try connection.migrate(now: Self.now)
        try connection.runScript("INSERT INTO schema_migration VALUES (99, 'from_the_future', 1)")
        let schema = try connection.run(Self.schema)
        let expected = SchemaError.newer(found: 99, known: Migration.newest)
        #expect(throws: expected) { try connection.migrate(now: Self.now) }
        #expect(throws: expected) { try connection.checkSchema() }
        #expect(throws: expected) { _ = try place.location.open(now: Self.now) }
        #expect(try connection.run(Self.schema) == schema)
        let error: any Error = expected
        #expect(error is any ConfigurationFault, "starting again cannot cure it")
    }

    @Test func anOlderSchemaIsRefusedUntilItIsMigrated() throws {
        let connection = try place.open()
        try connection.migrate(with: Array(Migration.all.dropLast()), now: Self.now)
        let expected = SchemaError.older(found: Migration.newest - 1, needed: Migration.newest)
        #expect(throws: expected) { try connection.checkSchema() }
        #expect(throws: expected) { _ = try place.location.open(now: Self.now) }
        #expect(expected.description.contains("helicarrier migrate"))
        try connection.migrate(now: Self.now)
        try connection.checkSchema()
    }

    @Test(arguments: [
        "CREATE TABLE extra (id INTEGER) STRICT; CREATE TABEL wrong (id INTEGER)",
        "CREATE TABLE extra (id INTEGER) STRICT; INSERT INTO extra VALUES ('text')",
        "DROP TABLE job; DROP TABLE nowhere",
        "ALTER TABLE job DROP COLUMN state", "nonsense",
    ])
    func aMalformedStepLeavesTheDatabaseAsItWas(script: String) throws {
        let connection = try place.open()
        try connection.migrate(now: Self.now)
        let before = try connection.run(Self.schema)
        let bad = Migration(Migration.newest + 1, "bad", script)
        let good = Migration(Migration.newest + 2, "good", "CREATE TABLE good (id INTEGER) STRICT")
        let error = #expect(throws: SchemaError.self) {
            try connection.migrate(with: Migration.all + [bad, good], now: Self.now)
        }
        guard case .migrationFailed(let version, let name, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(version == Migration.newest + 1 && name == "bad" && !reason.isEmpty)
        #expect(try connection.run(Self.schema) == before)
        try connection.checkSchema()
        let isOpen = connection.isInTransaction
        #expect(!isOpen)
    }

    @Test func aMalformedFirstStepLeavesAnEmptyDatabase() throws {
        let connection = try place.open()
        #expect(throws: SchemaError.self) {
            try connection.migrate(
                with: [Migration(1, "good", "CREATE TABLE good (id INTEGER)"), Migration(2, "bad", "nonsense")],
                now: Self.now)
        }
        #expect(try connection.run(Self.schema).isEmpty)
        #expect(try connection.schemaVersion() == 0)
    }
}
