import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store

/// The roles that add jobs.
enum Producing {
    /// Large transactions, as an import makes them; the log is empty afterwards, so that all measurements begin alike.
    @Sendable static func fill(_ options: Options, _ answer: inout JSONWriter) async throws {
        let database = try options.location.open(now: SystemClock.now())
        let text = NoWork.filling(options.payload)
        for start in stride(from: 0, to: options.jobs, by: 5_000) {
            try await database.write { db throws(SQLiteError) in
                let now = SystemClock.now()
                for number in start..<min(options.jobs, start + 5_000) {
                    try db.enqueue(NoWork(number: number, text: text).job(), now: now)
                }
            }
            if start % 100_000 == 0 { _ = try await database.access { db throws(SQLiteError) in try db.checkpoint() } }
        }
        _ = try await database.access { db throws(SQLiteError) in try db.checkpoint() }
        answer.field("jobs", Int64(options.jobs))
    }

    /// Encodes and stores, a transaction for each batch.
    @Sendable static func enqueue(_ options: Options, _ answer: inout JSONWriter) async throws {
        let place = try await Place(options)
        let times = try await place.besideCheckpointer { try store(options) }
        answer.field("started", times.started)
        answer.field("ended", times.ended)
        answer.field("jobs", Int64(options.jobs))
    }

    /// On a connection of its own, without changing threads, as a caller does who has a transaction anyway.
    private static func store(_ options: Options) throws -> (started: Int64, ended: Int64) {
        let connection = try Connection(path: options.path, durability: options.durability)
        let text = NoWork.filling(options.payload)
        QueueBench.awaitStart()
        let started = microseconds()
        for start in stride(from: 0, to: options.jobs, by: options.batch) {
            try connection.transaction { db throws(SQLiteError) in
                let now = SystemClock.now()
                for number in start..<min(options.jobs, start + options.batch) {
                    try db.enqueue(NoWork(number: number, text: text).job(), now: now)
                }
            }
        }
        return (started, microseconds())
    }

    /// One job, one ring, and time for the listener to fall asleep again.
    @Sendable static func ring(_ options: Options, _ answer: inout JSONWriter) async throws {
        let database = try options.location.open(now: SystemClock.now())
        guard let doorbell = Doorbell(directory: options.location.bells) else { throw NoDoorbell() }
        QueueBench.awaitStart()
        var asked: [Int64] = []
        var stored: [Int64] = []
        for number in 0..<options.jobs {
            // Uneven, so that no rhythm of the listener's is met.
            try await Task.sleep(for: options.pause * Double.random(in: 0.75..<1.25))
            let job = NoWork(number: number, text: NoWork.filling(options.payload)).job()
            asked.append(microseconds())
            _ = try await database.write { db throws(SQLiteError) in try db.enqueue(job, now: SystemClock.now()) }
            stored.append(microseconds())
            doorbell.ring(NoWork.stage.rawValue)
        }
        answer.field("asked", asked)
        answer.field("stored", stored)
    }
}

/// The directory beside the database does not take sockets.
struct NoDoorbell: Error {}
