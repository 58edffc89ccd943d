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

    var isEmpty: Bool { self == SessionFilter() }

    /// ?1 to ?5 of each statement below.
    fileprivate var bindings: [Value] {
        [
            .integer(from?.milliseconds ?? .min), .integer(to?.milliseconds ?? .max), .text(agent),
            .text(status?.rawValue), .text(model),
        ]
    }

    /// The words in FTS5's language: each is a phrase in quotes, so nothing in it is an operator.
    fileprivate var match: String {
        words.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: " ")
    }
}

/// What comes first in a list of sessions.
package enum SessionSort: String, CaseIterable, Sendable {
    case newest, runtime, cost
}

extension Connection {
    /// From how many sessions on a sort walks an index instead of looking at each of them.
    private static var few: Int { 2_000 }

    /// One page of the sessions that a filter leaves, and how many it leaves in all.
    ///
    /// A filter by agent, status or model reads that one's index; a sort by runtime or cost reads the index of the sort
    /// where the filter leaves many, and sorts them where it leaves few.
    package func sessions(
        _ filter: SessionFilter, sort: SessionSort, offset: Int, limit: Int
    ) throws(SQLiteError) -> (rows: [SessionRow], total: Int) {
        let total = try run(Query<Int>.sessionCount(filter)).first ?? 0
        guard offset < total, limit > 0 else { return ([], total) }
        let place = (offset, limit)
        let ids: [Int64]
        switch sort {
        case _ where !filter.words.isEmpty: ids = try run(.sessionIDs(filter, sort: sort, at: place))
        case .newest: ids = try run(.newestSessionIDs(filter, at: place))
        case _ where total <= Self.few:
            let all = try run(Query<Int64>.newestSessionIDs(filter, at: (0, total)))
            ids = try run(.sessionIDs(among: all, sort: sort, at: place))
        case .runtime: ids = try run(.longestSessionIDs(filter, at: place))
        case .cost: ids = try run(.dearestSessionIDs(filter, at: place))
        }
        return (try run(.sessions(ids)), total)
    }
}

extension Query {
    /// One row: how many sessions a filter leaves. Each statement reads one index; a column that another filter needs
    /// is looked up only if there is that filter.
    static func sessionCount(_ filter: SessionFilter) -> Query<Int> {
        let values = filter.bindings
        if filter.isEmpty { return Query<Int>("SELECT count(*) FROM session_ledger") { $0.count(0) } }
        if !filter.words.isEmpty {
            return Query<Int>(
                """
                SELECT count(*) FROM session_text JOIN session_ledger ON session_ledger.id = session_text.rowid
                 WHERE session_text MATCH ?6 AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
                   AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
                """, values + [.text(filter.match)]
            ) { $0.count(0) }
        }
        if filter.agent != nil {
            return Query<Int>(
                """
                SELECT count(*) FROM session_ledger
                 WHERE agent_id = ?3 AND started_at_ms BETWEEN ?1 AND ?2 AND (?4 IS NULL OR status = ?4)
                   AND (?5 IS NULL OR model_id = ?5)
                """, values
            ) { $0.count(0) }
        }
        if filter.model != nil {
            return Query<Int>(
                """
                SELECT count(*) FROM session_ledger
                 WHERE model_id = ?5 AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
                   AND (?4 IS NULL OR status = ?4)
                """, values
            ) { $0.count(0) }
        }
        if filter.status != nil {
            return Query<Int>(
                "SELECT count(*) FROM session_ledger WHERE status = ?3 AND started_at_ms BETWEEN ?1 AND ?2",
                [values[0], values[1], values[3]]
            ) { $0.count(0) }
        }
        return Query<Int>(
            "SELECT count(*) FROM session_ledger WHERE started_at_ms BETWEEN ?1 AND ?2", [values[0], values[1]]
        ) { $0.count(0) }
    }

