import SQLite
import TestKit
import Testing

/// Parts of blobs, read without the rest of them.
@Suite struct BlobReaderTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(migrated: false)
        try database.open().runScript("CREATE TABLE kept (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
    }

    /// Longer than a page.
    private static func blob(_ row: Int) -> [UInt8] { (0..<(row * 1_000)).map { UInt8(truncatingIfNeeded: $0 &* row) } }

    private func fill(_ rows: [Int], _ connection: borrowing Connection) throws {
        for row in rows {
            try connection.run(
                Query<Void>(
                    "INSERT INTO kept (id, body) VALUES (?1, ?2)", [.integer(row), .blob(Self.blob(row))]))
        }
    }

    @Test(arguments: [[1, 7, 12], [12, 12, 1], [7, 3, 7], [3, 4, 5, 12]])
    func everyPartIsThatOfTheWhole(order: [Int]) throws {
        let connection = try database.open()
        try fill([1, 7, 12], connection)
        try connection.withBlobs(table: "kept", column: "body") { blobs throws(SQLiteError) in
            for row in order {
                let isThere = [1, 7, 12].contains(row)
                #expect(blobs.seek(Int64(row)) == isThere)
                guard isThere else { continue }
                let whole = Self.blob(row)
                #expect(blobs.count == whole.count)
                for range in [0..<0, 0..<1, 900..<1_000, whole.count..<whole.count, 0..<whole.count] {
                    #expect(try blobs.bytes(range) == Array(whole[range]))
                }
            }
        }
    }

    @Test func whatIsNotThereIsNotFound() throws {
        let connection = try database.open()
        try fill([1], connection)
        for (table, column) in [("gone", "body"), ("kept", "gone")] {
            let isFound = try connection.withBlobs(table: table, column: column) { blobs throws(SQLiteError) in
                blobs.seek(1)
            }
            #expect(!isFound)
        }
    }

    /// What was opened is closed: the connection goes on to write, and to end transactions.
    @Test func nothingIsHeldAfterwards() throws {
        let connection = try database.open()
        try fill([1], connection)
        for _ in 0..<100 {
            try connection.consistentRead { db throws(SQLiteError) in
                try db.withBlobs(table: "kept", column: "body") { blobs throws(SQLiteError) in _ = blobs.seek(1) }
            }
        }
        try connection.run(Query<Void>("UPDATE kept SET body = x'00' WHERE id = 1"))
        #expect(try connection.checkpoint())
        let now = try connection.withBlobs(table: "kept", column: "body") { blobs throws(SQLiteError) in
            blobs.seek(1) ? try blobs.bytes(0..<blobs.count) : []
        }
        #expect(now == [0])
    }
}
