package import Model
package import SQLite

/// What a session used and cost, as one revision of it says.
package struct SessionUsageRow: Equatable, Sendable {
    package var sessionKey: Int64
    package var revision: Int64 = 1
    package var supersededAt: Timestamp?
    package var computedAt: Timestamp
    package var facts: UsageFacts
    package var provider: String?
    /// JSON: what the source said.
    package var stated: String?
    package var tokenConfidence: Confidence = .unknown
    package var runtimeConfidence: Confidence = .unknown
    package var costConfidence: CostConfidence = .unknown
    package var costLevel: Confidence = .unknown
    package var pricingVersion: String?
    package var computedVersion: String?
    package var unpricedReason: String?

    package init(sessionKey: Int64, computedAt: Timestamp, facts: UsageFacts) {
        self.sessionKey = sessionKey
        self.computedAt = computedAt
        self.facts = facts
    }

    fileprivate init(_ row: borrowing Row) {
        sessionKey = row.integer(0)
        revision = row.integer(1)
        supersededAt = row.integerOrNull(2).map { Timestamp(milliseconds: $0) }
        computedAt = Timestamp(milliseconds: row.integer(3))
        facts = UsageFacts(row, from: 4)
        provider = row.textOrNull(22)
        stated = row.textOrNull(23)
        tokenConfidence = Confidence(rawValue: row.text(24)) ?? .unknown
        runtimeConfidence = Confidence(rawValue: row.text(25)) ?? .unknown
        costConfidence = CostConfidence(rawValue: row.text(26)) ?? .unknown
        costLevel = Confidence(rawValue: row.text(27)) ?? .unknown
        pricingVersion = row.textOrNull(28)
        computedVersion = row.textOrNull(29)
        unpricedReason = row.textOrNull(30)
    }

    fileprivate var bindings: [Value] {
        [
            .integer(sessionKey), .integer(revision), .integer(supersededAt?.milliseconds),
            .integer(computedAt.milliseconds),
        ]
            + facts.bindings + [
                .text(provider), .text(stated), .text(tokenConfidence.rawValue), .text(runtimeConfidence.rawValue),
                .text(costConfidence.rawValue), .text(costLevel.rawValue), .text(pricingVersion),
                .text(computedVersion), .text(unpricedReason),
            ]
    }
}

/// What sums are made of: one session as it counts.
package struct UsageFacts: Equatable, Sendable {
    package var bucketID: Int64
    package var startedAt: Timestamp
    package var status: SessionStatus
    package var runtime: Int64?
    package var runtimeSource: RuntimeSource = .missing
    package var tokens = TokenBuckets()
    package var totalTokens: Int64?
    package var tokenSource: FigureSource = .missing
    /// Words with spaces between.
    package var anomaly: String?
    package var cost: Int64?
    package var billed: Int64?
    package var computed: Int64?
    package var costSource: CostSource = .unknown

    package init(bucketID: Int64, startedAt: Timestamp, status: SessionStatus) {
        self.bucketID = bucketID
        self.startedAt = startedAt
        self.status = status
    }

    /// From eighteen columns.
    init(_ row: borrowing Row, from first: Int32) {
        bucketID = row.integer(first)
        startedAt = Timestamp(milliseconds: row.integer(first + 1))
        status = SessionStatus(rawValue: row.text(first + 2)) ?? .failed
        runtime = row.integerOrNull(first + 3)
        runtimeSource = RuntimeSource(rawValue: row.text(first + 4)) ?? .missing
        tokens = TokenBuckets(
            inputUncached: row.integerOrNull(first + 5), cacheRead: row.integerOrNull(first + 6),
            cacheWrite5m: row.integerOrNull(first + 7), cacheWrite1h: row.integerOrNull(first + 8),
            outputVisible: row.integerOrNull(first + 9), reasoning: row.integerOrNull(first + 10))
        totalTokens = row.integerOrNull(first + 11)
        tokenSource = FigureSource(rawValue: row.text(first + 12)) ?? .missing
        anomaly = row.textOrNull(first + 13)
        cost = row.integerOrNull(first + 14)
        billed = row.integerOrNull(first + 15)
        computed = row.integerOrNull(first + 16)
        costSource = CostSource(rawValue: row.text(first + 17)) ?? .unknown
    }

    var bindings: [Value] {
        [
            .integer(bucketID), .integer(startedAt.milliseconds), .text(status.rawValue), .integer(runtime),
            .text(runtimeSource.rawValue), .integer(tokens.inputUncached), .integer(tokens.cacheRead),
            .integer(tokens.cacheWrite5m), .integer(tokens.cacheWrite1h), .integer(tokens.outputVisible),
            .integer(tokens.reasoning), .integer(totalTokens), .text(tokenSource.rawValue), .text(anomaly),
            .integer(cost), .integer(billed), .integer(computed), .text(costSource.rawValue),
        ]
    }
}

