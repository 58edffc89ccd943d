import BenchClient
import Deployment
import JSON
import Ledger
import Model
import SQLite
import Store

/// A database full of sessions, by the ledger's own way in; a power cut costs a measurement, not data.
enum Filling {
    private static let batch = 1_000
    /// Nobody waits for the lock: the more at once, the fewer places are touched twice.
    private static let sumBatch = 50_000

    @Sendable static func fill(_ options: Options, _ answer: inout JSONWriter) async throws {
        let connection = try Connection(path: options.path, durability: .normal)
        let now = Timestamp(milliseconds: 1_796_083_200_000)
        try connection.migrate(now: now)
        if let first = try DeploymentFolder(path: options.config).firstPriceBook() {
            try connection.transaction { db throws(SQLiteError) in _ = try first.offer(to: db, now: now) }
        }
        let sessions = MadeUpSessions(days: options.days, events: options.events)
        let prices = PriceDesk()
        let began = microseconds()
        for start in stride(from: options.first, to: options.first + options.sessions, by: batch) {
            try connection.transaction { db throws(SQLiteError) in
                var desk = RecordingDesk(prices: prices, now: now)
                for number in start..<min(start + batch, options.first + options.sessions) {
                    _ = try db.record(
                        sessions.session(number), key: .derived, result: IngestKey.usualResult, with: &desk)
                }
                try desk.finish(in: db)
            }
            if start % 50_000 == 0 { _ = try connection.checkpoint() }
        }
        let recorded = microseconds()
        while try !connection.run(Query<Int64>.anyPendingUsage()).isEmpty {
            try connection.transaction { db throws(SQLiteError) in
                try SumPendingUsage(batch: sumBatch, now: now).apply(to: db)
            }
        }
        let summed = microseconds()
        try connection.runScript("ANALYZE")
        _ = try connection.checkpoint()
        answer.field("sessions", Int64(options.sessions))
        answer.field("recording", recorded - began)
        answer.field("summing", summed - recorded)
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ value: Int64) {
        key(name)
        integer(value)
    }
}
