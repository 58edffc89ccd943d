import Model
import SQLite
import Store

/// Names and moments that the queue's tests share.
enum Sample {
    static let now = Timestamp(milliseconds: 1_767_225_600_000)
    static let lease: Int64 = 1_000_000
    static let kind = "sample"
}

extension NewJob {
    /// A job of the fetch stage; only what a test is about needs to be said.
    static func sample(
        kind: String = Sample.kind, priority: Int = 0, maxAttempts: Int = 3, runAt: Timestamp? = nil,
        uniqueKey: String? = nil, uniqueUntil: Timestamp? = nil, coalesces: Bool = false
    ) -> NewJob {
        NewJob(
            kind: kind, stage: .fetch, payload: "{}", priority: priority, maxAttempts: maxAttempts, runAt: runAt,
            uniqueKey: uniqueKey, uniqueUntil: uniqueUntil, coalesces: coalesces)
    }
}

extension Connection {
    func claim(
        _ limit: Int = 1, kind: String = Sample.kind, worker: String = "me", leaseUntil: Int64 = Sample.lease,
        now: Timestamp = Sample.now
    ) throws(SQLiteError) -> [ClaimedJob] {
        try claim(kind: kind, stage: .fetch, limit: limit, worker: worker, leaseUntil: leaseUntil, now: now)
    }

    func pause(_ target: String, until: Timestamp? = nil) throws(SQLiteError) {
        try run(
            Query<Void>(
                "INSERT INTO pause VALUES (?1, 'fetch', 'test', 'test', 0, ?2)",
                [.text(target), .integer(until?.milliseconds)]))
    }
}
