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
        if filter == words, sort == .newest {
            guard place.offset < hits, place.limit > 0 else { return ([], hits) }
            let last = place.offset + min(place.limit, hits - place.offset)
            if Double(everybody) * Double(last) / Double(hits) < Double(hits * SessionCost.session) {
                return (try run(.newestFoundIDs(filter, at: place)), hits)
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
        let days = UTCDay(span.lowerBound)...UTCDay(span.upperBound)
        var best: (way: SearchWay?, cost: Double) = (nil, Double(hits * SessionCost.session))
        func consider(_ way: SearchWay, passing count: Int, at cost: Int) {
            // Of the hits as many as of all sessions, and those are looked at.
            let met = Double(hits) * Double(count) / Double(everybody)
            let cost = Double(hits * SessionCost.hit + cost) + met * Double(SessionCost.session)
            if min(hits, count) <= sorted, cost < best.cost { best = (way, cost) }
        }
        if filter.agent != nil || filter.model != nil {
            let theirs = try lookedUp(filter, days)
            let count = theirs.values.reduce(0, +)
            consider(
                .buckets(Array(theirs.keys)), passing: count,
                at: theirs.reduce(0) { $0 + SessionCost.look(filter, count: $1.value, everybody: all[$1.key] ?? 0) })
        }
        if filter.from != nil || filter.to != nil {
            let count = all.reduce(0) { days.contains($1.key) ? $0 + $1.value : $0 }
            consider(.span(span), passing: count, at: count * SessionCost.probe)
        }
        return best.way
    }
}

/// How hits are met.
private enum SearchWay {
    /// Among what an agent or a model has on some days.
    case buckets([UTCDay])
    /// Among what started in a part of time.
    case span(ClosedRange<Timestamp>)

    func query(_ filter: SessionFilter, _ sort: SessionSort) -> Query<Int64> {
        switch self {
        case .buckets(let days): .foundInBuckets(filter, on: days, sort: sort)
        case .span(let span): .foundInSpan(filter, in: span, sort: sort)
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

    /// The newest of them first: walks the index of all sessions past those in whose text the words do not occur.
    fileprivate static func newestFoundIDs(
        _ filter: SessionFilter, at place: (offset: Int, limit: Int)
    ) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_newest
             WHERE id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?1)
             ORDER BY started_at_ms DESC, session_id LIMIT ?2 OFFSET ?3
            """, [.text(filter.match), .integer(place.limit), .integer(place.offset)]
        ) { $0.integer(0) }
    }

    /// All of them, met among what an agent or a model has on some days: looks at these sessions alone.
    fileprivate static func foundInBuckets(
        _ filter: SessionFilter, on days: [UTCDay], sort: SessionSort
    ) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT session_ledger.id
              FROM json_each(?9) AS wanted
              CROSS JOIN usage_bucket AS bucket
                ON bucket.day = wanted.value AND bucket.agent_id BETWEEN coalesce(?3, '') AND ?6
              CROSS JOIN session_usage AS usage INDEXED BY session_usage_bucket
                ON usage.bucket_id = bucket.id AND usage.superseded_at_ms IS NULL
               AND usage.status BETWEEN coalesce(?4, '') AND ?7
              CROSS JOIN session_ledger ON session_ledger.id = usage.session_key
             WHERE usage.started_at_ms BETWEEN ?1 AND ?2 AND (?5 IS NULL OR bucket.model_id = ?5)
               AND usage.session_key IN (SELECT rowid FROM session_text WHERE session_text MATCH ?10)
             ORDER BY CASE ?8 WHEN 'runtime' THEN session_ledger.runtime_ms
                              WHEN 'cost' THEN session_ledger.cost_nanousd END DESC NULLS LAST,
                      session_ledger.started_at_ms DESC, session_ledger.session_id
            """,
            filter.bindings + [
                .text(filter.agent ?? lastName), .text(filter.status?.rawValue ?? "~"), .text(sort.rawValue),
                .text(list(days.map(\.number))), .text(filter.match),
            ]
        ) { $0.integer(0) }
    }

    /// The same among what started in a part of time.
    fileprivate static func foundInSpan(
        _ filter: SessionFilter, in span: ClosedRange<Timestamp>, sort: SessionSort
    ) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM session_ledger INDEXED BY session_newest
             WHERE started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
               AND id IN (SELECT rowid FROM session_text WHERE session_text MATCH ?7)
             ORDER BY CASE ?6 WHEN 'runtime' THEN runtime_ms WHEN 'cost' THEN cost_nanousd END DESC NULLS LAST,
                      started_at_ms DESC, session_id
            """, filter.bindings(in: span) + [.text(sort.rawValue), .text(filter.match)]
        ) { $0.integer(0) }
    }
}
