import SQLite
import TestKit
import Testing

/// A compiled statement is used again and again, and nothing of one use is left in the next.
@Suite struct StatementTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(migrated: false)
        try database.open().runScript("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT")
    }

    private static func add(_ text: String?) -> Query<Int64> {
        Query("INSERT INTO word (text) VALUES (?1) RETURNING id", [.text(text)]) { $0.integer(0) }
    }

    private static let all = Query<String>("SELECT text FROM word ORDER BY id") { $0.text(0) }

    @Test func usesAStatementAgain() throws {
        let connection = try database.open()
        for number in 0..<500 { #expect(try connection.run(Self.add("w\(number)")) == [Int64(number + 1)]) }
        #expect(try connection.run(Self.all) == (0..<500).map { "w\($0)" })
    }

    @Test func aRefusedUseDoesNotSpoilTheNext() throws {
        let connection = try database.open()
        try connection.run(Self.add("a"))
        for _ in 0..<3 {
            #expect(throws: SQLiteError.self) { try connection.run(Self.add("a")) }
            #expect(throws: SQLiteError.self) { try connection.run(Self.add(nil)) }
        }
        try connection.run(Self.add("b"))
        #expect(try connection.run(Self.all) == ["a", "b"])
    }

    @Test func seesAChangedSchema() throws {
        let connection = try database.open()
        try connection.run(Self.add("a"))
        #expect(try connection.run(Self.all) == ["a"])
        try database.open().runScript("ALTER TABLE word ADD COLUMN more TEXT; CREATE INDEX w ON word (more)")
        #expect(try connection.run(Self.all) == ["a"])
        try connection.run(Self.add("b"))
        #expect(try connection.run(Self.all) == ["a", "b"])
    }

    @Test func handsOverRowByRow() throws {
        let connection = try database.open()
        for number in 0..<20 { try connection.run(Self.add("\(number)")) }
        var seen: [String] = []
        try connection.each(Self.all) { seen.append($0) }
        #expect(seen == (0..<20).map(String.init))
    }

    @Test func countsWhatChanged() throws {
        let connection = try database.open()
        for number in 0..<5 { try connection.run(Self.add("\(number)")) }
        try connection.run(Query<Void>("DELETE FROM word WHERE id > ?1", [.integer(2)]))
        let changed = connection.changeCount
        #expect(changed == 3)
    }

    @Test func textThatDoesNotCompileSaysWhere() throws {
        let connection = try database.open()
        let error = #expect(throws: SQLiteError.self) { try connection.prepare("SELECT absent FROM word") }
        #expect(error?.message == "no such column: absent")
        #expect(error?.sql == "SELECT absent FROM word")
        #expect(error?.description.contains("in: SELECT absent") == true)
    }
}
