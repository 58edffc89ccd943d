package import Model
package import SQLite

/// Which of the three names a sum is over; 0 is a sum over everything of a day.
package struct UsageScope: OptionSet, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package static let agent = UsageScope(rawValue: 1)
    package static let model = UsageScope(rawValue: 2)
    package static let task = UsageScope(rawValue: 4)
}

/// The place of one sum: names that are not in the scope are empty.
package struct UsageCell: Hashable, Sendable {
    package let scope: UsageScope
    package let agentID: String
    package let modelID: String
    package let taskCategory: String
    package let day: UTCDay

    /// The place where a session of this bucket counts.
    package init(_ bucket: UsageBucket, scope: UsageScope) {
        self.scope = scope
        agentID = scope.contains(.agent) ? bucket.agentID : ""
        modelID = scope.contains(.model) ? bucket.modelID : ""
        taskCategory = scope.contains(.task) ? bucket.taskCategory : ""
        day = bucket.day
    }

    /// What the sums are sorted by.
    package var place: Place {
        Place(scope: scope.rawValue, agentID: agentID, modelID: modelID, taskCategory: taskCategory, day: day)
    }

    /// A place in the order of the table.
    package struct Place: Comparable {
        let scope: Int64
        let agentID, modelID, taskCategory: String
        let day: UTCDay

        package static func < (left: Place, right: Place) -> Bool {
            if left.scope != right.scope { return left.scope < right.scope }
            if left.agentID != right.agentID { return left.agentID < right.agentID }
            if left.modelID != right.modelID { return left.modelID < right.modelID }
            if left.taskCategory != right.taskCategory { return left.taskCategory < right.taskCategory }
            return left.day < right.day
        }
    }

    fileprivate var bindings: [Value] {
        [.integer(scope.rawValue), .text(agentID), .text(modelID), .text(taskCategory), .integer(day.number)]
    }
}

/// The sums of a place. Sums and differences wrap around: a counter that went over its edge is wrong until it comes
/// back, and stops nothing.
package struct UsageSums: Equatable, Sendable {
    /// In the order of the columns.
    package enum Field: Int, CaseIterable, Sendable {
        case runs, queued, running, success, failed, killed, cancelled
        case tokens, inputUncached, cacheRead, cacheWrite5m, cacheWrite1h, outputVisible, reasoning
        case runtime, cost, driftRuns, drift, anomalies
        case tokensReported, tokensDerived, tokensMissing
        case runtimeReported, runtimeDerived, runtimeMissing
        case costReported, costEstimated, costUnknown
    }

    private var values = SIMD32<Int64>(repeating: 0)

    package init() {}

    init(_ row: borrowing Row, from first: Int32) {
        for field in Field.allCases { values[field.rawValue] = row.integer(first + Int32(field.rawValue)) }
    }

    package subscript(field: Field) -> Int64 {
        get { values[field.rawValue] }
        set { values[field.rawValue] = newValue }
    }

    package var isZero: Bool { values == SIMD32<Int64>(repeating: 0) }

    package static func += (left: inout UsageSums, right: UsageSums) { left.values &+= right.values }
    package static func -= (left: inout UsageSums, right: UsageSums) { left.values &-= right.values }

    var bindings: [Value] { Field.allCases.map { .integer(values[$0.rawValue]) } }
}

extension Query {
    /// The sums of the days from one to another.
    package static func dailyUsage(
        scope: UsageScope, agent: String, model: String, task: String, from: UTCDay, through: UTCDay
    ) -> Query<(day: UTCDay, sums: UsageSums)> {
        Query<(day: UTCDay, sums: UsageSums)>(
            """
            SELECT day, runs, queued, running, success, failed, killed, cancelled, tokens, input_uncached, cache_read,
                   cache_write_5m, cache_write_1h, output_visible, reasoning, runtime_ms, cost_nanousd, drift_runs,
                   drift_nanousd, anomalies, tokens_reported, tokens_derived, tokens_missing, runtime_reported,
                   runtime_derived, runtime_missing, cost_reported, cost_estimated, cost_unknown
              FROM daily_usage_agg
             WHERE scope = ?1 AND agent_id = ?2 AND model_id = ?3 AND task_category = ?4 AND day BETWEEN ?5 AND ?6
             ORDER BY day
            """,
            [
                .integer(scope.rawValue), .text(agent), .text(model), .text(task), .integer(from.number),
                .integer(through.number),
            ]
        ) { (UTCDay($0.integer(0)), UsageSums($0, from: 1)) }
    }

