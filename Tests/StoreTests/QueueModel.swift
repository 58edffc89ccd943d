import Model
import Store

/// The queue as a list: what the statements of the store must do, said once more in the plainest way.
struct QueueModel {
    struct Job: Equatable {
        let id: JobID
        let kind: String
        let maxAttempts: Int
        let uniqueKey: String?
        let uniqueUntil: Timestamp?
        let coalesces: Bool
        var state: JobState
        var attempt = 0
        var runAt: Timestamp
        var order: Int64
        var worker: String?
        var startedAt: Timestamp?
        var leaseUntil: Int64?
        var holdsKey: Bool
        var history: [String] = []
    }

    private(set) var jobs: [Job] = []
    /// Jobs with the number of an attempt that was put off.
    private var snoozed: Set<String> = []
    /// Targets that are paused, and until when.
    var pauses: [String: Timestamp?] = [:]
    private var periods: [String: Period] = [:]

    private struct Period {
        var every: Int64
        var next: Int64
        var last: Int64?
    }

    /// Whether the queue takes the job; its number is told afterwards by ``add(_:as:now:)``.
    mutating func takes(_ job: NewJob, now: Timestamp) -> Bool {
        guard let key = job.uniqueKey else { return true }
        for index in jobs.indices where jobs[index].uniqueKey == key && jobs[index].holdsKey {
            let isEnded = [.done, .dead, .cancelled].contains(jobs[index].state)
            if isEnded, let until = jobs[index].uniqueUntil, until <= now { jobs[index].holdsKey = false }
        }
        return !jobs.contains { $0.uniqueKey == key && $0.holdsKey }
    }

    mutating func add(_ job: NewJob, as id: JobID, now: Timestamp) {
        let runAt = max(job.runAt ?? now, now)
        jobs.append(
            Job(
                id: id, kind: job.kind, maxAttempts: job.maxAttempts, uniqueKey: job.uniqueKey,
                uniqueUntil: job.uniqueUntil, coalesces: job.coalesces, state: runAt > now ? .scheduled : .ready,
                runAt: runAt, order: runAt.milliseconds - Int64(job.priority) * 600_000,
                holdsKey: job.uniqueKey != nil))
    }

    mutating func claim(
        kind: String, limit: Int, worker: String, leaseUntil: Int64, now: Timestamp
    ) -> [JobID] {
        let isPaused = [kind, "fetch"].contains { target in
            guard let until = pauses[target] else { return false }
            return until.map { $0 > now } ?? true
        }
        guard !isPaused else { return [] }
        let next = jobs.indices.filter { jobs[$0].kind == kind && jobs[$0].state == .ready }
            .sorted {
                let (left, right) = (jobs[$0], jobs[$1])
                return (left.order, left.runAt, left.id) < (right.order, right.runAt, right.id)
            }.prefix(limit)
        for index in next {
            jobs[index].state = .running
            jobs[index].attempt += 1
            jobs[index].worker = worker
            jobs[index].startedAt = now
            jobs[index].leaseUntil = leaseUntil
            if jobs[index].coalesces { jobs[index].holdsKey = false }
        }
        return next.map { jobs[$0].id }
    }

    mutating func promote(now: Timestamp, limit: Int) -> Int {
        let due = jobs.indices.filter { jobs[$0].state == .scheduled && jobs[$0].runAt <= now }
            .sorted { (jobs[$0].runAt, jobs[$0].id) < (jobs[$1].runAt, jobs[$1].id) }.prefix(limit)
        for index in due { jobs[index].state = .ready }
        return due.count
    }

    mutating func renew(worker: String, until leaseUntil: Int64) {
        for index in jobs.indices where jobs[index].state == .running && jobs[index].worker == worker {
            jobs[index].leaseUntil = leaseUntil
        }
    }

    mutating func expire(leaseNow: Int64, now: Timestamp) -> Set<JobID> {
        var expired: Set<JobID> = []
        for index in jobs.indices where jobs[index].state == .running && (jobs[index].leaseUntil ?? 0) < leaseNow {
            expired.insert(jobs[index].id)
            let isLast = jobs[index].attempt >= jobs[index].maxAttempts
            jobs[index].history.append(isLast ? "dead" : "expired")
            leave(index, to: isLast ? .dead : .ready, now: now)
        }
        return expired
    }

