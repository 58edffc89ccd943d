import FoundationEssentials
import SQLite
import TestKit
import Testing

/// The rules that keep acknowledged commits: one checkpointer, and nobody checkpoints by accident.
@Suite(.timeLimit(.minutes(10))) struct WriteAheadLogTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(migrated: false)
    }

    private var logSize: Int {
        (try? FileManager.default.attributesOfItem(atPath: database.path + "-wal")[.size] as? Int) ?? -1
    }

    private static let fill: StaticString = """
        INSERT INTO page (body) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        SELECT randomblob(4000) FROM n
        """

    @Test(arguments: [(Durability.full, 2), (.normal, 1)])
    func settingsAreInForce(durability: Durability, synchronous: Int) throws {
        let connection = try Connection(path: database.path, durability: durability)
        #expect(try connection.run(Query("PRAGMA journal_mode") { $0.text(0) }) == ["wal"])
        #expect(try connection.run(Query("PRAGMA wal_autocheckpoint") { $0.count(0) }) == [0])
        #expect(try connection.run(Query("PRAGMA synchronous") { $0.count(0) }) == [synchronous])
        #expect(try connection.run(Query("PRAGMA foreign_keys") { $0.count(0) }) == [1])
        #expect(try connection.run(Query("PRAGMA query_only") { $0.count(0) }) == [0])
    }

    @Test func aReaderIsHeldToReading() throws {
        try database.open().runScript("CREATE TABLE page (body BLOB)")
        let connection = try database.open(readOnly: true)
        #expect(try connection.run(Query("PRAGMA query_only") { $0.count(0) }) == [1])
    }

    /// 8 MB are twice what SQLite lets gather before it checkpoints by itself.
    @Test func neitherACommitNorTheLastCloseCheckpoints() throws {
        do {
            let connection = try database.open()
            try connection.runScript("CREATE TABLE page (body BLOB)")
            try connection.run(Query<Void>(Self.fill))
            try connection.runScript("INSERT INTO page VALUES (x'00')")
        }
        #expect(logSize > 8_000_000)
        let main = try FileManager.default.attributesOfItem(atPath: database.path)[.size] as? Int
        #expect((main ?? 0) < 100_000)
        #expect(try database.open().run(Query("SELECT count(*) FROM page") { $0.count(0) }) == [2_001])
    }

    @Test func aCheckpointEmptiesTheLog() throws {
        let connection = try database.open()
        try connection.runScript("CREATE TABLE page (body BLOB)")
        try connection.run(Query<Void>(Self.fill))
        #expect(try connection.checkpoint())
        #expect(logSize == 0)
        #expect(try connection.run(Query("SELECT count(*) FROM page") { $0.count(0) }) == [2_000])
    }

    /// A checkpoint that waited for the reader would hold the write lock meanwhile: twenty of those would take ten
    /// minutes, and the time limit of this suite is two.
    @Test func aCheckpointDoesNotWaitForAReader() throws {
        let writer = try database.open()
        let reader = try database.open(readOnly: true)
        let checkpointer = try database.open()
        try writer.runScript("CREATE TABLE page (body BLOB)")
        try reader.consistentRead { reader throws(SQLiteError) in
            let before = try reader.run(Query("SELECT count(*) FROM page") { $0.count(0) })
            for round in 1...20 {
                try writer.run(Query<Void>(Self.fill))
                let isComplete = try checkpointer.checkpoint()
                #expect(!isComplete, "round \(round)")
            }
            #expect(try reader.run(Query("SELECT count(*) FROM page") { $0.count(0) }) == before)
        }
        #expect(try checkpointer.checkpoint())
        #expect(logSize == 0)
        #expect(try writer.run(Query("SELECT count(*) FROM page") { $0.count(0) }) == [40_000])
    }

    /// Switching a new file to write-ahead logging is the one moment at which SQLite does not ask to wait.
    @Test(arguments: 0..<40)
    func manyMayOpenANewDatabaseAtOnce(round: Int) async throws {
        let path = database.path
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let database = try Database(path: path)
                    return try await database.run(Query("PRAGMA journal_mode") { $0.text(0) }).first ?? ""
                }
            }
            for try await mode in group { #expect(mode == "wal") }
        }
    }
}
