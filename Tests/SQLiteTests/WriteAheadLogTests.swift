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

    @Test func aLogThatIsKeptIsWrittenOver() throws {
        let connection = try database.open()
        try connection.runScript("CREATE TABLE page (body BLOB)")
        try connection.run(Query<Void>(Self.fill))
        #expect(try connection.checkpoint(.kept))
        let size = logSize
        #expect(size > 8_000_000)
        for round in 1...20 {
            try connection.runScript("UPDATE page SET body = randomblob(4000) WHERE rowid > 100")
            #expect(try connection.checkpoint(.kept))
            #expect(logSize == size, "round \(round)")
        }
        #expect(try connection.checkpoint(.released))
        #expect(logSize == 0)
        #expect(try connection.run(Query("SELECT count(*) FROM page") { $0.count(0) }) == [2_000])
        #expect(try connection.run(Query("PRAGMA integrity_check") { $0.text(0) }) == ["ok"])
    }

    /// A checkpoint that began with a log that is copied wholly could be overtaken by the commit that begins it anew:
    /// see `Checkpoint.swift`. Without any write of others, each finds the frame that was written for it.
    @Test(arguments: [LogFile.kept, .released])
    func aCheckpointNeverBeginsWithALogThatIsWhollyCopied(file: LogFile) throws {
        let connection = try database.open()
        try connection.runScript("CREATE TABLE page (body BLOB)")
        try connection.run(Query<Void>(Self.fill))
        #expect(try connection.checkpoint(file))
        for _ in 1...3 {
            #expect(try connection.copyLog() == 4_120)
        }
    }

    /// Commits that were acknowledged stay, whatever the one checkpointer does meanwhile.
    @Test(.timeLimit(.minutes(10))) func checkpointsInARowLoseNothing() async throws {
        try database.open().runScript("CREATE TABLE told (writer INTEGER, number INTEGER, body BLOB)")
        let path = database.path
        let (writers, rows) = (4, 1_500)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    let database = try Database(path: path, durability: .normal)
                    for number in 0..<rows {
                        try await database.run(
                            Query<Void>(
                                "INSERT INTO told VALUES (?1, ?2, randomblob(3000))",
                                [.integer(writer), .integer(number)]))
                    }
                }
            }
            let checkpointer = Task {
                let database = try Database(path: path, durability: .normal)
                var round = 0
                while !Task.isCancelled {
                    round += 1
                    let file: LogFile = round.isMultiple(of: 7) ? .released : .kept
                    _ = try await database.access { db throws(SQLiteError) in try db.checkpoint(file) }
                }
                return round
            }
            try await group.waitForAll()
            checkpointer.cancel()
            #expect(try await checkpointer.value > 10)
        }
        let connection = try database.open()
        let told = try connection.run(
            Query("SELECT writer, count(DISTINCT number) FROM told GROUP BY writer ORDER BY writer") { $0.count(1) })
        #expect(told == Array(repeating: rows, count: writers))
        #expect(try connection.run(Query("PRAGMA integrity_check") { $0.text(0) }) == ["ok"])
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
