package import Model
package import SQLite

/// What happened to jobs in one transaction, counted before it is stored: a batch of a hundred jobs of one kind becomes
/// a handful of rows of `queue_count`.
package struct QueueTally: Sendable {
    /// What is counted of the end of an attempt, beside its ``JobEnd``.
    package enum Happening: String, Sendable {
        case done, retried, dead, released, snoozed, cancelled
        /// The lease ran out.
        case expired
        /// The worker had lost its lease, so nothing was stored.
        case fenced
        /// A wait for the write lock.
        case busy
    }

    private struct Key: Hashable {
        let stage: String
        let kind: String
        let what: String
        let bound: Int64
    }

    private var amounts: [Key: Int64] = [:]

    package init() {}

    package var isEmpty: Bool { amounts.isEmpty }

    package mutating func count(_ happening: Happening, stage: String, kind: String, times: Int = 1) {
        add(Int64(times), stage, kind, happening.rawValue)
    }

    /// Counts an attempt that ended: how, how long its job had been due before it, and how long it took.
    package mutating func count(_ end: JobEnd, of job: ClaimedJob, stage: StageName, at moment: Timestamp) {
        count(Happening(end), stage: stage.rawValue, kind: job.kind)
        time("wait", job.startedAt - job.runAt, stage.rawValue, job.kind)
        time("run", moment - job.startedAt, stage.rawValue, job.kind)
    }

    private mutating func time(_ what: String, _ duration: Duration, _ stage: String, _ kind: String) {
        // A clock that was put back between the two moments.
        let milliseconds = max(0, duration.milliseconds)
        add(1, stage, kind, what, bound: DurationBucket.bound(of: milliseconds))
        add(milliseconds, stage, kind, what + "_ms")
    }

    private mutating func add(_ amount: Int64, _ stage: String, _ kind: String, _ what: String, bound: Int64 = 0) {
        guard amount > 0 else { return }
        amounts[Key(stage: stage, kind: kind, what: what, bound: bound), default: 0] += amount
    }

    /// Adds the counts to the minute of `moment`.
    package func store(in connection: borrowing Connection, at moment: Timestamp) throws(SQLiteError) {
        let minute = moment.milliseconds - moment.milliseconds % 60_000
        for (key, amount) in amounts {
            try connection.run(
                .addToCount(
                    stage: key.stage, kind: key.kind, what: key.what, minute: minute, bound: key.bound,
                    amount: amount))
        }
    }
}

extension QueueTally.Happening {
    init(_ end: JobEnd) {
        self =
            switch end {
            case .done: .done
            case .retry: .retried
            case .dead: .dead
            case .released: .released
            case .snoozed: .snoozed
            case .cancelled: .cancelled
            }
    }
}

/// The buckets that times are counted in: four to a doubling, so a bound is at most a quarter above what it counts.
package enum DurationBucket {
    /// The smallest bound, in milliseconds, that is not below a time.
    package static func bound(of milliseconds: Int64) -> Int64 {
        guard milliseconds > 4 else { return max(1, milliseconds) }
        // The next power of two above, and the quarter of the doubling below it that holds the time.
        let doubling = Int64.bitWidth - (milliseconds - 1).leadingZeroBitCount
        let step = Int64(1) << (doubling - 3)
        return (milliseconds + step - 1) / step * step
    }
}

extension Query {
    static func addToCount(
        stage: String, kind: String, what: String, minute: Int64, bound: Int64, amount: Int64
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO queue_count (stage, kind, what, minute_ms, le_ms, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (stage, kind, what, minute_ms, le_ms) DO UPDATE SET amount = amount + excluded.amount
            """,
            [.text(stage), .text(kind), .text(what), .integer(minute), .integer(bound), .integer(amount)])
    }
}
