package import Model
package import SQLite

/// Which sessions are asked for. What is `nil` does not matter.
package struct SessionFilter: Equatable, Sendable {
    package var agent: String?
    package var status: SessionStatus?
    package var model: String?
    /// When the session started, both inclusive.
    package var from: Timestamp?
    package var to: Timestamp?
    /// Words that must all occur in a session's title, text or error.
    package var words: [String] = []

    package init() {}

    /// Moments at which a session of the filter may have started; `nil`: there is none.
    var span: ClosedRange<Timestamp>? {
        let first = max(from ?? UTCDay.all.lowerBound, UTCDay.all.lowerBound)
        let last = min(to ?? UTCDay.all.upperBound, UTCDay.all.upperBound)
        return first <= last ? first...last : nil
    }

    /// The same of a part of time.
    func within(_ range: ClosedRange<Timestamp>) -> SessionFilter {
        var part = self
        part.from = max(from ?? range.lowerBound, range.lowerBound)
        part.to = min(to ?? range.upperBound, range.upperBound)
        return part
    }

    /// ?1 to ?5 of each statement below.
    var bindings: [Value] {
        [
            .integer(from?.milliseconds ?? .min), .integer(to?.milliseconds ?? .max), .text(agent),
            .text(status?.rawValue), .text(model),
        ]
    }

    /// The same for a part of the filter's span.
    func bindings(in span: ClosedRange<Timestamp>) -> [Value] {
        [.integer(span.lowerBound.milliseconds), .integer(span.upperBound.milliseconds)] + bindings.dropFirst(2)
    }
}

/// What comes first in a list of sessions.
package enum SessionSort: String, CaseIterable, Sendable {
    case newest, runtime, cost
}

extension Query {
    /// How many sessions of a filter started on each of some days, the last day first; days without are left out. From
    /// the sums, and from what these do not show: exact at every moment.
    static func sessionDays(_ filter: SessionFilter, _ days: ClosedRange<UTCDay>) -> Query<(day: UTCDay, count: Int)> {
        var scope: UsageScope = []
        if filter.agent != nil { scope.insert(.agent) }
        if filter.model != nil { scope.insert(.model) }
        return Query<(day: UTCDay, count: Int)>(
            """
            SELECT day, sum(amount) FROM (
                SELECT day, CASE ?4 WHEN 'queued' THEN queued WHEN 'running' THEN running WHEN 'success' THEN success
                                    WHEN 'failed' THEN failed WHEN 'killed' THEN killed
                                    WHEN 'cancelled' THEN cancelled ELSE runs END AS amount
                  FROM daily_usage_agg
                 WHERE scope = ?1 AND agent_id = coalesce(?2, '') AND model_id = coalesce(?3, '')
                   AND task_category = '' AND day BETWEEN ?5 AND ?6
                UNION ALL
                SELECT bucket.day, -1
                  FROM usage_pending AS pending CROSS JOIN usage_bucket AS bucket ON bucket.id = pending.bucket_id
                 WHERE bucket.day BETWEEN ?5 AND ?6 AND (?2 IS NULL OR bucket.agent_id = ?2)
                   AND (?3 IS NULL OR bucket.model_id = ?3) AND (?4 IS NULL OR pending.status = ?4)
                UNION ALL
                SELECT bucket.day, 1
                  FROM usage_pending AS pending
                  CROSS JOIN session_usage AS usage
                    ON usage.session_key = pending.session_key AND usage.superseded_at_ms IS NULL
                  CROSS JOIN usage_bucket AS bucket ON bucket.id = usage.bucket_id
                 WHERE bucket.day BETWEEN ?5 AND ?6 AND (?2 IS NULL OR bucket.agent_id = ?2)
                   AND (?3 IS NULL OR bucket.model_id = ?3) AND (?4 IS NULL OR usage.status = ?4))
             GROUP BY day HAVING sum(amount) > 0 ORDER BY day DESC
            """,
            [
                .integer(scope.rawValue), .text(filter.agent), .text(filter.model),
                .text(filter.status?.rawValue), .integer(days.lowerBound.number), .integer(days.upperBound.number),
            ]
        ) { (UTCDay($0.integer(0)), $0.count(1)) }
    }

