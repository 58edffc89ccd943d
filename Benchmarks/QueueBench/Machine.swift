import Daemon
import JSON
import SQLite
import Store

/// What the machine gives, and under which settings.
enum Machine {
    /// Commits of one small row: nothing that commits once a job can be faster.
    @Sendable static func raw(_ options: Options, _ answer: inout JSONWriter) async throws {
        let connection = try Connection(path: options.path, durability: options.durability)
        try connection.run(Query<Void>("CREATE TABLE IF NOT EXISTS one (value INTEGER) STRICT"))
        QueueBench.awaitStart()
        let started = microseconds()
        for number in 0..<options.jobs {
            _ = try connection.transaction { db throws(SQLiteError) in
                try db.run(Query<Void>("INSERT INTO one VALUES (?1)", [.integer(number)]))
            }
        }
        answer.field("started", started)
        answer.field("ended", microseconds())
        answer.field("jobs", Int64(options.jobs))
    }

    @Sendable static func settings(_ options: Options, _ answer: inout JSONWriter) async throws {
        let database = try options.location.open(now: SystemClock.now())
        let pragmas: [Query<String>] = [
            Query("PRAGMA journal_mode") { $0.text(0) }, Query("PRAGMA synchronous") { $0.text(0) },
            Query("PRAGMA wal_autocheckpoint") { $0.text(0) }, Query("PRAGMA cache_size") { $0.text(0) },
            Query("PRAGMA page_size") { $0.text(0) }, Query("PRAGMA temp_store") { $0.text(0) },
            Query("SELECT sqlite_version()") { $0.text(0) },
        ]
        for pragma in pragmas {
            answer.key(text: pragma.sql.description.split(separator: " ").last.map(String.init) ?? "")
            answer.string(try await database.run(pragma).first)
        }
    }
}
