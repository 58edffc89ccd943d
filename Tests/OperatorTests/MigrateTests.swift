import FoundationEssentials
import JSON
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct MigrateTests {
    @Test func aNewDatabaseGetsEveryStepAndTheSecondRunDoesNothing() async throws {
        let world = try CommandWorld(migrated: false)
        let newest = Migration.newest
        #expect(await world.output(of: "migrate") == "schema \(newest): took the steps 1 to \(newest)\n")
        #expect(await world.output(of: "migrate") == "schema \(newest): nothing to do\n")
        let json = try JSONDocument(parsing: await world.output(of: "migrate", "--status", "--json")).root
        #expect(json["version"]?.int64 == Int64(newest))
        #expect(json["migrations"]?.elements.allSatisfy { $0["appliedAt"]?.string != nil } == true)
    }

    @Test func statusTellsWhichStepsWaitAndTakesNone() async throws {
        let world = try CommandWorld()
        try world.store.open().runScript("DELETE FROM schema_migration WHERE version > 2")
        #expect(await world.run(["migrate", "--status"]) == .failed)
        #expect(world.output.contains("waits: run `helicarrier migrate`"))
        #expect(await world.run(["queue", "list"]) == .wrongSettings)
        #expect(world.errors.contains("this binary needs \(Migration.newest): run `helicarrier migrate`"))
    }

    /// Steps are never undone: what was there before is kept, but only where something was and something changes.
    @Test func aBackupIsMadeBeforeTheFirstStep() async throws {
        let folder = try TemporaryDirectory()
        let backups = folder.file("backups")
        let new = try CommandWorld(migrated: false)
        #expect(await new.run(["migrate", "--backup", backups]) == .fine)
        let good = try CommandWorld()
        #expect(await good.run(["migrate", "--backup", backups]) == .fine)
        #expect(!FileManager.default.fileExists(atPath: backups))

        let old = try CommandWorld()
        try old.store.open().runScript("DELETE FROM schema_migration WHERE version = \(Migration.newest)")
        // The step's table is there already, so it fails, after the backup.
        #expect(await old.run(["migrate", "--backup", backups]) == .wrongSettings)
        let names = try FileManager.default.contentsOfDirectory(atPath: backups)
        #expect(names.count == 1 && names[0].hasPrefix("before-schema-\(Migration.newest)-"))
        let manifest = try BackupReading(path: backups + "/" + names[0]).manifest()
        #expect(manifest.schema == Migration.newest - 1)
    }

    @Test(arguments: [["migrate"], ["migrate", "--status"], ["queue", "list"], ["queue", "pause", "score"]])
    func aNewerSchemaIsLeftAlone(words: [String]) async throws {
        let world = try CommandWorld()
        try world.store.open().runScript("INSERT INTO schema_migration VALUES (999, 'future', 0)")
        #expect(await world.run(words) == .wrongSettings)
        #expect(world.errors.contains("install the newer release"))
    }
}
