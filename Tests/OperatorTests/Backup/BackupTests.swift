import Compression
import Daemon
import FoundationEssentials
import JSON
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

/// A database that is copied while it is used, and what becomes of the copy.
@Suite(.timeLimit(.minutes(10))) struct BackupTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: path)))
    }

    private func rows(at path: String) throws -> [TableCount] {
        try Connection(path: path, durability: .normal).rowCounts()
    }

    @Test func whatIsBackedUpIsRestoredOnAnEmptyMachine() async throws {
        let world = try CommandWorld()
        for number in 0..<300 { _ = try world.enqueue(payload: "{\"n\":\(number)}") }
        let file = folder.file("a.sqlite.zst")
        #expect(await world.run(["backup", file]) == .fine, "\(world.errors)")
        #expect(world.output.contains("schema \(Migration.newest), "))

        let empty = try CommandWorld(migrated: false)
        #expect(await empty.run(["restore", file]) == .fine, "\(empty.errors)")
        #expect(try rows(at: empty.store.path) == rows(at: world.store.path))
        #expect(try empty.states() == world.states())
        #expect(try empty.store.open().run(.integrityCheck()) == ["ok"])
        let left = try FileManager.default.contentsOfDirectory(atPath: empty.store.path.parentDirectory)
        #expect(left.filter { $0.contains("restoring") || $0.contains("replaced") } == [])
    }

    @Test func theFileIsADatabaseThatOthersCanUnpackAndIsItsOwnersAlone() async throws {
        let world = try CommandWorld()
        let file = folder.file("a.sqlite.zst")
        #expect(await world.run(["backup", "--json", file]) == .fine)
        let json = try JSONDocument(parsing: world.output).root
        #expect(json["file"]?.string == file && json["schema"]?.int64 == Int64(Migration.newest))
        #expect(json["bytes"]?.int64 == FileSize.of(file) && json["rows"]?["job"]?.int64 == 0)
        let unpacked = try Zstd.decompress(bytes(file), limit: 1 << 30)
        #expect(unpacked.starts(with: Array("SQLite format 3\0".utf8)))
        // 1 and 1: no write-ahead log is needed beside it.
        #expect(unpacked[18...19] == [1, 1] && Int64(unpacked.count) == json["databaseBytes"]?.int64)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.sqlite.zst"])
    }

    /// Writers commit between any two steps of the copy, and are not held up; the copy is of one moment.
    @Test func aBackupBesideAWriterIsOfOneMoment() async throws {
        let world = try CommandWorld()
        let filler = NewJob(
            kind: "k", stage: .score, payload: "{\"filler\":\"\(String(repeating: "x", count: 400))\"}", maxAttempts: 1)
        try world.store.open().transaction { db throws(SQLiteError) in
            for _ in 0..<2_000 { _ = try db.enqueue(filler, now: CommandWorld.start) }
        }
        let path = folder.file("copy")
        let source = try world.store.open(readOnly: true)
        let writer = try world.store.open()
        var steps = 0
        let counted = try source.consistentRead { source throws(SQLiteError) in
            let counts = try source.rowCounts()
            try source.copy(to: path, pagesPerStep: 16) { _, _ in
                steps += 1
                let job = NewJob(kind: "k", stage: .score, payload: "{}", maxAttempts: 1)
                _ = try? writer.enqueue(job, now: CommandWorld.start)
            }
            return counts
        }
        #expect(steps > 10)
        let jobs = try writer.number("SELECT count(*) FROM ", "job")
        #expect(jobs == 2_000 + Int64(steps), "every commit went through, and the copy began but once")
        #expect(try rows(at: path) == counted)
        #expect(try Connection(path: path).run(.integrityCheck()) == ["ok"])
    }

    @Test func healthKnowsTheLastBackup() async throws {
        let world = try CommandWorld()
        #expect(LastBackup.read(world.store.location) == nil)
        let file = folder.file("a.sqlite.zst")
        #expect(await world.run(["backup", file]) == .fine)
        let last = try #require(LastBackup.read(world.store.location))
        #expect(last == LastBackup(at: CommandWorld.start, bytes: FileSize.of(file)))
        #expect(await world.run(["backup", file]) == .failed, "it is there already")
        world.advance(by: .hours(1))
        #expect(await world.run(["backup", "--force", file]) == .fine)
        #expect(LastBackup.read(world.store.location)?.at == CommandWorld.start + .hours(1))
    }

    @Test func aFolderKeepsAsManyAsItIsTold() async throws {
        let world = try CommandWorld()
        let backups = folder.file("backups") + "/"
        for _ in 0..<4 {
            #expect(await world.run(["backup", "--keep", "2", backups]) == .fine, "\(world.errors)")
            world.advance(by: .hours(24))
        }
        try folder.write([1], to: "backups/somebody-elses.sqlite.zst")
        try folder.write([1], to: "backups/helicarrier-20200101T000000.000Z.sqlite.zst.copy")
        world.advance(by: .hours(24))
        #expect(await world.run(["backup", "--keep", "2", backups]) == .fine)
        let names = try FileManager.default.contentsOfDirectory(atPath: backups).sorted()
        #expect(names.count == 3 && names.contains("somebody-elses.sqlite.zst"), "\(names)")
        let newest = try #require(try BackupFolder(backups)?.newest())
        #expect(try BackupReading(path: newest).manifest().createdAt == CommandWorld.start + .hours(120))
        #expect(await world.run(["backup", "--keep", "2", folder.file("one")]) == .wrongUsage)
    }

    /// What is damaged may be the newest: another is taken only by name.
    @Test func aDamagedNewestIsNotPassedOver() async throws {
        let world = try CommandWorld()
        let backups = folder.file("backups") + "/"
        for _ in 0..<2 {
            #expect(await world.run(["backup", backups]) == .fine)
            world.advance(by: .hours(24))
        }
        let files = try #require(try BackupFolder(backups)?.files())
        #expect(await world.run(["restore", "--check", backups]) == .fine)
        let name = try #require(files[1].split(separator: "/").last)
        try folder.write([UInt8](try bytes(files[1]).prefix(1_000)), to: "backups/\(name)")
        #expect(await world.run(["restore", "--check", backups]) == .failed)
        #expect(world.errors.contains(files[1]), "\(world.errors)")
        #expect(await world.run(["restore", "--check", files[0]]) == .fine)
    }

    @Test func theDatabaseIsNoPlaceForItsBackup() async throws {
        let world = try CommandWorld()
        let path = world.store.path
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: path)
        for target in [path, path + "-wal", path + ".ballast", path + ".last-backup", folder.file("link")] {
            #expect(await world.run(["backup", "--force", target]) == .failed, "\(target)")
            #expect(world.errors.contains("is the database or a file of it"))
        }
        #expect(try world.store.open().schemaVersion() > 0)
    }

    @Test func aListingTellsCountsAndNothingThatStandsInARow() async throws {
        let world = try CommandWorld()
        let secret = "whsec_bm9ib2R5IHNob3VsZCBzZWUgdGhpcyBzZWNyZXQ="
        _ = try world.enqueue(payload: "{\"secret\":\"\(secret)\"}")
        #expect(await world.run(["backup", folder.file("a.sqlite.zst")]) == .fine)
        try folder.write(Array("no backup".utf8), to: "b.sqlite.zst")
        for flags in [[], ["--json"]] {
            world.forget()
            #expect(await world.run(["backup", "list"] + flags + [folder.path]) == .failed, "one of them is none")
            #expect(world.output.contains("a.sqlite.zst") && !world.output.contains("whsec"))
        }
        let list = Array(try JSONDocument(parsing: world.output).root.elements)
        #expect(list.map { $0["damage"]?.string != nil } == [false, true])
        #expect(list.first?["rows"]?["job"]?.int64 == 1)
        // What is packed is not to be read without unpacking either.
        #expect(!String(decoding: try bytes(folder.file("a.sqlite.zst")).prefix(6_000), as: UTF8.self).contains(secret))
    }

    @Test func aPlaceThatCannotBeWrittenLeavesNothing() async throws {
        let world = try CommandWorld()
        #expect(await world.run(["backup", folder.file("none/a.sqlite.zst")]) == .failed)
        #expect(world.errors.contains("there is no folder"))
        let none = try CommandWorld(migrated: false)
        #expect(await none.run(["backup", folder.file("a")]) == .wrongSettings)
        #expect(!none.databaseExists, "a command that looks creates nothing")
        // Somebody else is at work on that file.
        let other = try #require(FileLock(path: folder.file("b.partial")))
        #expect(await world.run(["backup", folder.file("b")]) == .failed)
        withExtendedLifetime(other) {}
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["b.partial"])
    }
}
