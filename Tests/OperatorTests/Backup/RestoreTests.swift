import Daemon
import FoundationEssentials
import Glibc
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

/// What `restore` refuses, and what is left when it does.
@Suite(.timeLimit(.minutes(10))) struct RestoreTests {
    private let folder: TemporaryDirectory
    private let backup: String
    private let jobs = 50

    init() async throws {
        folder = try TemporaryDirectory()
        backup = folder.file("a.sqlite.zst")
        let world = try CommandWorld()
        for number in 0..<jobs { _ = try world.enqueue(payload: "{\"n\":\(number)}") }
        guard await world.run(["backup", backup]) == .fine else { throw BackupDamage(world.errors) }
    }

    private func names(of world: CommandWorld) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: world.store.path.parentDirectory).sorted()
    }

    /// Wherever a byte is changed, lost or added, the backup is refused and the place stays empty.
    @Test(arguments: 0..<24 as Range<UInt64>)
    func aDamagedBackupIsRefused(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: backup)))
        let place = seed < 4 ? Int(seed) * 3 : Int.random(in: 0..<bytes.count, using: &random)
        switch seed % 3 {
        case 0: bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeLast(Int.random(in: 1...max(1, bytes.count - place), using: &random))
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
        let damaged = try folder.write(bytes, to: "damaged")
        let empty = try CommandWorld(migrated: false)
        for flags in [[], ["--check"]] {
            #expect(await empty.run(["restore"] + flags + [damaged]) == .failed, "byte \(place)")
            #expect(empty.errors.contains("is refused: "), "\(empty.errors)")
        }
        #expect(!empty.databaseExists)
        #expect(try names(of: empty).filter { $0 != "test.sqlite.checkpoint" } == [])
    }

    @Test func aBackupIsCheckedWithoutADatabase() async throws {
        let empty = try CommandWorld(migrated: false)
        #expect(await empty.output(of: "restore", "--check", backup).contains("is good: data of "))
        #expect(try !empty.databaseExists && FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
        // The newest of a folder.
        #expect(await empty.output(of: "restore", "--check", folder.path).contains("is good"))
        #expect(await empty.run(["restore", "--check", folder.file("none")]) == .failed)
    }

    @Test func aDatabaseThatIsThereIsKeptBesideWhenItIsToBeReplaced() async throws {
        let world = try CommandWorld()
        _ = try world.enqueue()
        #expect(await world.run(["restore", backup]) == .failed)
        #expect(world.errors.contains("add --replace"))
        #expect(try world.states().count == 1)
        #expect(await world.output(of: "restore", "--replace", backup).contains("the database that was there is "))
        #expect(try world.states().count == jobs)
        let kept = try #require(try names(of: world).first { $0.contains(".replaced-") })
        let old = try Connection(path: world.store.path.parentDirectory + "/" + kept)
        #expect(try old.number("SELECT count(*) FROM ", "job") == 1)
    }

    @Test(arguments: [false, true])
    func aDatabaseThatIsOpenIsNeverReplaced(readOnly: Bool) async throws {
        let world = try CommandWorld()
        _ = try world.enqueue()
        let user = try world.store.open(readOnly: readOnly)
        #expect(await world.run(["restore", "--replace", backup]) == .failed)
        #expect(world.errors.contains("is in use: stop every process first"))
        #expect(try user.number("SELECT count(*) FROM ", "job") == 1)
        let hasMoved = user.hasMoved
        #expect(!hasMoved)
        #expect(try names(of: world).filter { $0.contains("restoring") || $0.contains("replaced") } == [])
    }

    /// A process that works, and one that the checkpointer's lock alone betrays.
    @Test func aRunningDaemonKeepsItsDatabase() async throws {
        let world = try CommandWorld()
        let daemon = try ChildProcess(
            "normalizer", environment: ["HELICARRIER_DB_PATH": world.store.path, "HELICARRIER_LOG": "debug"])
        try await daemon.waitForLog("\"event\":\"ready\"")
        #expect(await world.run(["restore", "--replace", backup]) == .failed)
        daemon.signal(SIGTERM)
        try await daemon.wait()
        let lock = try #require(FileLock(path: world.store.location.checkpointLock))
        #expect(await world.run(["restore", "--replace", backup]) == .failed)
        withExtendedLifetime(lock) {}
    }

    @Test func aDatabaseThatIsDamagedIsReplacedAndKept() async throws {
        let world = try CommandWorld(migrated: false)
        try Data("no database at all, but somebody's evidence".utf8).write(to: URL(filePath: world.store.path))
        #expect(await world.run(["restore", "--replace", backup]) == .fine, "\(world.errors)")
        #expect(try world.states().count == jobs)
        #expect(try names(of: world).contains { $0.contains(".replaced-") })
    }

    /// Its log would be read as the new database's.
    @Test func aLogThatWasLeftAloneIsMovedAway() async throws {
        let world = try CommandWorld(migrated: false)
        for ending in ["-wal", "-shm"] {
            try Data(repeating: 7, count: 40_000).write(to: URL(filePath: world.store.path + ending))
        }
        #expect(await world.run(["restore", backup]) == .fine, "\(world.errors)")
        #expect(try world.states().count == jobs)
    }

    @Test func aNewerSchemaIsRefusedAndAnOlderOneIsMigrated() async throws {
        for (script, status) in [
            ("INSERT INTO schema_migration VALUES (999, 'future', 0)", ExitStatus.wrongSettings),
            ("DELETE FROM schema_migration WHERE version = \(Migration.newest)", .fine),
        ] {
            let other = try CommandWorld()
            try other.store.open().runScript(script)
            let file = folder.file("other\(status).sqlite.zst")
            #expect(await other.run(["backup", file]) == .fine, "\(other.errors)")
            let empty = try CommandWorld(migrated: false)
            #expect(await empty.run(["restore", file]) == status, "\(empty.errors)")
            #expect(empty.databaseExists == (status == .fine))
            #expect(empty.output.contains("run `helicarrier migrate`") == (status == .fine))
        }
    }

    /// What opens the database while its file is exchanged does not work on the one that is gone.
    @Test func whoFindsTheFileMovedDoesNotUseIt() throws {
        let world = try CommandWorld()
        let connection = try world.store.open()
        let before = connection.hasMoved
        try FileManager.default.moveItem(atPath: world.store.path, toPath: world.store.path + ".away")
        let after = connection.hasMoved
        #expect(!before && after)
    }
}
