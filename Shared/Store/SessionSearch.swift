import Model
import SQLite

/// Sessions in whose text words occur. The text index says in how many and in which, but nothing else of them; so what
/// else is asked for is looked up at each hit, or the hits are met among those that have it, whichever passes less.
extension Connection {
    /// One page of them, and how many there are.
    /// - Parameter all: how many sessions started on each day; `sorted`: of more hits, only a page is sorted at once.
    func found(
        _ filter: SessionFilter, _ sort: SessionSort, _ place: (offset: Int, limit: Int),
        all: [UTCDay: Int], sorted: Int
    ) throws(SQLiteError) -> (ids: [Int64], total: Int) {
        let hits = try run(Query<Int>.wordCount(filter)).first ?? 0
        guard hits > 0, let span = filter.span else { return ([], 0) }
        let everybody = all.values.reduce(0, +)
        var words = SessionFilter()
        words.words = filter.words
        if filter == words {
            guard place.offset < hits, place.limit > 0 else { return ([], hits) }
            let last = place.offset + min(place.limit, hits - place.offset)
            if Double(everybody) * Double(last) / Double(hits) < Double(hits * SessionCost.session) {
                return (try run(.firstFoundIDs(filter, sort: sort, at: place)), hits)
            }
        }
        let ids: [Int64]
        if let way = try wayPastFewer(filter, span, hits: hits, all: all, sorted: sorted) {
            ids = try run(way.query(filter, sort))
        } else if hits > sorted {
            let total = try run(Query<Int>.foundSessionCount(filter)).first ?? 0
            guard place.offset < total, place.limit > 0 else { return ([], total) }
            return (try run(.foundSessionIDs(filter, sort: sort, at: place)), total)
        } else {
            ids = try run(.foundSessionIDs(filter, sort: sort, at: (0, hits)))
        }
        // Finding and counting are one look at each.
        guard place.offset < ids.count, place.limit > 0 else { return ([], ids.count) }
        return (Array(ids[place.offset...].prefix(place.limit)), ids.count)
    }

    /// A way that does not look at each hit, if one passes less.
    private func wayPastFewer(
        _ filter: SessionFilter, _ span: ClosedRange<Timestamp>, hits: Int, all: [UTCDay: Int], sorted: Int
    ) throws(SQLiteError) -> SearchWay? {
        let everybody = max(1, all.values.reduce(0, +))
        let ever = UTCDay(UTCDay.all.lowerBound)...UTCDay(UTCDay.all.upperBound)
        let days = UTCDay(span.lowerBound)...UTCDay(span.upperBound)
        var best: (way: SearchWay?, cost: Double) = (nil, Double(hits * SessionCost.session))
        func consider(_ way: SearchWay, passing count: Int) {
            // Of the hits as many as of all sessions, and those are looked at.
            let met = Double(hits) * Double(count) / Double(everybody)
            let passed = Double(hits * SessionCost.hit + count * SessionCost.probe)
            let cost = passed + met * Double(SessionCost.session)
            if min(hits, count) <= sorted, cost < best.cost { best = (way, cost) }
        }
        if filter.agent != nil || filter.model != nil {
            var theirs = SessionFilter()
            (theirs.agent, theirs.model) = (filter.agent, filter.model)
            consider(.agentOrModel, passing: try dayCounts(theirs, ever).values.reduce(0, +))
        }
        if let status = filter.status, status != .success {
            var alike = SessionFilter()
            alike.status = status
            consider(.status, passing: try dayCounts(alike, ever).values.reduce(0, +))
        }
        if filter.from != nil || filter.to != nil {
            consider(.span, passing: all.reduce(0) { days.contains($1.key) ? $0 + $1.value : $0 })
        }
        return best.way
    }
}

/// Among which sessions hits are met; of these, those that are met are looked at.
private enum SearchWay {
    case agentOrModel
    /// Not for success: most sessions have it, and no index.
    case status
    /// What started in the filter's span.
    case span

    func query(_ filter: SessionFilter, _ sort: SessionSort) -> Query<Int64> {
        switch self {
        case .agentOrModel: .foundOfAgentOrModel(filter, sort: sort)
        case .status: .foundUnsuccessful(filter, sort: sort)
        case .span: .foundInSpan(filter, sort: sort)
        }
    }
}

extension SessionFilter {
    /// The words in FTS5's language: each is a phrase in quotes, so nothing in it is an operator.
    fileprivate var match: String {
        words.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: " ")
    }
}