    /// - Returns: whether the job was still held.
    mutating func end(_ claim: ClaimedJob, _ end: JobEnd, now: Timestamp) -> Bool {
        guard
            let index = jobs.firstIndex(where: {
                $0.id == claim.id && $0.state == .running && $0.worker == claim.worker && $0.attempt == claim.attempt
                    && $0.startedAt == claim.startedAt
            })
        else { return false }
        switch end {
        case .done:
            leave(index, to: .done, now: now)
            return true
        case .dead: leave(index, to: .dead, now: now)
        case .cancelled: leave(index, to: .cancelled, now: now)
        case .retry(let moment, _, _): postpone(index, to: moment)
        case .snoozed(let moment, _):
            postpone(index, to: moment)
            jobs[index].attempt -= 1
            // One record of it for each attempt of a job.
            guard snoozed.insert("\(claim.id) \(claim.attempt)").inserted else { return true }
        case .released:
            leave(index, to: .ready, now: now)
            jobs[index].attempt -= 1
        }
        jobs[index].history.append(Self.outcome(end))
        return true
    }

    /// An operator cancels a job that has not ended.
    mutating func cancel(_ id: JobID, now: Timestamp) -> Bool {
        guard let index = jobs.firstIndex(where: { $0.id == id }),
            [.scheduled, .ready, .running].contains(jobs[index].state)
        else { return false }
        jobs[index].state = .cancelled
        jobs[index].leaseUntil = nil
        jobs[index].holdsKey = false
        return true
    }

    /// An operator gives a job that has ended badly all its attempts again, unless another one holds its key.
    mutating func requeue(_ id: JobID, now: Timestamp) -> Bool {
        guard let index = jobs.firstIndex(where: { $0.id == id }), [.dead, .cancelled].contains(jobs[index].state)
        else { return false }
        let key = jobs[index].uniqueKey
        guard key == nil || !jobs.contains(where: { $0.id != id && $0.uniqueKey == key && $0.holdsKey }) else {
            return false
        }
        jobs[index].state = .ready
        jobs[index].attempt = 0
        jobs[index].order += now.milliseconds - jobs[index].runAt.milliseconds
        jobs[index].runAt = now
        jobs[index].holdsKey = key != nil
        return true
    }

    /// An operator gives a dead job up.
    mutating func discard(_ id: JobID) -> Bool {
        guard let index = jobs.firstIndex(where: { $0.id == id }), jobs[index].state == .dead else { return false }
        jobs[index].state = .cancelled
        jobs[index].holdsKey = false
        return true
    }

    /// - Returns: whether the period's tick has come. Ticks that were missed come once, and the later ones stay where
    ///   they were; a tick that only a wrong clock can have set so far away has come too.
    mutating func tick(_ name: String, every: Duration, now: Timestamp) -> Bool {
        var period = periods[name] ?? Period(every: every.milliseconds, next: now.milliseconds)
        if period.every != every.milliseconds {
            period.every = every.milliseconds
            period.next = period.last.map { $0 + period.every } ?? period.next
        }
        defer { periods[name] = period }
        let isAbsurd = period.next > now.milliseconds + period.every + 3_600_000
        guard period.next <= now.milliseconds || isAbsurd else { return false }
        period.last = now.milliseconds
        if isAbsurd { period.next = now.milliseconds }
        while period.next <= now.milliseconds { period.next += period.every }
        return true
    }

    func nextTick(_ name: String) -> Timestamp? {
        periods[name].map { Timestamp(milliseconds: $0.next) }
    }

    private static func outcome(_ end: JobEnd) -> String {
        switch end {
        case .done: "done"
        case .retry: "retried"
        case .dead: "dead"
        case .released: "released"
        case .snoozed: "snoozed"
        case .cancelled: "cancelled"
        }
    }

    private mutating func leave(_ index: Int, to state: JobState, now: Timestamp) {
        jobs[index].state = state
        jobs[index].leaseUntil = nil
        guard state != .ready else { return }
        let outlives = jobs[index].uniqueUntil.map { $0 > now } ?? false
        if !outlives { jobs[index].holdsKey = false }
    }

    private mutating func postpone(_ index: Int, to moment: Timestamp) {
        jobs[index].order += moment.milliseconds - jobs[index].runAt.milliseconds
        jobs[index].runAt = moment
        jobs[index].state = .scheduled
        jobs[index].leaseUntil = nil
    }
}
