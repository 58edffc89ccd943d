import SQLite
import TestKit
import Testing

/// Lists of sessions stay fast with a million of them: each statement reads the index of its filter or of its order.
@Suite struct SessionPlanTests {
    private static let statements = SourceStatement.all.filter { $0.file == "SessionListQueries.swift" }

    @Test func listsInAnIndexsOrderAreNotSorted() throws {
        let connection = try TemporaryDatabase().open()
        let lists = Self.statements.filter { $0.sql.contains("LIMIT ?6 OFFSET ?7") }
        #expect(lists.count == 6)
        for list in lists {
            let plan = try connection.plan(of: list.sql)
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(list.sql)\n\(plan)")
            #expect(plan.contains { $0.contains("USING") && $0.contains("INDEX session_") }, "\(plan)")
        }
    }

    @Test(arguments: [
        ("agent_id = ?3 AND", "session_by_agent (agent_id=?"), ("model_id = ?5 AND", "session_by_model (model_id=?"),
        ("status = ?4 AND", "session_by_status (status=?"), ("status = ?3 AND", "session_by_status (status=?"),
    ])
    func aFilterReadsItsIndex(condition: String, index: String) throws {
        let connection = try TemporaryDatabase().open()
        let found = Self.statements.filter { $0.sql.contains("WHERE \(condition)") }
        #expect(!found.isEmpty)
        for statement in found {
            let plan = try connection.plan(of: statement.sql)
            #expect(plan.contains { $0.contains(index) }, "\(statement.sql)\n\(plan)")
        }
    }
}
