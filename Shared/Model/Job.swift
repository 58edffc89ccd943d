/// A job's number: rises with time and is never used twice.
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64

    package init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    package static func < (left: JobID, right: JobID) -> Bool { left.rawValue < right.rawValue }
}

/// The part of the pipeline that does a kind of work; one executable each, in the order of the flow.
package enum StageName: String, CaseIterable, Sendable {
    case fetch, normalize, score, notify
}

/// Where a job stands. The moves between the states are drawn in `docs/queue.md`.
package enum JobState: String, CaseIterable, Sendable {
    case scheduled, ready, running, done, dead, cancelled
}

/// A job to be added.
package struct NewJob: Equatable, Sendable {
    package var kind: String
    package var stage: StageName
    package var payload: String
    package var payloadVersion: Int
    package var priority: Int
    package var maxAttempts: Int
    /// Not before this moment; `nil` means at once.
    package var runAt: Timestamp?
    /// While a job holds this key no second one is added.
    package var uniqueKey: String?
    /// Keeps the key taken until then, even after the job has ended.
    package var uniqueUntil: Timestamp?
    /// Lets the key go when the job starts: a change during the run then asks for another run.
    package var coalesces: Bool
    /// Jobs with the same key start no faster than its pace, if it has one.
    package var rateKey: String?
    package var parent: JobID?
    package var traceParent: String?

    package init(
        kind: String, stage: StageName, payload: String, payloadVersion: Int = 1, priority: Int = 0, maxAttempts: Int,
        runAt: Timestamp? = nil, uniqueKey: String? = nil, uniqueUntil: Timestamp? = nil, coalesces: Bool = false,
        rateKey: String? = nil, parent: JobID? = nil, traceParent: String? = nil
    ) {
        self.kind = kind
        self.stage = stage
        self.payload = payload
        self.payloadVersion = payloadVersion
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.runAt = runAt
        self.uniqueKey = uniqueKey
        self.uniqueUntil = uniqueUntil
        self.coalesces = coalesces
        self.rateKey = rateKey
        self.parent = parent
        self.traceParent = traceParent
    }
}

/// A job that a worker holds under a lease.
package struct ClaimedJob: Equatable, Sendable {
    package let id: JobID
    package let kind: String
    package let payload: String
    package let payloadVersion: Int
    /// This run's number, from 1. Together with the worker's name it fences the end of the job.
    package let attempt: Int
    package let maxAttempts: Int
    package let worker: String
    package let startedAt: Timestamp
    package let traceParent: String?
    /// When it became due.
    package let runAt: Timestamp
    /// What its pace is counted by, beside its kind.
    package let rateKey: String?
    /// The start that it was given when its pace did not let it start, on the lease clock.
    package let rateSlot: Int64?

    package init(
        id: JobID, kind: String, payload: String, payloadVersion: Int, attempt: Int, maxAttempts: Int, worker: String,
        startedAt: Timestamp, traceParent: String?, runAt: Timestamp? = nil, rateKey: String? = nil,
        rateSlot: Int64? = nil
    ) {
        self.id = id
        self.kind = kind
        self.payload = payload
        self.payloadVersion = payloadVersion
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.worker = worker
        self.startedAt = startedAt
        self.traceParent = traceParent
        self.runAt = runAt ?? startedAt
        self.rateKey = rateKey
        self.rateSlot = rateSlot
    }
}
