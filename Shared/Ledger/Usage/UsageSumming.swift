import Jobs
package import Model
package import SQLite
package import Store

extension UsageSums {
    /// What one session adds.
    init(of facts: UsageFacts) {
        self.init()
        self[.runs] = 1
        self[Self.field(of: facts.status)] = 1
        self[.tokens] = facts.totalTokens ?? 0
        self[.inputUncached] = facts.tokens.inputUncached ?? 0
        self[.cacheRead] = facts.tokens.cacheRead ?? 0
        self[.cacheWrite5m] = facts.tokens.cacheWrite5m ?? 0
        self[.cacheWrite1h] = facts.tokens.cacheWrite1h ?? 0
        self[.outputVisible] = facts.tokens.outputVisible ?? 0
        self[.reasoning] = facts.tokens.reasoning ?? 0
        self[.runtime] = facts.runtime ?? 0
        self[.cost] = facts.cost ?? 0
        if let billed = facts.billed, let computed = facts.computed {
            self[.driftRuns] = 1
            self[.drift] = billed &- computed
        }
        self[.anomalies] = facts.anomaly == nil ? 0 : 1
        switch facts.tokenSource {
        case .providerReported: self[.tokensReported] = 1
        case .derived: self[.tokensDerived] = 1
        case .missing: self[.tokensMissing] = 1
        }
        switch facts.runtimeSource {
        case .providerReported: self[.runtimeReported] = 1
        case .derived: self[.runtimeDerived] = 1
        case .missing: self[.runtimeMissing] = 1
        }
        switch facts.costSource {
        case .providerReported: self[.costReported] = 1
        case .estimatedFromPricing: self[.costEstimated] = 1
        case .unknown: self[.costUnknown] = 1
        }
    }

    /// The counter of a status.
    package static func field(of status: SessionStatus) -> Field {
        switch status {
        case .queued: .queued
        case .running: .running
        case .success: .success
        case .failed: .failed
        case .killed: .killed
        case .cancelled: .cancelled
        }
    }
}

/// How the ended sessions of a place went.
package struct PerformanceFigures: Equatable, Sendable {
    package var runs: Int64 = 0
    package var success: Int64 = 0
    package var failed: Int64 = 0
    package var runtimes = QuantileSketch()
    package var costs = QuantileSketch()

    package init() {}

    init(_ sums: PerformanceSums) {
        runs = sums.runs
        success = sums.success
        failed = sums.failed
        runtimes = QuantileSketch(bytes: sums.runtimes)
        costs = QuantileSketch(bytes: sums.costs)
    }

    var sums: PerformanceSums {
        PerformanceSums(runs: runs, success: success, failed: failed, runtimes: runtimes.bytes, costs: costs.bytes)
    }

    /// Counts a session in, or out again; one that is under way does not count.
    mutating func count(_ facts: UsageFacts, sign: Int64) {
        guard !facts.status.isOpen else { return }
        runs &+= sign
        if facts.status == .success { success &+= sign }
        if facts.status == .failed { failed &+= sign }
        if let runtime = facts.runtime { runtimes.add(runtime, times: sign) }
        if let cost = facts.cost { costs.add(cost, times: sign) }
    }

    static func += (left: inout PerformanceFigures, right: PerformanceFigures) {
        left.runs &+= right.runs
        left.success &+= right.success
        left.failed &+= right.failed
        left.runtimes += right.runtimes
        left.costs += right.costs
    }
}

/// What sessions that changed add to the sums and take from them, by place.
struct UsageChanges {
    /// A place of ``PerformanceFigures``.
    struct PerformanceCell: Hashable {
        let cell: UsageCell
        let model: String
    }

    private static let scopes = (0...7).map { UsageScope(rawValue: $0) }
    private static let performanceScopes = [0, 1, 4, 5].map { UsageScope(rawValue: $0) }

    private(set) var usage: [UsageCell: UsageSums] = [:]
    private(set) var performance: [PerformanceCell: PerformanceFigures] = [:]

