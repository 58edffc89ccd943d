import SQLite
import TestKit
import Testing

/// What is written together is kept together or not at all.
@Suite struct TransactionTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(migrated: false)
        try database.open().runScript("CREATE TABLE n (value INTEGER PRIMARY KEY) STRICT")
    }

    private struct Stop: Error {}

    private static func add(_ value: Int) -> Query<Void> {
        Query<Void>("INSERT INTO n VALUES (?1)", [.integer(value)])
    }

    private func stored() throws -> [Int] {
        try database.open().run(Query("SELECT value FROM n ORDER BY value") { $0.count(0) })
    }

    @Test func aTransactionStoresAllOrNothing() throws {
        let connection = try database.open()
        let answer = try connection.transaction { db throws(SQLiteError) -> Int in
            try db.run(Self.add(1))
            try db.run(Self.add(2))
            return 7
        }
        #expect(answer == 7)
        #expect(throws: SQLiteError.self) {
            try connection.transaction { db throws(SQLiteError) in
                try db.run(Self.add(3))
                try db.run(Self.add(1))
            }
        }
        #expect(try stored() == [1, 2])
        let isOpen = connection.isInTransaction
        #expect(!isOpen)
    }

    @Test func othersSeeNothingBeforeTheCommit() throws {
        let connection = try database.open()
        let reader = try database.open(readOnly: true)
        let count = Query("SELECT count(*) FROM n") { $0.count(0) }
        let before = try connection.transaction { db throws(SQLiteError) in
            try db.run(Self.add(1))
            return try reader.run(count)
        }
        #expect(before == [0])
        #expect(try reader.run(count) == [1])
    }

    @Test func aSavepointFallsAloneAndTheTransactionGoesOn() throws {
        let connection = try database.open()
        try connection.transaction { db throws(SQLiteError) in
            try db.run(Self.add(1))
            try? db.savepoint { part throws(SQLiteError) in
                try part.run(Self.add(2))
                try part.run(Self.add(1))
            }
            _ = try db.savepoint { part throws(SQLiteError) in try part.run(Self.add(3)) }
        }
        #expect(try stored() == [1, 3])
    }

    @Test func savepointsNest() throws {
        let connection = try database.open()
        try connection.transaction { db throws(SQLiteError) in
            try db.savepoint { outer throws(SQLiteError) in
                try outer.run(Self.add(1))
                try? outer.savepoint { inner throws(SQLiteError) in
                    try inner.run(Self.add(2))
                    try inner.run(Self.add(2))
                }
                try outer.run(Self.add(4))
            }
        }
        #expect(try stored() == [1, 4])
    }

    @Test func aReadHasOneViewFromItsFirstQueryToItsLast() throws {
        let connection = try database.open(readOnly: true)
        let writer = try database.open()
        let count = Query("SELECT count(*) FROM n") { $0.count(0) }
        let seen = try connection.consistentRead { db throws(SQLiteError) in
            let first = try db.run(count)
            try writer.run(Self.add(1))
            return try first + db.run(count)
        }
        #expect(seen == [0, 0])
        #expect(try connection.run(count) == [1])
    }

    @Test func theActorStoresAllOrNothing() async throws {
        let database = try database.database()
        await #expect(throws: SQLiteError.self) {
            try await database.write { db throws(SQLiteError) in
                try db.run(Self.add(1))
                try db.run(Self.add(1))
            }
        }
        _ = try await database.write { db throws(SQLiteError) in try db.run(Self.add(2)) }
        let seen = try await database.read { db throws(SQLiteError) in
            try db.run(Query("SELECT value FROM n") { $0.count(0) })
        }
        #expect(seen == [2])
    }

    /// An access is synchronous inside, so a count that is read and written back never loses an increment.
    @Test func accessesOfTheActorDoNotInterleave() async throws {
        let database = try database.database()
        try await database.run(Self.add(0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await database.write { db throws(SQLiteError) in
                        let value = try db.run(Query("SELECT value FROM n") { $0.count(0) }).first ?? 0
                        try db.run(Query<Void>("UPDATE n SET value = ?1", [.integer(value + 1)]))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try stored() == [100])
    }
}
