import FoundationEssentials
import Glibc
import SQLite
import TestKit

/// A database of its own and the real daemons on it.
final class Deployment: Sendable {
    let directory: TemporaryDirectory
    let environment: [String: String]

    init(_ more: [String: String] = [:]) throws {
        directory = try TemporaryDirectory()
        environment = [
            "PATH": "/usr/bin:/bin", "HELICARRIER_DB_PATH": directory.file("db.sqlite"),
            "HELICARRIER_CONFIG_DIR": Repository.root + "/samples/config", "HELICARRIER_HUB_URL": "off",
            "HELICARRIER_REFRESH": "off", "HELICARRIER_LISTEN": "127.0.0.1:0", "HELICARRIER_SYNC": "normal",
        ].merging(more) { _, new in new }
    }

    var path: String { directory.file("db.sqlite") }

    func start(_ executable: String, _ arguments: [String] = []) throws -> ChildProcess {
        try ChildProcess(executable, arguments, environment: environment)
    }

    /// Runs a command of the operator to its end.
    @discardableResult
    func helicarrier(_ arguments: String..., atMost limit: Duration = .seconds(180)) async throws -> ChildProcess {
        let command = try start("helicarrier", arguments)
        try await command.wait(atMost: limit)
        return command
    }

    /// Runs a daemon that is ready.
    func ready(_ executable: String) async throws -> ChildProcess {
        let daemon = try start(executable)
        try await daemon.waitForLog("\"event\":\"ready\"")
        return daemon
    }

    func open() throws -> Connection { try Connection(path: path, readOnly: true) }

    /// One number from the database; 0 while there is no such table yet.
    func count(_ sql: StaticString) -> Int {
        guard FileManager.default.fileExists(atPath: path), let connection = try? open() else { return 0 }
        let rows = try? connection.run(Query<Int>(sql) { $0.count(0) })
        return rows?.first ?? 0
    }

    /// Rows as lines of text, columns joined by `|`.
    func lines(_ sql: StaticString) throws -> [String] {
        try open().run(
            Query<String>(sql) { row in
                (0..<Int32(row.columnCount)).map { row.isNull($0) ? "null" : row.text($0) }.joined(separator: "|")
            })
    }

    /// Waits until no job is left to do.
    func settle(atMost limit: Duration = .seconds(180)) async throws {
        try await eventually("every job has ended", atMost: limit) {
            let open = count("SELECT count(*) FROM job WHERE state IN ('ready', 'scheduled', 'running')")
            return open == 0 ? true : nil
        }
    }

    /// Everything that the pipeline computes, without the numbers and times that depend on who was first.
    func digest() throws -> [String: [String]] {
        [
            "snapshots": try lines(
                "SELECT id, source_count, ready_count, rejected_count, calls_used FROM snapshot ORDER BY id"),
            "listings": try lines(
                """
                SELECT s.id, m.name, l.downloads, l.likes, l.trending FROM listing l
                  JOIN snapshot s ON s.key = l.key >> 32 JOIN model m ON m.id = l.key & 4294967295 ORDER BY 1, 2
                """),
            "scores": try lines(
                """
                SELECT s.id, m.name, c.total, c.rank FROM score c
                  JOIN snapshot s ON s.key = c.key >> 32 JOIN model m ON m.id = c.key & 4294967295 ORDER BY 1, 2
                """),
            "steps": try lines(
                """
                SELECT s.id, p.id, verdict, reason, cohort, changed, median, mad FROM epoch_step
                  JOIN snapshot s ON s.key = snapshot_key JOIN snapshot p ON p.key = previous_key ORDER BY 1
                """),
            "cards": try lines(
                """
                SELECT m.name, first_seen_ms, observed_at_ms, provider, library, pipeline, license, last_modified_ms
                  FROM model_card JOIN model m ON m.id = model_id ORDER BY 1
                """),
            "standings": try lines(
                """
                SELECT s.id, m.name, t.rank, t.total, t.downloads_24h, t.downloads_24h_reason, t.likes_24h,
                       t.likes_24h_reason, t.rank_change, t.rank_change_reason
                  FROM standing t JOIN snapshot s ON s.key = t.key >> 32 JOIN model m ON m.id = t.key & 4294967295
                 WHERE s.observed_at_ms = (SELECT max(observed_at_ms) FROM snapshot) ORDER BY 1, 2
                """),
            "document": try lines("SELECT name, body, snapshot_id, updated_at_ms FROM document ORDER BY 1"),
            "jobs": try lines(
                """
                SELECT kind, state, count(*) FROM job WHERE kind IN ('normalize-refresh', 'score-snapshot')
                 GROUP BY 1, 2 ORDER BY 1, 2
                """),
        ]
    }
}

/// The recorded week, or its newest part.
enum Recordings {
    static func week(newest count: Int = 31) -> [String] {
        let folder = Repository.root + "/samples/hub-week"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".json.gz") }.sorted().suffix(count).map { folder + "/" + $0 }
    }
}

extension Deployment {
    /// Changes the database from outside, as an accident would.
    func write(_ sql: StaticString) throws {
        try Connection(path: path).run(Query<Void>(sql))
    }
}
