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

    @Test(arguments: [["migrate"], ["migrate", "--status"], ["queue", "list"], ["queue", "pause", "score"]])
    func aNewerSchemaIsLeftAlone(words: [String]) async throws {
        let world = try CommandWorld()
        try world.store.open().runScript("INSERT INTO schema_migration VALUES (999, 'future', 0)")
        #expect(await world.run(words) == .wrongSettings)
        #expect(world.errors.contains("install the newer release"))
    }
}