extension Query {
    /// The number that the usage of a session stands under.
    package static func sessionKey(of sessionID: String) -> Query<Int64> {
        Query<Int64>("SELECT id FROM session_ledger WHERE session_id = ?1", [.text(sessionID)]) { $0.integer(0) }
    }

    /// The revision that holds.
    package static func currentUsage(of sessionKey: Int64) -> Query<SessionUsageRow> {
        Query<SessionUsageRow>(
            """
            SELECT session_key, revision, superseded_at_ms, computed_at_ms, bucket_id, started_at_ms, status,
                   runtime_ms, runtime_source, input_uncached, cache_read, cache_write_5m, cache_write_1h,
                   output_visible, reasoning, total_tokens, token_source, usage_anomaly, cost_nanousd,
                   billed_nanousd, computed_nanousd, cost_source, provider, stated, token_confidence,
                   runtime_confidence, cost_confidence, cost_level, pricing_version, computed_version,
                   unpriced_reason
              FROM session_usage WHERE session_key = ?1 AND superseded_at_ms IS NULL
            """, [.integer(sessionKey)]
        ) { SessionUsageRow($0) }
    }

    /// Every revision, the oldest first.
    package static func usageRevisions(of sessionKey: Int64) -> Query<SessionUsageRow> {
        Query<SessionUsageRow>(
            """
            SELECT session_key, revision, superseded_at_ms, computed_at_ms, bucket_id, started_at_ms, status,
                   runtime_ms, runtime_source, input_uncached, cache_read, cache_write_5m, cache_write_1h,
                   output_visible, reasoning, total_tokens, token_source, usage_anomaly, cost_nanousd,
                   billed_nanousd, computed_nanousd, cost_source, provider, stated, token_confidence,
                   runtime_confidence, cost_confidence, cost_level, pricing_version, computed_version,
                   unpriced_reason
              FROM session_usage WHERE session_key = ?1 ORDER BY revision
            """, [.integer(sessionKey)]
        ) { SessionUsageRow($0) }
    }

    /// The usage of the sessions after one that started within two moments, by rising number.
    package static func usageToReprice(
        from: Timestamp, through: Timestamp, after sessionKey: Int64, limit: Int
    ) -> Query<SessionUsageRow> {
        Query<SessionUsageRow>(
            """
            SELECT session_key, revision, superseded_at_ms, computed_at_ms, bucket_id, started_at_ms, status,
                   runtime_ms, runtime_source, input_uncached, cache_read, cache_write_5m, cache_write_1h,
                   output_visible, reasoning, total_tokens, token_source, usage_anomaly, cost_nanousd,
                   billed_nanousd, computed_nanousd, cost_source, provider, stated, token_confidence,
                   runtime_confidence, cost_confidence, cost_level, pricing_version, computed_version,
                   unpriced_reason
              FROM session_usage
             WHERE session_key > ?1 AND superseded_at_ms IS NULL AND started_at_ms BETWEEN ?2 AND ?3
             ORDER BY session_key LIMIT ?4
            """,
            [.integer(sessionKey), .integer(from.milliseconds), .integer(through.milliseconds), .integer(limit)]
        ) { SessionUsageRow($0) }
    }

