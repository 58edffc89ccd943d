import SQLite
import TestKit
import Testing

/// Lists of sessions stay fast with a million of them: each statement reads the index of its order alone, or what the
/// sums lead to.
@Suite struct SessionPlanTests {
    private static let statements = SourceStatement.all.filter { $0.file == "SessionListQueries.swift" }
    private static let searches = SourceStatement.all.filter { $0.file == "SessionSearch.swift" }

    /// Whoever walks over sessions that it does not show looks at an index and at no session.
    @Test(arguments: [
        ("session_newest", 2), ("session_by_runtime", 2), ("session_by_cost", 1), ("session_open_timed", 2),
    ])
    func walksLookAtAnIndexAlone(index: String, count: Int) throws {
        let connection = try TemporaryDatabase().open()
        let walks = Self.statements.filter { $0.sql.contains("INDEXED BY \(index)") }
        #expect(walks.count == count)
        for walk in walks {
            let plan = try connection.plan(of: walk.sql)
            #expect(plan.count == 1 && plan[0].contains("USING COVERING INDEX \(index)"), "\(walk.sql)\n\(plan)")
        }
    }

    /// Those in whose text words occur are met in the order of the sort, without a look at any session.
    @Test(arguments: ["session_newest", "session_by_runtime", "session_by_cost"])
    func wordsAreMetOnTheWalk(index: String) throws {
        let connection = try TemporaryDatabase().open()
        let walks = Self.searches.filter { $0.sql.contains("INDEXED BY \(index)") && $0.sql.contains("LIMIT") }
        #expect(walks.count == 1)
        let plan = try connection.plan(of: walks[0].sql)
        #expect(plan.first == "SCAN session_ledger USING COVERING INDEX \(index)", "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    /// What else is asked of a hit is in an index, in the order in which the hits come.
    @Test(arguments: ["count(*)", "SELECT session_ledger.id, CASE"])
    func hitsAreLookedUpInAnIndexAlone(beginning: String) throws {
        let connection = try TemporaryDatabase().open()
        let found = Self.searches.filter {
            $0.sql.contains(beginning) && $0.sql.contains("INDEXED BY session_brief")
        }
        #expect(found.count == 1)
        let plan = try connection.plan(of: found[0].sql)
        #expect(plan.count == 2 && plan[0].hasPrefix("SCAN session_text VIRTUAL TABLE INDEX"), "\(plan)")
        #expect(plan[1].hasPrefix("SEARCH session_ledger USING COVERING INDEX session_brief (id=?"), "\(plan)")
    }

    /// Those that do not say how long they took begin where the others end.
    @Test func theUntimedAreNotWalkedTo() throws {
        let connection = try TemporaryDatabase().open()
        let found = Self.statements.filter { $0.sql.contains("runtime_ms IS NULL") }
        #expect(found.count == 1)
        let plan = try connection.plan(of: found[0].sql)
        #expect(plan.count == 1 && plan[0].contains("session_by_runtime (runtime_ms=?"), "\(plan)")
    }

    /// What an agent or a model has on a day is looked up, and nothing else is looked at.
    @Test func whatIsRareIsLookedUp() throws {
        let connection = try TemporaryDatabase().open()
        let found = Self.statements.filter { $0.sql.contains("INDEXED BY session_usage_bucket") }
        #expect(found.count == 1)
        let plan = try connection.plan(of: found[0].sql)
        for step in [
            "_bucket_1 (day=? AND agent_id>?", "COVERING INDEX session_usage_bucket (bucket_id=? AND status>?",
            "session_ledger USING INTEGER PRIMARY",
        ] {
            #expect(plan.contains { $0.contains("SEARCH") && $0.contains(step) }, "\(plan)")
        }
    }

    /// Counting reads sums, and of sessions only those that wait to be summed.
    @Test(arguments: ["GROUP BY day", "GROUP BY status"])
    func countsReadSums(ending: String) throws {
        let connection = try TemporaryDatabase().open()
        let counts = Self.statements.filter { $0.sql.contains(ending) }
        #expect(counts.count == 1)
        let plan = try connection.plan(of: counts[0].sql)
        #expect(plan.contains { $0.contains("SEARCH daily_usage_agg USING PRIMARY KEY (scope=?") }, "\(plan)")
        #expect(!plan.contains { $0.contains("session_ledger") }, "\(plan)")
        #expect(!plan.contains { ["SCAN usage", "SCAN bucket"].contains($0) }, "\(plan)")
    }
}
