import SQLite
import TestKit
import Testing

/// Each way in which SQLite says no arrives as the error that its owner decides by.
@Suite struct ErrorTests {
    private static let schema = """
        CREATE TABLE owner (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE thing (id INTEGER PRIMARY KEY, size INTEGER NOT NULL CHECK (size > 0), name TEXT UNIQUE,
                            owner INTEGER REFERENCES owner (id)) STRICT;
        INSERT INTO thing VALUES (1, 1, 'one', NULL)
        """
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(migrated: false)
        try database.open().runScript(Self.schema)
    }

    @Test(arguments: [
        "INSERT INTO thing VALUES (2, 0, 'two', NULL)", "INSERT INTO thing VALUES (2, NULL, 'two', NULL)",
        "INSERT INTO thing VALUES (2, 1, 'one', NULL)", "INSERT INTO thing VALUES (1, 1, 'two', NULL)",
        "INSERT INTO thing VALUES (2, 1, 'two', 9)", "INSERT INTO thing VALUES (2, 'wide', 'two', NULL)",
    ])
    func aRefusedRowIsAConstraint(sql: String) throws {
        let connection = try database.open()
        let error = #expect(throws: SQLiteError.self) { try connection.runScript(sql) }
        #expect(error?.isConstraint == true && error?.isBusy == false && error?.isCorrupt == false)
        #expect(error?.blamesStatement == true)
    }

    @Test(arguments: [
        "SELECT * FROM nowhere", "INSERT INTO thing VALUES ('x', 1, 'two', NULL)", "SELECT zeroblob(2e9)",
    ])
    func aStatementThatCannotSucceedIsToBlameItself(sql: String) throws {
        let connection = try database.open()
        let error = #expect(throws: SQLiteError.self) { try connection.runScript(sql) }
        #expect(error?.blamesStatement == true)
    }

    /// A transaction that has read cannot write any more once another connection has written.
    @Test func aStaleTransactionIsBusy() throws {
        let connection = try database.open()
        try connection.runScript("BEGIN; SELECT count(*) FROM thing")
        try database.open().runScript("INSERT INTO owner VALUES (1)")
        let error = #expect(throws: SQLiteError.self) { try connection.runScript("INSERT INTO owner VALUES (2)") }
        #expect(error?.isBusy == true && error?.blamesStatement == false)
    }

    @Test func aReaderMayNotWrite() throws {
        let connection = try database.open(readOnly: true)
        let error = #expect(throws: SQLiteError.self) { try connection.runScript("INSERT INTO owner VALUES (1)") }
        #expect(error?.cannotOpen == true)
    }

    @Test func aReaderMakesNoDatabase() throws {
        let empty = try TemporaryDatabase(migrated: false)
        let error = #expect(throws: SQLiteError.self) { _ = try empty.open(readOnly: true).changeCount }
        #expect(error?.cannotOpen == true)
    }

    @Test func aMissingDirectoryCannotBeOpened() throws {
        let error = #expect(throws: SQLiteError.self) {
            _ = try Connection(path: database.path + ".missing/test.sqlite").changeCount
        }
        #expect(error?.cannotOpen == true)
        #expect(error?.description == "\(database.path).missing/test.sqlite: unable to open database file (SQLite 14)")
    }

    @Test func anotherKindOfFileIsCorrupt() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("This is a letter, and by no means a database.\n".utf8), to: "letter")
        let error = #expect(throws: SQLiteError.self) { _ = try Connection(path: path).changeCount }
        #expect(error?.isCorrupt == true && error?.blamesStatement == false)
    }

    @Test func aFullDatabaseKeepsWhatItHas() throws {
        let connection = try database.open()
        try connection.runScript("PRAGMA max_page_count = 8")
        let error = #expect(throws: SQLiteError.self) {
            try connection.transaction { db throws(SQLiteError) in
                for _ in 0..<100 {
                    try db.run(Query<Void>("INSERT INTO thing (size, name) VALUES (1, hex(randomblob(2000)))"))
                }
            }
        }
        #expect(error?.isDiskFull == true && error?.blamesStatement == false)
        let isOpen = connection.isInTransaction
        #expect(!isOpen)
        #expect(try connection.run(Query("SELECT count(*) FROM thing") { $0.count(0) }) == [1])
        try connection.runScript("PRAGMA max_page_count = 1000; INSERT INTO owner VALUES (1)")
    }

    @Test func onlyTheFirstPartOfALongStatementIsShown() {
        let error = SQLiteError(code: 1, message: "no", sql: String(repeating: "x", count: 1_000))
        #expect(error.description.count < 200)
        #expect(SQLiteError(code: 5, message: "locked").description == "locked (SQLite 5)")
    }
}