extension Query {
    /// One row: in how many sessions all words occur, whatever else is asked for.
    fileprivate static func wordCount(_ filter: SessionFilter) -> Query<Int> {
        Query<Int>("SELECT count(*) FROM session_text WHERE session_text MATCH ?1", [.text(filter.match)]) {
            $0.count(0)
        }
    }

    /// One row: in how many sessions of a filter all words occur.
    fileprivate static func foundSessionCount(_ filter: SessionFilter) -> Query<Int> {
        Query<Int>(
            """
            SELECT count(*) FROM session_text JOIN session_ledger ON session_ledger.id = session_text.rowid
             WHERE session_text MATCH ?6 AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
            """, filter.bindings + [.text(filter.match)]
        ) { $0.count(0) }
    }

    /// Of the sessions of a filter those in whose text all words occur, in any order: looks at every hit.
    fileprivate static func foundSessionIDs(
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

    /// The first of them: walks the index of the sort past those in whose text the words do not occur.
    fileprivate static func firstFoundIDs(
        _ filter: SessionFilter, sort: SessionSort, at place: (offset: Int, limit: Int)
    ) -> Query<Int64> {
        let bindings: [Value] = [.text(filter.match), .integer(place.limit), .integer(place.offset)]
        switch sort {
        case .newest:
            return Query<Int64>(
                """
                SELECT id FROM session_ledger INDEXED BY session_newest
                 WHERE id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?1)
                 ORDER BY started_at_ms DESC, session_id LIMIT ?2 OFFSET ?3
                """, bindings
            ) { $0.integer(0) }
        case .runtime:
            return Query<Int64>(
                """
                SELECT id FROM session_ledger INDEXED BY session_by_runtime
                 WHERE id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?1)
                 ORDER BY runtime_ms DESC NULLS LAST, started_at_ms DESC, session_id LIMIT ?2 OFFSET ?3
                """, bindings
            ) { $0.integer(0) }
        case .cost:
            return Query<Int64>(
                """
                SELECT id FROM session_ledger INDEXED BY session_by_cost
                 WHERE id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?1)
                 ORDER BY cost_nanousd DESC NULLS LAST, started_at_ms DESC, session_id LIMIT ?2 OFFSET ?3
                """, bindings
            ) { $0.integer(0) }
        }
    }

    /// All of them, met among what an agent or a model has.
    fileprivate static func foundOfAgentOrModel(_ filter: SessionFilter, sort: SessionSort) -> Query<Int64> {
        Query<Int64>(
            """
            WITH RECURSIVE model (name) AS (
                SELECT coalesce(?5, (SELECT min(model_id) FROM session_ledger INDEXED BY session_by_model))
                UNION ALL
                SELECT (SELECT min(model_id) FROM session_ledger INDEXED BY session_by_model WHERE model_id > name)
                  FROM model WHERE ?5 IS NULL AND name IS NOT NULL)
            SELECT id
              FROM model CROSS JOIN session_ledger INDEXED BY session_by_model
                ON model_id = model.name AND agent_id BETWEEN coalesce(?3, '') AND ?8
             WHERE id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?7)
               AND started_at_ms BETWEEN ?1 AND ?2 AND (?4 IS NULL OR status = ?4)
             ORDER BY CASE ?6 WHEN 'runtime' THEN runtime_ms WHEN 'cost' THEN cost_nanousd END DESC NULLS LAST,
                      started_at_ms DESC, session_id
            """,
            filter.bindings + [.text(sort.rawValue), .text(filter.match), .text(filter.agent ?? lastName)]
        ) { $0.integer(0) }
    }

    /// The same among what did not succeed.
    fileprivate static func foundUnsuccessful(_ filter: SessionFilter, sort: SessionSort) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_unsuccessful
             WHERE status <> 'success' AND status = ?4
               AND id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?7)
               AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?5 IS NULL OR model_id = ?5)
             ORDER BY CASE ?6 WHEN 'runtime' THEN runtime_ms WHEN 'cost' THEN cost_nanousd END DESC NULLS LAST,
                      started_at_ms DESC, session_id
            """, filter.bindings + [.text(sort.rawValue), .text(filter.match)]
        ) { $0.integer(0) }
    }

    /// The same among what started in the filter's span.
    fileprivate static func foundInSpan(_ filter: SessionFilter, sort: SessionSort) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_newest
             WHERE started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
               AND id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?7)
             ORDER BY CASE ?6 WHEN 'runtime' THEN runtime_ms WHEN 'cost' THEN cost_nanousd END DESC NULLS LAST,
                      started_at_ms DESC, session_id
            """, filter.bindings + [.text(sort.rawValue), .text(filter.match)]
        ) { $0.integer(0) }
    }
}
