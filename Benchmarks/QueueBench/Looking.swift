import Daemon
import JSON
import Model
import SQLite
import Store

/// The roles that look at a database afterwards.
enum Looking {
    /// Read from the rows: what the processes believe to have done does not count.
    @Sendable static func outcome(_ options: Options, _ answer: inout JSONWriter) async throws {
        let database = try options.location.openForReading()
        let share = Query<(String, Int64)>(
            "SELECT worker, count(*) FROM job WHERE state = 'done' GROUP BY worker ORDER BY worker"
        ) { ($0.text(0), $0.integer(1)) }
        let rest = Query<Int64>("SELECT count(*) FROM job WHERE state <> 'done'") { $0.integer(0) }
        let first = Query<Int64>("SELECT min(started_at_ms) FROM job") { $0.integer(0) }
        let last = Query<Int64>("SELECT max(finished_at_ms) FROM job") { $0.integer(0) }
        let again = Query<Int64>("SELECT count(*) FROM job WHERE attempt <> 1 AND state = 'done'") { $0.integer(0) }
        answer.field("shares", try await database.run(share).map(\.1))
        answer.field("left", try await database.run(rest).first ?? 0)
        answer.field("again", try await database.run(again).first ?? 0)
        answer.field("first", (try await database.run(first).first ?? 0) * 1_000)
        answer.field("last", (try await database.run(last).first ?? 0) * 1_000)
    }

    /// The plans of the two statements that every job passes.
    @Sendable static func plan(_ options: Options, _ answer: inout JSONWriter) async throws {
        let database = try options.location.openForReading()
        let claim = Query<ClaimedJob>.waiting(
            kind: NoWork.name, stage: NoWork.stage, limit: options.batch, worker: "", now: SystemClock.now()
        ).sql.description
        let steps = try await database.access { db throws(SQLiteError) in try db.plan(of: claim) }
        answer.key("claim")
        answer.beginArray()
        for step in steps { answer.string(step) }
        answer.endArray()
    }
}

extension Query {
    /// A row as long as a job of the kind waits or runs.
    static func unfinished(kind: String) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM job WHERE kind = ?1 AND state = 'ready')
                        OR EXISTS (SELECT 1 FROM job WHERE state = 'running')
            """, [.text(kind)]
        ) { $0.integer(0) }
    }
}
