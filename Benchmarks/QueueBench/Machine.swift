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
        for number in 0..<options.jobs { try commit(number, on: connection) }
        answer.field("started", started)
        answer.field("ended", microseconds())
        answer.field("jobs", Int64(options.jobs))
    }

    /// How long one such commit takes, and two in a row, with the pauses of `ring`: a job that wakes an idle queue
    /// waits for the second of two, made by two processes, and nothing that is durable can be faster.
    @Sendable static func pairs(_ options: Options, _ answer: inout JSONWriter) async throws {
        let connection = try Connection(path: options.path, durability: options.durability)
        try connection.run(Query<Void>("CREATE TABLE IF NOT EXISTS one (value INTEGER) STRICT"))
        QueueBench.awaitStart()
        var one: [Int64] = []
        var two: [Int64] = []
        for number in 0..<options.jobs {
            try await Task.sleep(for: options.pause * Double.random(in: 0.75..<1.25))
            let began = microseconds()
            try commit(number, on: connection)
            one.append(microseconds() - began)
            try commit(number, on: connection)
            two.append(microseconds() - began)
        }
        answer.field("one", one)
        answer.field("two", two)
    }

    private static func commit(_ number: Int, on connection: borrowing Connection) throws(SQLiteError) {
        _ = try connection.transaction { db throws(SQLiteError) in
            try db.run(Query<Void>("INSERT INTO one VALUES (?1)", [.integer(number)]))
        }
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