    /// The sums of some days by model, of all sessions or those of an agent or a kind of task; a name that is not in
    /// the scope is empty.
    package static func usageByModel(
        scope: UsageScope, agent: String, task: String, from: UTCDay, through: UTCDay
    ) -> Query<(name: String, sums: UsageSums)> {
        Query<(name: String, sums: UsageSums)>(
            """
            SELECT model_id, runs, queued, running, success, failed, killed, cancelled, tokens, input_uncached,
                   cache_read, cache_write_5m, cache_write_1h, output_visible, reasoning, runtime_ms, cost_nanousd,
                   drift_runs, drift_nanousd, anomalies, tokens_reported, tokens_derived, tokens_missing,
                   runtime_reported, runtime_derived, runtime_missing, cost_reported, cost_estimated, cost_unknown
              FROM daily_usage_agg
             WHERE scope = ?1 AND agent_id = ?2 AND task_category = ?3 AND day BETWEEN ?4 AND ?5
            """,
            [
                .integer(scope.rawValue), .text(agent), .text(task), .integer(from.number), .integer(through.number),
            ]
        ) { ($0.text(0), UsageSums($0, from: 1)) }
    }

    /// The same by agent.
    package static func usageByAgent(
        scope: UsageScope, model: String, task: String, from: UTCDay, through: UTCDay
    ) -> Query<(name: String, sums: UsageSums)> {
        Query<(name: String, sums: UsageSums)>(
            """
            SELECT agent_id, runs, queued, running, success, failed, killed, cancelled, tokens, input_uncached,
                   cache_read, cache_write_5m, cache_write_1h, output_visible, reasoning, runtime_ms, cost_nanousd,
                   drift_runs, drift_nanousd, anomalies, tokens_reported, tokens_derived, tokens_missing,
                   runtime_reported, runtime_derived, runtime_missing, cost_reported, cost_estimated, cost_unknown
              FROM daily_usage_agg
             WHERE scope = ?1 AND model_id = ?2 AND task_category = ?3 AND day BETWEEN ?4 AND ?5
            """,
            [
                .integer(scope.rawValue), .text(model), .text(task), .integer(from.number), .integer(through.number),
            ]
        ) { ($0.text(0), UsageSums($0, from: 1)) }
    }

    package static func usageSums(_ cell: UsageCell) -> Query<UsageSums> {
        Query<UsageSums>(
            """
            SELECT runs, queued, running, success, failed, killed, cancelled, tokens, input_uncached, cache_read,
                   cache_write_5m, cache_write_1h, output_visible, reasoning, runtime_ms, cost_nanousd, drift_runs,
                   drift_nanousd, anomalies, tokens_reported, tokens_derived, tokens_missing, runtime_reported,
                   runtime_derived, runtime_missing, cost_reported, cost_estimated, cost_unknown
              FROM daily_usage_agg
             WHERE scope = ?1 AND agent_id = ?2 AND model_id = ?3 AND task_category = ?4 AND day = ?5
            """, cell.bindings
        ) { UsageSums($0, from: 0) }
    }