    package static func addUsage(_ usage: SessionUsageRow) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO session_usage (session_key, revision, superseded_at_ms, computed_at_ms, bucket_id,
                                       started_at_ms, status, runtime_ms, runtime_source, input_uncached, cache_read,
                                       cache_write_5m, cache_write_1h, output_visible, reasoning, total_tokens,
                                       token_source, usage_anomaly, cost_nanousd, billed_nanousd, computed_nanousd,
                                       cost_source, provider, stated, token_confidence, runtime_confidence,
                                       cost_confidence, cost_level, pricing_version, computed_version,
                                       unpriced_reason)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31)
            """, usage.bindings)
    }

    /// Puts what is known now in the place of the same revision.
    package static func changeUsage(_ usage: SessionUsageRow) -> Query<Void> {
        Query<Void>(
            """
            UPDATE session_usage
               SET superseded_at_ms = ?3, computed_at_ms = ?4, bucket_id = ?5, started_at_ms = ?6, status = ?7,
                   runtime_ms = ?8, runtime_source = ?9, input_uncached = ?10, cache_read = ?11,
                   cache_write_5m = ?12, cache_write_1h = ?13, output_visible = ?14, reasoning = ?15,
                   total_tokens = ?16, token_source = ?17, usage_anomaly = ?18, cost_nanousd = ?19,
                   billed_nanousd = ?20, computed_nanousd = ?21, cost_source = ?22, provider = ?23, stated = ?24,
                   token_confidence = ?25, runtime_confidence = ?26, cost_confidence = ?27, cost_level = ?28,
                   pricing_version = ?29, computed_version = ?30, unpriced_reason = ?31
             WHERE session_key = ?1 AND revision = ?2
            """, usage.bindings)
    }

    package static func supersedeUsage(of sessionKey: Int64, revision: Int64, now: Timestamp) -> Query<Void> {
        Query<Void>(
            "UPDATE session_usage SET superseded_at_ms = ?3 WHERE session_key = ?1 AND revision = ?2",
            [.integer(sessionKey), .integer(revision), .integer(now.milliseconds)])
    }

    /// Shows the cost where sessions are listed.
    package static func showCost(_ cost: Int64?, of sessionKey: Int64) -> Query<Void> {
        Query<Void>(
            "UPDATE session_ledger SET cost_nanousd = ?2 WHERE id = ?1 AND cost_nanousd IS NOT ?2",
            [.integer(sessionKey), .integer(cost)])
    }
}

/// What sessions are summed by.
package struct UsageBucket: Hashable, Sendable {
    package let day: UTCDay
    package let agentID: String
    package let modelID: String
    /// Empty where none is said.
    package let taskCategory: String

    package init(day: UTCDay, agentID: String, modelID: String, taskCategory: String) {
        self.day = day
        self.agentID = agentID
        self.modelID = modelID
        self.taskCategory = taskCategory
    }

    init(_ row: borrowing Row, from first: Int32) {
        self.init(
            day: UTCDay(row.integer(first)), agentID: row.text(first + 1), modelID: row.text(first + 2),
            taskCategory: row.text(first + 3))
    }

    fileprivate var bindings: [Value] {
        [.integer(day.number), .text(agentID), .text(modelID), .text(taskCategory)]
    }
}

extension Query {
    package static func usageBucketID(_ bucket: UsageBucket) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM usage_bucket
             WHERE day = ?1 AND agent_id = ?2 AND model_id = ?3 AND task_category = ?4
            """, bucket.bindings
        ) { $0.integer(0) }
    }

    package static func addUsageBucket(_ bucket: UsageBucket) -> Query<Void> {
        Query<Void>(
            "INSERT INTO usage_bucket (day, agent_id, model_id, task_category) VALUES (?1, ?2, ?3, ?4)",
            bucket.bindings)
    }

    package static func usageBucket(_ id: Int64) -> Query<UsageBucket> {
        Query<UsageBucket>(
            "SELECT day, agent_id, model_id, task_category FROM usage_bucket WHERE id = ?1", [.integer(id)]
        ) { UsageBucket($0, from: 0) }
    }
}