    /// The newest first, by the index of the agent, the model or the status that is asked for.
    static func newestSessionIDs(_ filter: SessionFilter, at place: (offset: Int, limit: Int)) -> Query<Int64> {
        let values = filter.bindings + [.integer(place.limit), .integer(place.offset)]
        if filter.agent != nil {
            return Query<Int64>(
                """
                SELECT id FROM session_ledger
                 WHERE agent_id = ?3 AND started_at_ms BETWEEN ?1 AND ?2 AND (?4 IS NULL OR status = ?4)
                   AND (?5 IS NULL OR model_id = ?5)
                 ORDER BY started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
                """, values
            ) { $0.integer(0) }
        }
        if filter.model != nil {
            return Query<Int64>(
                """
                SELECT id FROM session_ledger
                 WHERE model_id = ?5 AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
                   AND (?4 IS NULL OR status = ?4)
                 ORDER BY started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
                """, values
            ) { $0.integer(0) }
        }
        if filter.status != nil {
            return Query<Int64>(
                """
                SELECT id FROM session_ledger
                 WHERE status = ?4 AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
                   AND (?5 IS NULL OR model_id = ?5)
                 ORDER BY started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
                """, values
            ) { $0.integer(0) }
        }
        return Query<Int64>(
            """
            SELECT id FROM session_ledger
             WHERE started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, values
        ) { $0.integer(0) }
    }

    /// The longest first. The signs keep the planner from the indices of the filters, which are not in this order.
    static func longestSessionIDs(_ filter: SessionFilter, at place: (offset: Int, limit: Int)) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger
             WHERE +started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY runtime_ms DESC NULLS LAST, started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, filter.bindings + [.integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// The dearest first; see ``longestSessionIDs(_:at:)``.
    static func dearestSessionIDs(_ filter: SessionFilter, at place: (offset: Int, limit: Int)) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger
             WHERE +started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY cost_nanousd DESC NULLS LAST, started_at_ms DESC, session_id LIMIT ?6 OFFSET ?7
            """, filter.bindings + [.integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// Those in whose text all words occur, in any order.
    static func sessionIDs(
        _ filter: SessionFilter, sort: SessionSort, at place: (offset: Int, limit: Int)
    ) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT session_ledger.id FROM session_text JOIN session_ledger ON session_ledger.id = session_text.rowid
             WHERE session_text MATCH ?6 AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
             ORDER BY CASE ?7 WHEN 'runtime' THEN runtime_ms WHEN 'cost' THEN cost_nanousd END DESC NULLS LAST,
                      started_at_ms DESC, session_id
             LIMIT ?8 OFFSET ?9
            """,
            filter.bindings + [
                .text(filter.match), .text(sort.rawValue), .integer(place.limit), .integer(place.offset),
            ]
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

    private static func list(_ ids: [Int64]) -> String {
        "[" + ids.map(String.init).joined(separator: ",") + "]"
    }

    /// The sessions themselves, in the order of the ids.
    static func sessions(_ ids: [Int64]) -> Query<SessionRow> {
        Query<SessionRow>(
            """
            SELECT session_id, run_id, agent_id, agent_label, model_id, provider, task_title, task_text,
                   task_category, status, started_at_ms, ended_at_ms, runtime_ms, runtime_source, artifact_count,
                   error_code, error_message, source, contract, source_version, fingerprint, revision,
                   first_ingested_at_ms, ingested_at_ms
              FROM json_each(?1) AS wanted CROSS JOIN session_ledger ON session_ledger.id = wanted.value
             ORDER BY wanted.key
            """, [.text(list(ids))]
        ) { SessionRow($0) }
    }

    /// How many sessions stand where.
    package static func sessionCounts() -> Query<(status: String, count: Int)> {
        Query<(status: String, count: Int)>(
            "SELECT status, count(*) FROM session_ledger GROUP BY status ORDER BY status"
        ) { ($0.text(0), $0.count(1)) }
    }
}
