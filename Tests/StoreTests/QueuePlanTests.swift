import Model
import SQLite
import Store
import TestKit
import Testing

/// The hot statements stay on their indexes, with an empty table and with a full one.
@Suite struct QueuePlanTests {
    private let connection: Holder

    /// A connection that several expectations may look at.
    private final class Holder {
        let place: TemporaryDatabase
        let connection: Connection

        init() throws {
            place = try TemporaryDatabase()
            connection = try place.open()
        }
    }

    init() throws {
        connection = try Holder()
    }

    /// 100,000 jobs: half of them wait, a tenth is scheduled, the rest has ended; twenty run.
    private static let fill: StaticString = """
        INSERT INTO job (kind, stage, payload, state, claim_order, max_attempts, run_at_ms, worker, lease_until_ms,
                         created_at_ms, finished_at_ms)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000),
             s (i, state) AS (SELECT i, CASE WHEN i <= 20 THEN 'running' WHEN i % 2 = 0 THEN 'ready'
                                             WHEN i % 10 = 1 THEN 'scheduled' WHEN i % 10 = 3 THEN 'dead'
                                             ELSE 'done' END
                                FROM n)
        SELECT 'sample', 'fetch', '{}', state, 1000000 - i, 3, i, CASE state WHEN 'running' THEN 'other' END,
               CASE state WHEN 'running' THEN 500 END, 0, CASE WHEN state IN ('dead', 'done') THEN i END
          FROM s
        """

    /// What the two ways to give jobs to a worker have in common.
    private static let giving = "coalesces = 1 THEN 0 ELSE unique_held END\n             WHERE id"

    private static let wanted: [(part: String, step: String)] = [
        ("SELECT id, payload, payload_version, attempt + 1", "SEARCH job USING INDEX job_live (state=? AND kind=?)"),
        (giving + " = ?1", "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"),
        (giving + " IN (SELECT value", "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"),
        ("SELECT id FROM job\n             WHERE kind = ?1", "job_live (state=? AND kind=?)"),
        ("SET state = 'ready'\n", "SEARCH job USING INDEX job_scheduled (run_at_ms<?)"),
        ("SELECT run_at_ms FROM job", "USING INDEX job_scheduled"),
        ("SET state = CASE WHEN attempt >= max_attempts", "SEARCH job USING INDEX job_live (state=?)"),
        ("SELECT id FROM job WHERE state = 'running'", "job_live (state=?)"),
        ("SET lease_until_ms", "job_live (state=?)"), ("SET unique_held = 0", "job_unique (unique_key=?)"),
        ("SET state = 'done', finished_at_ms", "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"),
        ("SET state = ?5, finished_at_ms", "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"),
        ("SET state = CASE WHEN ?5 IS NULL", "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"),
    ]

    private func check(_ situation: String) throws {
        for (part, step) in Self.wanted {
            let statement = try #require(SourceStatement.all.first { $0.sql.contains(part) }, "\(part)")
            let plan = try connection.connection.plan(of: statement.sql)
            #expect(plan.contains { $0.contains(step) }, "\(situation): \(statement): \(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(situation): \(plan)")
        }
    }

    @Test func statementsReadTheirIndexes() throws {
        try check("empty")
        try connection.connection.run(Query<Void>(Self.fill))
        try check("full")
        try connection.connection.runScript("ANALYZE")
        try check("analyzed")
    }

    /// The page asks every two seconds: what has ended is not read for it.
    @Test func workersAreCountedAmongWhatRuns() throws {
        let statement = try #require(SourceStatement.all.first { $0.sql.contains("count(DISTINCT worker)") })
        for isFull in [false, true] {
            if isFull { try connection.connection.run(Query<Void>(Self.fill)) }
            let plan = try connection.connection.plan(of: statement.sql)
            #expect(plan.contains { $0.contains("SEARCH job USING INDEX job_live (state=?)") }, "\(plan)")
        }
    }

    @Test func theClaimFindsTheOldestAmongMany() throws {
        try connection.connection.run(Query<Void>(Self.fill))
        let claimed = try connection.connection.claim(100)
        #expect(claimed.map(\.id.rawValue) == (0..<100).map { Int64(100_000 - 2 * $0) })
        #expect(try connection.connection.count(of: .running) == 120)
    }

    /// Statements that stop at the first row, and steps of a limited size, are what keep the write lock short.
    @Test func manyDueJobsArePromotedInSteps() throws {
        try connection.connection.run(Query<Void>(Self.fill))
        let due = try connection.connection.count(of: .scheduled)
        let first = try connection.connection.run(Query<String>.promote(now: Sample.now))
        #expect(first.count == 1_000)
        var steps = 1
        while try !connection.connection.run(Query<String>.promote(now: Sample.now)).isEmpty { steps += 1 }
        #expect(steps == (due + 999) / 1_000)
        #expect(try connection.connection.count(of: .scheduled) == 0)
    }
}
