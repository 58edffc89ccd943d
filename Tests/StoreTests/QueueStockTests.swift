import Model
import SQLite
import Store
import TestKit
import Testing

/// The depth that the triggers keep is what counting the jobs gives, whoever writes and whatever is changed.
@Suite struct QueueStockTests {
    private static let kept = Query<String>(
        """
        SELECT stage || ' ' || kind || ' ' || priority || ' ' || state || ' ' || jobs FROM queue_depth
         WHERE jobs <> 0 ORDER BY 1
        """
    ) { $0.text(0) }

    private static let counted = Query<String>(
        """
        SELECT stage || ' ' || kind || ' ' || priority || ' '
               || CASE WHEN state = 'scheduled' AND attempt > 0 THEN 'retrying' ELSE state END || ' ' || count(*)
          FROM job WHERE state IN ('ready', 'scheduled', 'dead')
         GROUP BY stage, kind, priority, CASE WHEN state = 'scheduled' AND attempt > 0 THEN 'retrying' ELSE state END
         ORDER BY 1
        """
    ) { $0.text(0) }

    private static func check(_ connection: borrowing Connection, _ situation: String) throws {
        try #require(try connection.run(kept) == connection.run(counted), "\(situation)")
    }

    private static let states = ["ready", "scheduled", "running", "done", "dead", "cancelled"]

    /// What a shell may do to rows by hand: all columns that the depth depends on, several at once, in many rows.
    @Test(arguments: 0..<8)
    func everyChangeByHandIsCounted(seed: UInt64) throws {
        let database = try TemporaryDatabase()
        let connection = try database.open()
        var random = SplitMix64(seed: seed)
        var counted = 0
        for step in 0..<120 {
            let state = Self.states[Int.random(in: Self.states.indices, using: &random)]
            let values: [Value] = [
                .text(state), .integer(Int64.random(in: 0...2, using: &random)),
                .text(["fetch", "score"][Int.random(in: 0...1, using: &random)]),
                .text(["a", "b"][Int.random(in: 0...1, using: &random)]),
                .integer(Int64.random(in: -1...1, using: &random)),
                .integer(Int64.random(in: 0...40, using: &random)),
            ]
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: try connection.run(Self.insert(values))
            case 2: try connection.run(Self.move(values))
            case 3: try connection.run(Self.moveAndRename(values))
            case 4: try connection.run(Self.rename(values))
            default: try connection.run(Query<Void>("DELETE FROM job WHERE id = ?1", [values[5]]))
            }
            try Self.check(connection, "seed \(seed), step \(step)")
            counted += try connection.run(Self.kept).count
        }
        #expect(counted > 100, "hardly anything was counted at all")
    }

    private static func insert(_ values: [Value]) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO job (state, attempt, stage, kind, priority, payload, claim_order, max_attempts, run_at_ms,
                             created_at_ms, lease_until_ms, finished_at_ms)
            SELECT ?1, ?2, ?3, ?4, ?5, '{}', ?6, 3, 0, 0, CASE WHEN ?1 = 'running' THEN 1 END,
                   CASE WHEN ?1 IN ('done', 'dead', 'cancelled') THEN 1 END
            """, values)
    }

    private static func move(_ values: [Value]) -> Query<Void> {
        Query<Void>(
            """
            UPDATE job SET state = ?1, attempt = ?2, lease_until_ms = CASE WHEN ?1 = 'running' THEN 1 END,
                           finished_at_ms = CASE WHEN ?1 IN ('done', 'dead', 'cancelled') THEN 1 END
             WHERE id % 3 = ?6 % 3 AND ?3 = ?3 AND ?4 = ?4 AND ?5 = ?5
            """, values)
    }

    private static func moveAndRename(_ values: [Value]) -> Query<Void> {
        Query<Void>(
            """
            UPDATE job SET state = ?1, attempt = ?2, lease_until_ms = CASE WHEN ?1 = 'running' THEN 1 END,
                           finished_at_ms = CASE WHEN ?1 IN ('done', 'dead', 'cancelled') THEN 1 END,
                           stage = ?3, kind = ?4, priority = ?5
             WHERE id % 3 = ?6 % 3
            """, values)
    }

    private static func rename(_ values: [Value]) -> Query<Void> {
        Query<Void>(
            """
            UPDATE job SET stage = ?3, kind = ?4, priority = ?5
             WHERE id % 3 = ?6 % 3 AND ?1 = ?1 AND ?2 = ?2
            """, values)
    }

    /// A job's start and end leave the depth right although they do not undo single statements: a statement that fails
    /// in a transaction takes all of it along.
    @Test func aRefusedStatementLeavesTheDepthRight() throws {
        let database = try TemporaryDatabase()
        let connection = try database.open()
        for _ in 0..<3 { try connection.enqueue(.sample(), now: Sample.now) }
        #expect(throws: SQLiteError.self) {
            try connection.transaction { db throws(SQLiteError) in
                _ = try db.claim(
                    kind: Sample.kind, stage: .fetch, limit: 2, worker: "w", leaseUntil: 1, now: Sample.now)
                try db.run(Query<Void>("UPDATE job SET state = 'nonsense'"))
            }
        }
        try Self.check(connection, "after a refusal")
        #expect(try connection.count(of: .ready) == 3)
    }

    @Test func theDepthIsTakenOverFromAnOlderSchema() throws {
        let place = try TemporaryDatabase(migrated: false)
        let connection = try place.open()
        let older = Migration.all.prefix { $0.name != "lighten_job" }
        try connection.migrate(with: Array(older), now: Sample.now)
        for (number, state) in (Self.states + Self.states).enumerated() {
            let attempt = Int64(number / Self.states.count)
            try connection.run(
                Self.insert([
                    .text(state), .integer(attempt), .text("score"), .text("a"), .integer(attempt), .integer(0),
                ]))
        }
        let before = try connection.run(Self.kept)
        #expect(before.count == 6)
        try connection.migrate(now: Sample.now)
        #expect(try connection.run(Self.kept) == before)
        try Self.check(connection, "after the migration")
    }
}
