import SQLite
import TestKit
import Testing

/// A snapshot of a whole Hub has millions of rows. A statement that reads one goes through it once, and looks the rest
/// up row by row; the other way round it would go through it once for each model.
@Suite struct SnapshotPlanTests {
    private static let range = ">= (?1 << 32)"
    static let readers = SourceStatement.all.filter {
        $0.sql.drop(while: \.isWhitespace).hasPrefix("SELECT") && $0.sql.contains(range)
    }

    private let place: TemporaryDatabase

    init() throws {
        place = try TemporaryDatabase()
    }

    @Test(arguments: readers)
    func aSnapshotIsReadOnce(statement: SourceStatement) throws {
        let plan = try place.open().plan(of: statement.sql)
        let ranges = plan.indices.filter { plan[$0].contains("(rowid>? AND rowid<?)") }
        #expect(ranges.count == 1, "\(plan)")
        #expect(plan[..<(ranges.first ?? 0)].allSatisfy { $0 == "SEARCH snapshot USING INTEGER PRIMARY KEY (rowid=?)" })
        let rest = plan[(ranges.first ?? 0)...].dropFirst().filter { $0.hasPrefix("SEARCH") || $0.hasPrefix("SCAN") }
        #expect(rest.allSatisfy { $0.contains("(rowid=?)") || $0.contains("(feed_id=? AND model_id=?)") }, "\(plan)")
    }

    @Test func thoseThatReadASnapshotAreFound() {
        #expect(Self.readers.count >= 6)
        #expect(Self.readers.contains { $0.file == "FamilyQueries.swift" })
    }

    /// Rows that must be put into another order are all in memory at once: a gigabyte of a whole Hub's.
    @Test func whatIsHeldOfAHubIsReadInTheOrderOfItsRows() throws {
        let statement = try #require(SourceStatement.all.first { $0.sql.contains("ORDER BY standing.key") })
        #expect(try !place.open().plan(of: statement.sql).contains { $0.contains("TEMP B-TREE") })
    }

    /// Such a statement has a journal of its own, which each row of a snapshot would pay for.
    @Test func aListingIsStoredByStatementsOfOneRow() {
        let statements = SourceStatement.all.filter { $0.file == "SaveSnapshot.swift" && $0.sql.contains("model_card") }
        #expect(statements.count == 2)
        #expect(statements.allSatisfy { !$0.sql.contains("SELECT") })
    }
}
