import Model
import SQLite

/// Sessions in whose text words occur. The text index says in how many and in which, but nothing else of them; so what
/// else is asked for is looked up at each hit, in an index that has the sessions in the order of their numbers without
/// their texts.
extension Connection {
    /// One page of them, and how many there are.
    /// - Parameter all: how many sessions started on each day; `sorted`: of more hits, only a page is sorted at once.
    func found(
        _ filter: SessionFilter, _ sort: SessionSort, _ place: (offset: Int, limit: Int),
        all: [UTCDay: Int], sorted: Int
    ) throws(SQLiteError) -> (ids: [Int64], total: Int) {
        let hits = try run(Query<Int>.wordCount(filter)).first ?? 0
        guard hits > 0, filter.span != nil else { return ([], 0) }
        var words = SessionFilter()
        words.words = filter.words
        if filter == words {
            guard place.offset < hits, place.limit > 0 else { return ([], hits) }
            let last = place.offset + min(place.limit, hits - place.offset)
            let passed = Double(all.values.reduce(0, +)) * Double(last) / Double(hits)
            if passed < Double(hits * SessionCost.brief) {
                return (try run(.firstFoundIDs(filter, sort: sort, at: place)), hits)
            }
        }
        if hits > sorted {
            let total = try run(Query<Int>.foundSessionCount(filter)).first ?? 0
            guard place.offset < total, place.limit > 0 else { return ([], total) }
            return (try run(.foundSessionIDs(filter, sort: sort, at: place)), total)
        }
        let found = try run(.foundSessions(filter, sort: sort))
        return (try page(of: found, place), found.count)
    }

    /// Those of a page, in their order: the highest first, then the newest, and of equals the one whose id comes first.
    private func page(of found: [FoundSession], _ place: (offset: Int, limit: Int)) throws(SQLiteError) -> [Int64] {
        guard place.offset < found.count, place.limit > 0 else { return [] }
        let found = found.sorted { $0.comesBefore($1) }
        let last = place.offset + min(place.limit, found.count - place.offset)
        // Equals are told apart by what is not in the index: those of the page, and those at its edges.
        let first = found[..<place.offset].lastIndex { $0.comesBefore(found[place.offset]) }.map { $0 + 1 } ?? 0
        let end = found[last...].firstIndex { found[last - 1].comesBefore($0) } ?? found.count
        let near = found[first..<end]
        let equals = zip(near, near.dropFirst()).contains { !$0.comesBefore($1) }
        guard equals else { return near.map(\.id) }
        let names = Dictionary(
            try run(.sessionNames(near.map(\.id))).map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        return near.sorted { left, right in
            if left.comesBefore(right) { return true }
            if right.comesBefore(left) { return false }
            return (names[left.id] ?? "").utf8.lexicographicallyPrecedes((names[right.id] ?? "").utf8)
        }.dropFirst(place.offset - first).prefix(last - place.offset).map(\.id)
    }
}

/// A session in whose text words occur, as far as its place in a list needs it.
private struct FoundSession {
    let id: Int64
    /// By which it is sorted before the start; nobody knows: last of all.
    let value: Int64?
    let startedAt: Int64

    func comesBefore(_ other: FoundSession) -> Bool {
        let (mine, others) = (value ?? .min, other.value ?? .min)
        return mine != others ? mine > others : startedAt > other.startedAt
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
            SELECT count(*) FROM session_text CROSS JOIN session_ledger INDEXED BY session_brief
                ON session_ledger.id = session_text.rowid
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

    /// All of them in the order of their numbers: looks at every hit, in the index alone.
    fileprivate static func foundSessions(_ filter: SessionFilter, sort: SessionSort) -> Query<FoundSession> {
        Query<FoundSession>(
            """
            SELECT session_ledger.id, CASE ?7 WHEN 'runtime' THEN runtime_ms WHEN 'cost' THEN cost_nanousd END,
                   started_at_ms
              FROM session_text CROSS JOIN session_ledger INDEXED BY session_brief
                ON session_ledger.id = session_text.rowid
             WHERE session_text MATCH ?6 AND started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent_id = ?3)
               AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR model_id = ?5)
            """, filter.bindings + [.text(filter.match), .text(sort.rawValue)]
        ) { FoundSession(id: $0.integer(0), value: $0.integerOrNull(1), startedAt: $0.integer(2)) }
    }

    fileprivate static func sessionNames(_ ids: [Int64]) -> Query<(id: Int64, name: String)> {
        Query<(id: Int64, name: String)>(
            "SELECT id, session_id FROM session_ledger WHERE id IN (SELECT value FROM json_each(?1))",
            [.text(list(ids))]
        ) { ($0.integer(0), $0.text(1)) }
    }
}