    mutating func take(_ pending: PendingUsage) {
        guard pending.summed != pending.current else { return }
        if let summed = pending.summed { take(summed, sign: -1) }
        if let current = pending.current { take(current, sign: 1) }
    }

    private mutating func take(_ counted: PendingUsage.Counted, sign: Int64) {
        let sums = UsageSums(of: counted.facts)
        for scope in Self.scopes {
            let cell = UsageCell(counted.bucket, scope: scope)
            if sign > 0 { usage[cell, default: UsageSums()] += sums } else { usage[cell, default: UsageSums()] -= sums }
        }
        guard !counted.facts.status.isOpen else { return }
        for scope in Self.performanceScopes {
            let place = PerformanceCell(
                cell: UsageCell(counted.bucket, scope: scope), model: counted.bucket.modelID)
            performance[place, default: PerformanceFigures()].count(counted.facts, sign: sign)
        }
    }
}

/// Moves some of what waits into the sums, and asks for another run if more waits.
///
/// It reads and writes within one transaction that holds the write lock, so what it takes away and what it adds are of
/// one moment, and nothing is counted twice or missed however many do it.
package struct SumPendingUsage: Write {
    /// Sessions for one transaction: some milliseconds of the write lock.
    package static let batch = 2_000

    private let batch: Int
    private let now: Timestamp

    package init(batch: Int = Self.batch, now: Timestamp) {
        self.batch = batch
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let pending = try connection.run(Query<PendingUsage>.pendingUsage(limit: batch))
        guard !pending.isEmpty else { return }
        var changes = UsageChanges()
        for one in pending { changes.take(one) }
        // In the order of the tables, so that places beside each other are on one page.
        for (cell, change) in changes.usage.sorted(by: { $0.key.place < $1.key.place }) where !change.isZero {
            try Self.add(change, to: cell, connection)
        }
        let models = changes.performance.sorted {
            ($0.key.cell.place, $0.key.model) < ($1.key.cell.place, $1.key.model)
        }
        for (place, change) in models where change != PerformanceFigures() {
            let stored = try connection.run(Query<PerformanceSums>.performanceSums(place.cell, model: place.model))
                .first
            var figures = stored.map { PerformanceFigures($0) } ?? PerformanceFigures()
            figures += change
            try connection.run(
                figures == PerformanceFigures()
                    ? Query<Void>.dropPerformance(place.cell, model: place.model)
                    : .savePerformance(place.cell, model: place.model, figures.sums))
        }
        if let last = pending.last { try connection.run(Query<Void>.settlePendingUsage(through: last.sessionKey)) }
        if pending.count == batch { try connection.askToSumUsage(now: now) }
    }

    private static func add(
        _ change: UsageSums, to cell: UsageCell, _ connection: borrowing Connection
    ) throws(SQLiteError) {
        if change[.runs] > 0 {
            do throws(SQLiteError) {
                try connection.run(Query<Void>.addUsageSums(cell, change))
                return
            } catch {
                // A sum over its edge: it wraps around, which the database's own addition does not.
                guard error.isConstraint else { throw error }
            }
        }
        var sums = try connection.run(Query<UsageSums>.usageSums(cell)).first ?? UsageSums()
        sums += change
        try connection.run(sums.isZero ? Query<Void>.dropUsageSums(cell) : .saveUsageSums(cell, sums))
    }
}

extension Connection {
    /// Asks the scorer to move what waits into the sums. While a job that asks is waiting, this does nothing; a stage
    /// that is full is asked again by the scorer itself, a little later.
    package func askToSumUsage(after wait: Duration = .zero, now: Timestamp) throws(SQLiteError) {
        do throws(SQLiteError) {
            try enqueue(SumUsage().job(runAt: wait == .zero ? nil : now + wait), now: now)
        } catch {
            guard error.isStageFull else { throw error }
        }
    }
}
