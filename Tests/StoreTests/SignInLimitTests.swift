import Model
import SQLite
import Store
import TestKit
import Testing

/// How often signing in may fail.
@Suite struct SignInLimitTests {
    private let database: TemporaryDatabase
    private let now = Sample.now

    init() throws {
        database = try TemporaryDatabase()
    }

    private func admit(
        _ address: String, _ connection: borrowing Connection, after time: Duration = .zero
    ) throws -> Duration? {
        try connection.admit(SignInTry(address: address), now: now + time)
    }

    @Test func anAddressHasAFewTriesAndThenOneAMinute() throws {
        let first = try database.open()
        let second = try database.open()
        for place in 0..<5 {
            // As two processes would.
            #expect(try place.isMultiple(of: 2) ? admit("a", first) == nil : admit("a", second) == nil)
        }
        #expect(try admit("a", first) == .minutes(1))
        #expect(try admit("a", second, after: .seconds(59)) == .seconds(1), "being refused costs nothing")
        #expect(try admit("b", second) == nil, "others are not held up")
        #expect(try admit("a", first, after: .minutes(1)) == nil)
        #expect(try admit("a", second, after: .minutes(1)) == .minutes(1))
    }

    @Test func whatSucceedsIsTakenBack() throws {
        let connection = try database.open()
        for _ in 0..<200 {
            #expect(try admit("a", connection) == nil)
            try connection.forgive(SignInTry(address: "a"))
        }
    }

    @Test func allAddressesTogetherHaveALimitToo() throws {
        let connection = try database.open()
        let admitted = try (0..<100).filter { try admit("10.0.0.\($0)", connection) == nil }
        #expect(admitted == Array(0..<60))
        #expect(try admit("fresh", connection) == .seconds(5))
        #expect(try admit("fresh", connection, after: .seconds(5)) == nil)
    }

    /// What is forgotten limited nothing any more; a clock that was put back keeps nobody out.
    @Test func rowsGoWhenTheySayNothing() throws {
        let connection = try database.open()
        for place in 0..<20 { _ = try admit("10.0.0.\(place)", connection) }
        #expect(try admit("last", connection, after: .minutes(2)) == nil)
        let rows = Query<Int>("SELECT count(*) FROM sign_in_limit") { $0.count(0) }
        #expect(try connection.run(rows) == [2])
        for _ in 0..<5 { _ = try admit("b", connection, after: .hours(9)) }
        #expect(try admit("b", connection) == nil)
    }
}