    package static func saveUsageSums(_ cell: UsageCell, _ sums: UsageSums) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO daily_usage_agg
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)
            ON CONFLICT (scope, agent_id, model_id, task_category, day) DO UPDATE
               SET runs = excluded.runs, queued = excluded.queued, running = excluded.running,
                   success = excluded.success, failed = excluded.failed, killed = excluded.killed,
                   cancelled = excluded.cancelled, tokens = excluded.tokens,
                   input_uncached = excluded.input_uncached, cache_read = excluded.cache_read,
                   cache_write_5m = excluded.cache_write_5m, cache_write_1h = excluded.cache_write_1h,
                   output_visible = excluded.output_visible, reasoning = excluded.reasoning,
                   runtime_ms = excluded.runtime_ms, cost_nanousd = excluded.cost_nanousd,
                   drift_runs = excluded.drift_runs, drift_nanousd = excluded.drift_nanousd,
                   anomalies = excluded.anomalies, tokens_reported = excluded.tokens_reported,
                   tokens_derived = excluded.tokens_derived, tokens_missing = excluded.tokens_missing,
                   runtime_reported = excluded.runtime_reported, runtime_derived = excluded.runtime_derived,
                   runtime_missing = excluded.runtime_missing, cost_reported = excluded.cost_reported,
                   cost_estimated = excluded.cost_estimated, cost_unknown = excluded.cost_unknown
            """, cell.bindings + sums.bindings)
    }

    /// Adds to what is there, if anything is. Refused where a sum would go over its edge.
    package static func addUsageSums(_ cell: UsageCell, _ change: UsageSums) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO daily_usage_agg
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)
            ON CONFLICT (scope, agent_id, model_id, task_category, day) DO UPDATE
               SET runs = daily_usage_agg.runs + excluded.runs,
                   queued = daily_usage_agg.queued + excluded.queued,
                   running = daily_usage_agg.running + excluded.running,
                   success = daily_usage_agg.success + excluded.success,
                   failed = daily_usage_agg.failed + excluded.failed,
                   killed = daily_usage_agg.killed + excluded.killed,
                   cancelled = daily_usage_agg.cancelled + excluded.cancelled,
                   tokens = daily_usage_agg.tokens + excluded.tokens,
                   input_uncached = daily_usage_agg.input_uncached + excluded.input_uncached,
                   cache_read = daily_usage_agg.cache_read + excluded.cache_read,
                   cache_write_5m = daily_usage_agg.cache_write_5m + excluded.cache_write_5m,
                   cache_write_1h = daily_usage_agg.cache_write_1h + excluded.cache_write_1h,
                   output_visible = daily_usage_agg.output_visible + excluded.output_visible,
                   reasoning = daily_usage_agg.reasoning + excluded.reasoning,
                   runtime_ms = daily_usage_agg.runtime_ms + excluded.runtime_ms,
                   cost_nanousd = daily_usage_agg.cost_nanousd + excluded.cost_nanousd,
                   drift_runs = daily_usage_agg.drift_runs + excluded.drift_runs,
                   drift_nanousd = daily_usage_agg.drift_nanousd + excluded.drift_nanousd,
                   anomalies = daily_usage_agg.anomalies + excluded.anomalies,
                   tokens_reported = daily_usage_agg.tokens_reported + excluded.tokens_reported,
                   tokens_derived = daily_usage_agg.tokens_derived + excluded.tokens_derived,
                   tokens_missing = daily_usage_agg.tokens_missing + excluded.tokens_missing,
                   runtime_reported = daily_usage_agg.runtime_reported + excluded.runtime_reported,
                   runtime_derived = daily_usage_agg.runtime_derived + excluded.runtime_derived,
                   runtime_missing = daily_usage_agg.runtime_missing + excluded.runtime_missing,
                   cost_reported = daily_usage_agg.cost_reported + excluded.cost_reported,
                   cost_estimated = daily_usage_agg.cost_estimated + excluded.cost_estimated,
                   cost_unknown = daily_usage_agg.cost_unknown + excluded.cost_unknown
            """, cell.bindings + change.bindings)
    }

    package static func dropUsageSums(_ cell: UsageCell) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM daily_usage_agg
             WHERE scope = ?1 AND agent_id = ?2 AND model_id = ?3 AND task_category = ?4 AND day = ?5
            """, cell.bindings)
    }
}

/// How the ended sessions of a place went; the sketches are as ``Query/savePerformance(_:_:)`` was given them.
package struct PerformanceSums: Equatable, Sendable {
    package var runs: Int64
    package var success: Int64
    package var failed: Int64
    package var runtimes: [UInt8]
    package var costs: [UInt8]

    package init(runs: Int64, success: Int64, failed: Int64, runtimes: [UInt8], costs: [UInt8]) {
        self.runs = runs
        self.success = success
        self.failed = failed
        self.runtimes = runtimes
        self.costs = costs
    }

    fileprivate init(_ row: borrowing Row, from first: Int32) {
        self.init(
            runs: row.integer(first), success: row.integer(first + 1), failed: row.integer(first + 2),
            runtimes: row.blob(first + 3), costs: row.blob(first + 4))
    }
}

extension UsageCell {
    /// The model is what rows are told apart by, so it is not in the scope.
    fileprivate func performanceBindings(model: String) -> [Value] {
        [.integer(scope.rawValue), .text(agentID), .text(taskCategory), .integer(day.number), .text(model)]
    }
}

extension Query {
    /// Of every model, for the days from one to another.
    package static func performance(
        scope: UsageScope, agent: String, task: String, from: UTCDay, through: UTCDay
    ) -> Query<(model: String, sums: PerformanceSums)> {
        Query<(model: String, sums: PerformanceSums)>(
            """
            SELECT model_id, runs, success, failed, runtime_sketch, cost_sketch FROM model_perf_agg
             WHERE scope = ?1 AND agent_id = ?2 AND task_category = ?3 AND day BETWEEN ?4 AND ?5
            """,
            [.integer(scope.rawValue), .text(agent), .text(task), .integer(from.number), .integer(through.number)]
        ) { ($0.text(0), PerformanceSums($0, from: 1)) }
    }

    package static func performanceSums(_ cell: UsageCell, model: String) -> Query<PerformanceSums> {
        Query<PerformanceSums>(
            """
            SELECT runs, success, failed, runtime_sketch, cost_sketch FROM model_perf_agg
             WHERE scope = ?1 AND agent_id = ?2 AND task_category = ?3 AND day = ?4 AND model_id = ?5
            """, cell.performanceBindings(model: model)
        ) { PerformanceSums($0, from: 0) }
    }

    package static func savePerformance(_ cell: UsageCell, model: String, _ sums: PerformanceSums) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO model_perf_agg VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (scope, agent_id, task_category, day, model_id) DO UPDATE
               SET runs = excluded.runs, success = excluded.success, failed = excluded.failed,
                   runtime_sketch = excluded.runtime_sketch, cost_sketch = excluded.cost_sketch
            """,
            cell.performanceBindings(model: model) + [
                .integer(sums.runs), .integer(sums.success), .integer(sums.failed), .blob(sums.runtimes),
                .blob(sums.costs),
            ])
    }

    package static func dropPerformance(_ cell: UsageCell, model: String) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM model_perf_agg
             WHERE scope = ?1 AND agent_id = ?2 AND task_category = ?3 AND day = ?4 AND model_id = ?5
            """, cell.performanceBindings(model: model))
    }
}
