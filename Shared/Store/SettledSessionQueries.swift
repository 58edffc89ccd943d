package import Model
package import SQLite

/// The sessions of an agent with a model that ended in a window.
package struct SettledSessions: Equatable, Sendable {
    package let agent: String
    package let model: String
    package let ended: Int64
    package let failed: Int64
    /// Of how many the cost is known, and how much these cost together, in nano-USD.
    package let priced: Int64
    package let cost: Int64

    package init(agent: String, model: String, ended: Int64, failed: Int64, priced: Int64, cost: Int64) {
        self.agent = agent
        self.model = model
        self.ended = ended
        self.failed = failed
        self.priced = priced
        self.cost = cost
    }
}

/// The 95th percentile of the runtimes in a scope.
package struct SettledRuntime: Equatable, Sendable {
    /// An agent, a model, `<agentId>|<modelId>`, or nothing for all sessions.
    package let scope: String
    package let p95: Int64
    /// Of how many sessions the runtime is known.
    package let timed: Int64
}

extension Query {
    /// Sessions that ended after `start` and up to `end`. Those that are under way may still change in any respect, so
    /// they count for nothing.
    package static func settledSessions(after start: Timestamp, until end: Timestamp) -> Query<SettledSessions> {
        Query<SettledSessions>(
            """
            SELECT agent_id, model_id, count(*), sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END),
                   count(cost_nanousd), coalesce(sum(cost_nanousd), 0)
              FROM session_ledger
             WHERE status NOT IN ('running', 'queued')
               AND coalesce(ended_at_ms, started_at_ms + coalesce(runtime_ms, 0)) > ?1
               AND coalesce(ended_at_ms, started_at_ms + coalesce(runtime_ms, 0)) <= ?2
             GROUP BY agent_id, model_id
            """, [.integer(start.milliseconds), .integer(end.milliseconds)]
        ) {
            SettledSessions(
                agent: $0.text(0), model: $0.text(1), ended: $0.integer(2), failed: $0.integer(3),
                priced: $0.integer(4), cost: $0.integer(5))
        }
    }

    /// The runtime that 95 of a hundred sessions do not pass (nearest rank, exact), for each scope of a type that has
    /// any.
    /// - Parameter reference: the only scope that is asked for; `nil`: each.
    package static func settledRuntimes(
        _ type: AlertRule.ScopeType, _ reference: String?, after start: Timestamp, until end: Timestamp
    ) -> Query<SettledRuntime> {
        Query<SettledRuntime>(
            """
            SELECT scope, runtime_ms, amount
              FROM (SELECT scope, runtime_ms, row_number() OVER (PARTITION BY scope ORDER BY runtime_ms) AS place,
                           count(*) OVER (PARTITION BY scope) AS amount
                      FROM (SELECT CASE ?3 WHEN 'agent' THEN agent_id WHEN 'model' THEN model_id
                                           WHEN 'agent_model' THEN agent_id || '|' || model_id ELSE '' END AS scope,
                                   runtime_ms
                              FROM session_ledger
                             WHERE status NOT IN ('running', 'queued') AND runtime_ms IS NOT NULL
                               AND coalesce(ended_at_ms, started_at_ms + coalesce(runtime_ms, 0)) > ?1
                               AND coalesce(ended_at_ms, started_at_ms + coalesce(runtime_ms, 0)) <= ?2) AS timed
                     WHERE ?4 IS NULL OR scope = ?4) AS placed
             WHERE place = (95 * amount + 99) / 100
             ORDER BY scope
            """,
            [
                .integer(start.milliseconds), .integer(end.milliseconds), .text(type.rawValue), .text(reference),
            ]
        ) { SettledRuntime(scope: $0.text(0), p95: $0.integer(1), timed: $0.integer(2)) }
    }
}
