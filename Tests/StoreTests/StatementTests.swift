import Model
import SQLite
import Store
import TestKit
import Testing

/// A renamed column, a typo or a forgotten migration fails here, not in production.
@Suite struct StatementTests {
    @Test func thereAreStatementsToCheck() {
        #expect(SourceStatement.all.count >= 60, "the search for `Query(\"…\"` no longer finds them")
        let list = SourceStatement.unseen.joined(separator: "\n")
        #expect(SourceStatement.unseen.isEmpty, "write the SQL as the first argument of `Query`:\n\(list)")
    }

    @Test func everyQueryCompilesAgainstTheSchema() throws {
        let connection = try TemporaryDatabase().open()
        for statement in SourceStatement.all {
            #expect(throws: Never.self, "\(statement)") { try connection.runScript("EXPLAIN " + statement.sql) }
        }
    }

    /// Numbered parameters, from 1 and without a gap: a value that is bound to nothing is a mistake.
    @Test(arguments: SourceStatement.all)
    func parametersAreNumbered(statement: SourceStatement) {
        let numbers = Set(
            statement.sql.split(separator: "?", omittingEmptySubsequences: false).dropFirst().map { part in
                Int(part.prefix(while: \.isNumber)) ?? 0
            })
        #expect(numbers == Set(1..<numbers.count + 1), "\(statement)")
    }

    /// The queue stays fast with a million jobs because none of its statements reads the table from end to end.
    @Test(arguments: [
        "JobQueries.swift", "JobEndQueries.swift", "PeriodicQueries.swift",
    ])
    func noStatementOfTheQueueScansTheJobs(file: String) throws {
        let connection = try TemporaryDatabase().open()
        let statements = SourceStatement.all.filter { $0.file == file }
        #expect(!statements.isEmpty)
        for statement in statements {
            let plan = try connection.plan(of: statement.sql)
            // The index of the scheduled is read for its first row only.
            let scans = plan.filter { $0.hasPrefix("SCAN job") }
            #expect(scans.allSatisfy { $0.contains("job_scheduled") }, "\(statement) \(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(statement) \(plan)")
        }
    }
}
