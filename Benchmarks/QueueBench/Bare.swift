import JSON
import SQLite

/// The least that a queue in a table does: what our promises are held against.
enum Bare {
    private static let table = """
        CREATE TABLE bare (
            id      INTEGER PRIMARY KEY,
            state   INTEGER NOT NULL,
            worker  TEXT,
            attempt INTEGER NOT NULL,
            payload TEXT    NOT NULL
        ) STRICT;
        CREATE INDEX bare_waiting ON bare (id) WHERE state = 0;
        """

    /// A transaction that reads the next rows and marks each as held, and one that marks each as done, until no row
    /// waits.
    @Sendable static func bare(_ options: Options, _ answer: inout JSONWriter) async throws {
        let connection = try Connection(path: options.path, durability: options.durability)
        try connection.runScript(table)
        let text = NoWork.filling(options.payload)
        try connection.transaction { db throws(SQLiteError) in
            for number in 0..<options.jobs { try db.run(row(number, text)) }
        }
        _ = try connection.checkpoint()
        QueueBench.awaitStart()
        let started = microseconds()
        var ended = 0
        while true {
            let ids = try connection.transaction { db throws(SQLiteError) in
                let ids = try db.run(waiting(options.batch))
                for id in ids { try db.run(hold(id)) }
                return ids
            }
            if ids.isEmpty { break }
            try connection.transaction { db throws(SQLiteError) in
                for id in ids { try db.run(end(id)) }
            }
            ended += ids.count
        }
        answer.field("started", started)
        answer.field("ended", microseconds())
        answer.field("jobs", Int64(ended))
    }

    private static func row(_ number: Int, _ text: String) -> Query<Void> {
        Query<Void>(
            "INSERT INTO bare (id, state, attempt, payload) VALUES (?1, 0, 0, ?2)",
            [.integer(Int64(number)), .text(text)])
    }

    private static func waiting(_ limit: Int) -> Query<Int64> {
        Query<Int64>(
            "SELECT id, payload FROM bare WHERE state = 0 ORDER BY id LIMIT ?1", [.integer(Int64(limit))]
        ) { $0.integer(0) }
    }

    private static func hold(_ id: Int64) -> Query<Void> {
        Query<Void>(
            "UPDATE bare SET state = 1, worker = 'bench', attempt = attempt + 1 WHERE id = ?1", [.integer(id)])
    }

    private static func end(_ id: Int64) -> Query<Void> {
        Query<Void>("UPDATE bare SET state = 2 WHERE id = ?1 AND worker = 'bench' AND attempt = 1", [.integer(id)])
    }
}
