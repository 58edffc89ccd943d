import Model
import SQLite
import Store

/// Adds an attempt to the totals of the metrics: what became of it, and how long it took.
struct CountAttempt: Write {
    private let outcome: String
    private let total: Int64
    /// From the event to the end of the first attempt.
    private let wait: Int64?

    init(_ attempt: DeliveryAttempt, since created: Timestamp) {
        outcome = attempt.errorClass ?? "ok"
        total = Int64(attempt.steps.total)
        wait = attempt.number == 1 ? max(0, (attempt.startedAt - created).milliseconds) + total : nil
    }

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try count("total", total, connection)
        if let wait { try count("wait", wait, connection) }
    }

    private func count(_ what: String, _ length: Int64, _ connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(
            Query<Void>.countDelivery(
                outcome: outcome, what: what, bound: DurationBucket.bound(of: length), milliseconds: length))
    }
}
