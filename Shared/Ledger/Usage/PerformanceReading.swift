import Model
package import SQLite
import Store

/// How the ended sessions of a model went.
package struct ModelPerformance: Equatable, Sendable {
    /// The middle and the tails of a figure.
    package struct Quantiles: Equatable, Sendable {
        package let p50: Double?
        package let p95: Double?
        package let p99: Double?

        init(_ quantile: (Double) -> Double?) {
            p50 = quantile(0.5)
            p95 = quantile(0.95)
            p99 = quantile(0.99)
        }
    }

    package let model: String
    package let runs: Int64
    package let success: Int64
    package let failed: Int64
    /// In milliseconds.
    package let runtime: Quantiles
    /// In nano-USD, of the sessions whose cost is known.
    package let cost: Quantiles
}

/// The models of a span and how they went, by name.
package struct PerformanceReport: Equatable, Sendable {
    package let models: [ModelPerformance]
    /// False: quantiles are within ``QuantileSketch/relativeError`` of the true ones. Counts are always exact.
    package let isExact: Bool
}

/// How models went.
package protocol PerformanceRepository: Sendable {
    /// Of ended sessions. The filter's model, if any, is the only one.
    func report(_ filter: UsageFilter) async throws(LedgerFailure) -> PerformanceReport
}

/// ``PerformanceRepository`` on the database.
package struct SQLitePerformance: PerformanceRepository {
    /// Up to as many sessions are read one by one, and their quantiles are exact; of more, sketches are merged.
    package static let exactLimit: Int64 = 5_000

    private let database: Database
    private let exactLimit: Int64

    package init(_ database: Database, exactLimit: Int64 = Self.exactLimit) {
        self.database = database
        self.exactLimit = exactLimit
    }

    package func report(_ filter: UsageFilter) async throws(LedgerFailure) -> PerformanceReport {
        try await database.asked { [exactLimit] db throws(SQLiteError) in
            let sketched = try db.sketchedPerformance(filter)
            let runs = sketched.values.reduce(0) { $0 &+ $1.runs }
            if runs <= exactLimit { return try db.exactPerformance(filter) }
            let models = sketched.filter { $0.value.runs > 0 }.map { name, figures in
                ModelPerformance(
                    model: name, runs: figures.runs, success: figures.success, failed: figures.failed,
                    runtime: .init { figures.runtimes.quantile($0) }, cost: .init { figures.costs.quantile($0) })
            }
            return PerformanceReport(models: models.sorted { $0.model < $1.model }, isExact: false)
        }
    }
}

extension Connection {
    /// What a part of the ended sessions cost less than, in nano-USD, over all models and within
    /// ``QuantileSketch/relativeError``; `nil` where no cost is known.
    package func costQuantile(_ part: Double, _ filter: UsageFilter) throws(SQLiteError) -> Int64? {
        var costs = QuantileSketch()
        for figures in try sketchedPerformance(filter).values { costs += figures.costs }
        return costs.quantile(part).map { Int64($0.rounded()) }
    }

    fileprivate func sketchedPerformance(
        _ filter: UsageFilter
    ) throws(SQLiteError) -> [String: PerformanceFigures] {
        var models: [String: PerformanceFigures] = [:]
        func count(_ counted: PendingUsage.Counted, sign: Int64) {
            guard filter.matches(counted.bucket) else { return }
            models[counted.bucket.modelID, default: PerformanceFigures()].count(counted.facts, sign: sign)
        }
        let span = filter.days
        if let whole = span.whole {
            let query = Query<(model: String, sums: PerformanceSums)>.performance(
                scope: filter.scope.subtracting(.model), agent: filter.agent ?? "", task: filter.task ?? "",
                from: whole.lowerBound, through: whole.upperBound)
            try each(query) { row in
                guard filter.model == nil || filter.model == row.model else { return }
                models[row.model, default: PerformanceFigures()] += PerformanceFigures(row.sums)
            }
            try each(Query<PendingUsage>.pendingUsage(limit: .max)) { pending in
                if let summed = pending.summed, whole.contains(summed.bucket.day) { count(summed, sign: -1) }
                if let current = pending.current, whole.contains(current.bucket.day) { count(current, sign: 1) }
            }
        }
        for part in span.parts {
            let query = Query<PendingUsage.Counted>.usageFacts(
                from: part.lowerBound, through: part.upperBound, agent: filter.agent, model: filter.model,
                task: filter.task)
            try each(query) { count($0, sign: 1) }
        }
        return models
    }

    fileprivate func exactPerformance(_ filter: UsageFilter) throws(SQLiteError) -> PerformanceReport {
        struct Runs {
            var count: Int64 = 0
            var success: Int64 = 0
            var failed: Int64 = 0
            var runtimes: [Int64] = []
            var costs: [Int64] = []
        }
        var models: [String: Runs] = [:]
        guard filter.from <= filter.through else { return PerformanceReport(models: [], isExact: true) }
        let query = Query<EndedRun>.endedRuns(
            from: filter.from, through: filter.through, agent: filter.agent, task: filter.task)
        try each(query) { run in
            guard filter.model == nil || filter.model == run.model else { return }
            models[run.model, default: Runs()].count += 1
            if run.status == .success { models[run.model, default: Runs()].success += 1 }
            if run.status == .failed { models[run.model, default: Runs()].failed += 1 }
            if let runtime = run.runtime { models[run.model, default: Runs()].runtimes.append(runtime) }
            if let cost = run.cost { models[run.model, default: Runs()].costs.append(cost) }
        }
        let rows = models.sorted { $0.key < $1.key }.map { name, runs in
            let (runtimes, costs) = (runs.runtimes.sorted(), runs.costs.sorted())
            return ModelPerformance(
                model: name, runs: runs.count, success: runs.success, failed: runs.failed,
                runtime: .init { ExactQuantile.of(runtimes, $0) }, cost: .init { ExactQuantile.of(costs, $0) })
        }
        return PerformanceReport(models: rows, isExact: true)
    }
}
