package import Model
package import SQLite

/// A session that the sums do not show as it is now.
package struct PendingUsage: Equatable, Sendable {
    /// A session as it counts, and where.
    package struct Counted: Equatable, Sendable {
        package let bucket: UsageBucket
        package let facts: UsageFacts

        package init(bucket: UsageBucket, facts: UsageFacts) {
            self.bucket = bucket
            self.facts = facts
        }
    }

    package let sessionKey: Int64
    /// As the sums show it; `nil`: they do not.
    package let summed: Counted?
    /// As it is; `nil`: it is gone.
    package let current: Counted?

    fileprivate init(_ row: borrowing Row) {
        sessionKey = row.integer(0)
        summed =
            row.isNull(5) ? nil : Counted(bucket: UsageBucket(row, from: 1), facts: UsageFacts(row, from: 5))
        current =
            row.isNull(27) ? nil : Counted(bucket: UsageBucket(row, from: 23), facts: UsageFacts(row, from: 27))
    }
}

extension Query {
    package static func anyPendingUsage() -> Query<Int64> {
        Query<Int64>("SELECT session_key FROM usage_pending LIMIT 1") { $0.integer(0) }
    }

    package static func pendingUsageCount() -> Query<Int> {
        Query<Int>("SELECT count(*) FROM usage_pending") { $0.count(0) }
    }

    /// Some of what waits to be summed.
    package static func pendingUsage(limit: Int) -> Query<PendingUsage> {
        Query<PendingUsage>(
            """
            SELECT pending.session_key, was.day, was.agent_id, was.model_id, was.task_category, pending.bucket_id,
                   pending.started_at_ms, pending.status, pending.runtime_ms, pending.runtime_source,
                   pending.input_uncached, pending.cache_read, pending.cache_write_5m, pending.cache_write_1h,
                   pending.output_visible, pending.reasoning, pending.total_tokens, pending.token_source,
                   pending.usage_anomaly, pending.cost_nanousd, pending.billed_nanousd, pending.computed_nanousd,
                   pending.cost_source, now.day, now.agent_id, now.model_id, now.task_category, usage.bucket_id,
                   usage.started_at_ms, usage.status, usage.runtime_ms, usage.runtime_source, usage.input_uncached,
                   usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output_visible,
                   usage.reasoning, usage.total_tokens, usage.token_source, usage.usage_anomaly,
                   usage.cost_nanousd, usage.billed_nanousd, usage.computed_nanousd, usage.cost_source
              FROM usage_pending AS pending
              LEFT JOIN usage_bucket AS was ON was.id = pending.bucket_id
              LEFT JOIN session_usage AS usage
                ON usage.session_key = pending.session_key AND usage.superseded_at_ms IS NULL
              LEFT JOIN usage_bucket AS now ON now.id = usage.bucket_id
             ORDER BY pending.session_key LIMIT ?1
            """, [.integer(limit)]
        ) { PendingUsage($0) }
    }

    /// Forgets what ``pendingUsage(limit:)`` has answered, up to and with its last session.
    package static func settlePendingUsage(through sessionKey: Int64) -> Query<Void> {
        Query<Void>("DELETE FROM usage_pending WHERE session_key <= ?1", [.integer(sessionKey)])
    }

    /// The sessions of some days as they are, for what no sum has: parts of days, and exact percentiles. A name that is
    /// `nil` is any.
    package static func usageFacts(
        from: Timestamp, through: Timestamp, agent: String?, model: String?, task: String?
    ) -> Query<PendingUsage.Counted> {
        Query<PendingUsage.Counted>(
            """
            SELECT bucket.day, bucket.agent_id, bucket.model_id, bucket.task_category, usage.bucket_id,
                   usage.started_at_ms, usage.status, usage.runtime_ms, usage.runtime_source, usage.input_uncached,
                   usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output_visible,
                   usage.reasoning, usage.total_tokens, usage.token_source, usage.usage_anomaly,
                   usage.cost_nanousd, usage.billed_nanousd, usage.computed_nanousd, usage.cost_source
              FROM usage_bucket AS bucket
              CROSS JOIN session_usage AS usage INDEXED BY session_usage_bucket
                ON usage.bucket_id = bucket.id AND usage.superseded_at_ms IS NULL
             WHERE bucket.day BETWEEN ?1 AND ?2 AND usage.started_at_ms BETWEEN ?3 AND ?4
               AND (?5 IS NULL OR bucket.agent_id = ?5) AND (?6 IS NULL OR bucket.model_id = ?6)
               AND (?7 IS NULL OR bucket.task_category = ?7)
            """,
            [
                .integer(UTCDay(from).number), .integer(UTCDay(through).number), .integer(from.milliseconds),
                .integer(through.milliseconds), .text(agent), .text(model), .text(task),
            ]
        ) {
            PendingUsage.Counted(bucket: UsageBucket($0, from: 0), facts: UsageFacts($0, from: 4))
        }
    }

    /// The ended sessions of a span with what percentiles are made of.
    package static func endedRuns(
        from: Timestamp, through: Timestamp, agent: String?, task: String?
    ) -> Query<EndedRun> {
        Query<EndedRun>(
            """
            SELECT bucket.model_id, usage.status, usage.runtime_ms, usage.cost_nanousd
              FROM usage_bucket AS bucket
              CROSS JOIN session_usage AS usage INDEXED BY session_usage_bucket
                ON usage.bucket_id = bucket.id AND usage.superseded_at_ms IS NULL
             WHERE bucket.day BETWEEN ?1 AND ?2 AND usage.started_at_ms BETWEEN ?3 AND ?4
               AND usage.status NOT IN ('running', 'queued')
               AND (?5 IS NULL OR bucket.agent_id = ?5) AND (?6 IS NULL OR bucket.task_category = ?6)
            """,
            [
                .integer(UTCDay(from).number), .integer(UTCDay(through).number), .integer(from.milliseconds),
                .integer(through.milliseconds), .text(agent), .text(task),
            ]
        ) {
            EndedRun(
                model: $0.text(0), status: SessionStatus(rawValue: $0.text(1)) ?? .failed,
                runtime: $0.integerOrNull(2), cost: $0.integerOrNull(3))
        }
    }
}

/// A session that has ended, as far as percentiles need it.
package struct EndedRun: Equatable, Sendable {
    package let model: String
    package let status: SessionStatus
    package let runtime: Int64?
    package let cost: Int64?
}
