import SQLite
import TestKit
import Testing

/// What goes into the database comes out of it unchanged.
@Suite struct ValueTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(migrated: false)
    }

    @Test(arguments: [
        Value.null, .integer(0), .integer(Int64.min), .integer(Int64.max), .integer(-1), .real(0), .real(-0.5),
        .real(1e300), .real(.infinity), .real(-.infinity), .real(.leastNonzeroMagnitude), .text(""), .text("a"),
        .text("a\u{0}b"), .text("Grüße 🚀 \u{1F469}\u{200D}\u{1F680}"),
        .blob([]), .blob([0]), .blob([0xff, 0x00, 0xfe]),
    ])
    func comesBackAsItWas(value: Value) throws {
        let connection = try database.open()
        let back = try connection.run(Query("SELECT ?1", [value]) { $0.value(0) })
        #expect(back == [value])
    }

    @Test func largeValuesComeBackAsTheyWere() throws {
        let values: [Value] = [
            .text(String(repeating: "ä", count: 500_000)), .blob([UInt8](repeating: 7, count: 3_000_000)),
        ]
        let connection = try database.open()
        let back = try connection.run(Query("SELECT ?1, ?2", values) { [$0.value(0), $0.value(1)] })
        let isSame = back == [values]
        #expect(isSame)
    }

    @Test func survivesBeingStored() throws {
        let connection = try database.open()
        try connection.runScript("CREATE TABLE kept (a INTEGER, b REAL, c TEXT, d BLOB, e TEXT) STRICT")
        let values: [Value] = [.integer(-7), .real(0.1), .text("ä"), .blob([1, 2, 3]), .null]
        try connection.run(Query<Void>("INSERT INTO kept VALUES (?1, ?2, ?3, ?4, ?5)", values))
        let other = try database.open(readOnly: true)
        let rows = try other.run(
            Query("SELECT a, b, c, d, e FROM kept") { row in (0..<Int32(row.columnCount)).map { row.value($0) } })
        #expect(rows == [values])
    }

    /// SQLite has no NaN: it stores NULL in its place, and a column that is NOT NULL refuses it.
    @Test func notANumberIsNoValue() throws {
        let connection = try database.open()
        let back = try connection.run(Query("SELECT ?1", [.real(.nan)]) { $0.value(0) })
        #expect(back == [.null])
    }

    @Test(arguments: [
        (Value.integer(nil as Int64?), Value.null), (.integer(nil as Int?), .null), (.real(nil), .null),
        (.text(nil as String?), .null), (.blob(nil as [UInt8]?), .null), (.flag(true), .integer(1)),
        (.flag(false), .integer(0)), (.integer(Int(5)), .integer(Int64(5))),
    ])
    func absentIsNull(value: Value, expected: Value) {
        #expect(value == expected)
    }

    @Test func readsColumnsInTheTypeThatIsAskedFor() throws {
        let connection = try database.open()
        let query = Query("SELECT 7, 1.5, 'seven', x'0102', NULL, 1") { row in
            Reading(
                integer: row.integer(0), real: row.real(1), text: row.text(2), blob: row.blob(3),
                isNull: row.isNull(4), flag: row.flag(5), count: row.count(0),
                absent: row.integerOrNull(4) == nil && row.realOrNull(4) == nil && row.textOrNull(4) == nil,
                emptyBlob: row.blob(4), byteSum: row.withBytes(3) { $0.byteCount })
        }
        let expected = Reading(
            integer: 7, real: 1.5, text: "seven", blob: [1, 2], isNull: true, flag: true, count: 7, absent: true,
            emptyBlob: [], byteSum: 2)
        #expect(try connection.run(query) == [expected])
    }

    private struct Reading: Equatable {
        let integer: Int64
        let real: Double
        let text: String
        let blob: [UInt8]
        let isNull: Bool
        let flag: Bool
        let count: Int
        let absent: Bool
        let emptyBlob: [UInt8]
        let byteSum: Int
    }
}