    /// One row: how many sessions of a filter started in a part of a day. Reads the index alone.
    static func sessionCount(_ filter: SessionFilter, in span: ClosedRange<Timestamp>) -> Query<Int> {
        Query<Int>(
            """
            SELECT count(*) FROM session_ledger INDEXED BY session_newest
             WHERE started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
            """, filter.bindings(in: span)
        ) { $0.count(0) }
    }

    /// The newest of a span first. Walks the index of all sessions and looks at the filter's columns there: for spans
    /// of which the filter leaves a good part.
    static func newestSessionIDs(
        _ filter: SessionFilter, in span: ClosedRange<Timestamp>, at place: (offset: Int, limit: Int)
    ) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_newest
             WHERE started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, filter.bindings(in: span) + [.integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// The same by what an agent or a model has on some days, in any order: reads the index of the buckets for all of
    /// it, and the sessions themselves for the page alone.
    static func bucketSessionIDs(
        _ filter: SessionFilter, on days: [UTCDay], sort: SessionSort, at place: (offset: Int, limit: Int)
    ) -> Query<Int64> {
        Query<Int64>(
            """
            WITH found AS MATERIALIZED (
                SELECT usage.session_key AS id, usage.started_at_ms AS started,
                       CASE ?8 WHEN 'runtime' THEN coalesce(usage.runtime_ms, -1)
                               WHEN 'cost' THEN coalesce(usage.cost_nanousd, -1) ELSE 0 END AS worth
                  FROM json_each(?9) AS wanted
                  CROSS JOIN usage_bucket AS bucket
                    ON bucket.day = wanted.value AND bucket.agent_id BETWEEN coalesce(?3, '') AND ?6
                  CROSS JOIN session_usage AS usage INDEXED BY session_usage_bucket
                    ON usage.bucket_id = bucket.id AND usage.superseded_at_ms IS NULL
                   AND usage.status BETWEEN coalesce(?4, '') AND ?7
                 WHERE usage.started_at_ms BETWEEN ?1 AND ?2 AND (?5 IS NULL OR bucket.model_id = ?5)),
            -- The last one of the page; those that are worth as much and began with it are told apart by their ids.
            edge AS MATERIALIZED (
                SELECT worth, started FROM found ORDER BY worth DESC, started DESC LIMIT 1 OFFSET ?10 + ?11 - 1)
            SELECT found.id
              FROM found LEFT JOIN edge ON true CROSS JOIN session_ledger ON session_ledger.id = found.id
             WHERE edge.started IS NULL OR (found.worth, found.started) >= (edge.worth, edge.started)
             ORDER BY found.worth DESC, found.started DESC, session_ledger.session_id LIMIT ?10 OFFSET ?11
            """,
            filter.bindings + [
                .text(filter.agent ?? lastName), .text(filter.status?.rawValue ?? "~"), .text(sort.rawValue),
                .text(list(days.map(\.number))), .integer(place.limit), .integer(place.offset),
            ]
        ) { $0.integer(0) }
    }

    /// Behind every name of an agent: these have 512 characters at most.
    static var lastName: String { String(repeating: "\u{10FFFF}", count: 513) }

    /// The longest first: the index of the sort, with the filter's columns in it.
    static func longestSessionIDs(_ filter: SessionFilter, at place: (offset: Int, limit: Int)) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_by_runtime
             WHERE started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY runtime_ms DESC NULLS LAST, started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, filter.bindings + [.integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// The dearest first; see ``longestSessionIDs(_:at:)``.
    static func dearestSessionIDs(_ filter: SessionFilter, at place: (offset: Int, limit: Int)) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_by_cost
             WHERE started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY cost_nanousd DESC NULLS LAST, started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, filter.bindings + [.integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// One row: how many sessions that are under way say how long they took, which few do.
    static func openTimedCount(_ filter: SessionFilter) -> Query<Int> {
        Query<Int>(
            """
            SELECT count(*) FROM session_ledger INDEXED BY session_open_timed
             WHERE status IN ('running', 'queued') AND runtime_ms IS NOT NULL AND started_at_ms BETWEEN ?1 AND ?2
               AND (?3 IS NULL OR agent_id = ?3) AND status = ?4 AND (?5 IS NULL OR model_id = ?5)
            """, filter.bindings
        ) { $0.count(0) }
    }

    /// These, the longest first.
    static func openTimedSessionIDs(_ filter: SessionFilter, at place: (offset: Int, limit: Int)) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_open_timed
             WHERE status IN ('running', 'queued') AND runtime_ms IS NOT NULL AND started_at_ms BETWEEN ?1 AND ?2
               AND (?3 IS NULL OR agent_id = ?3) AND status = ?4 AND (?5 IS NULL OR model_id = ?5)
             ORDER BY runtime_ms DESC, started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, filter.bindings + [.integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// Those that do not say how long they took, the newest first: they end the index of the runtimes.
    static func untimedSessionIDs(_ filter: SessionFilter, at place: (offset: Int, limit: Int)) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_by_runtime
             WHERE runtime_ms IS NULL AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, filter.bindings + [.integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// Some of these, in another order.
    static func sessionIDs(
        among ids: [Int64], sort: SessionSort, at place: (offset: Int, limit: Int)
    ) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger WHERE id IN (SELECT value FROM json_each(?1))
             ORDER BY CASE ?2 WHEN 'runtime' THEN runtime_ms WHEN 'cost' THEN cost_nanousd END DESC NULLS LAST,
                      started_at_ms DESC, session_id
             LIMIT ?3 OFFSET ?4
            """, [.text(list(ids)), .text(sort.rawValue), .integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    static func list(_ ids: [Int64]) -> String {
        "[" + ids.map(String.init).joined(separator: ",") + "]"
    }

    /// The sessions themselves, in the order of the ids.
    package static func sessions(_ ids: [Int64]) -> Query<SessionRow> {
        Query<SessionRow>(
            """
            SELECT session_id, run_id, agent_id, agent_label, model_id, provider, task_title, task_text,
                   task_category, status, started_at_ms, ended_at_ms, runtime_ms, runtime_source, artifact_count,
                   error_code, error_message, source, contract, source_version, fingerprint, revision,
                   first_ingested_at_ms, ingested_at_ms, own_key
              FROM json_each(?1) AS wanted CROSS JOIN session_ledger ON session_ledger.id = wanted.value
             ORDER BY wanted.key
            """, [.text(list(ids))]
        ) { SessionRow($0) }
    }

    /// How many sessions stand where: from the sums, and from what these do not show.
    package static func sessionCounts() -> Query<(status: String, count: Int)> {
        Query<(status: String, count: Int)>(
            """
            WITH sums AS (SELECT queued, running, success, failed, killed, cancelled FROM daily_usage_agg
                           WHERE scope = 0 AND agent_id = '' AND model_id = '' AND task_category = '')
            SELECT status, sum(amount) FROM (
                SELECT 'queued' AS status, queued AS amount FROM sums UNION ALL SELECT 'running', running FROM sums
                UNION ALL SELECT 'success', success FROM sums UNION ALL SELECT 'failed', failed FROM sums
                UNION ALL SELECT 'killed', killed FROM sums UNION ALL SELECT 'cancelled', cancelled FROM sums
                UNION ALL SELECT status, -1 FROM usage_pending WHERE status IS NOT NULL
                UNION ALL SELECT usage.status, 1
                  FROM usage_pending AS pending CROSS JOIN session_usage AS usage
                    ON usage.session_key = pending.session_key AND usage.superseded_at_ms IS NULL)
             GROUP BY status HAVING sum(amount) > 0 ORDER BY status
            """
        ) { ($0.text(0), $0.count(1)) }
    }
}
