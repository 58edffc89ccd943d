import Model
package import SQLite

/// A part of time in which sessions of a filter started.
private struct SessionSpan {
    var range: ClosedRange<Timestamp>
    /// How many are the filter's.
    var count: Int
    /// What its agent or model has there is looked up one by one; otherwise one walks over all there is.
    var isRare = false
    /// As entries of an index, what finding all of them costs.
    var cost: Int

    /// Looking a session up costs as much as walking over so many entries of an index.
    static let look = 50

    var days: [UTCDay] {
        (UTCDay(range.lowerBound).number...UTCDay(range.upperBound).number).map { UTCDay($0) }
    }
}

/// How a page is found: the sums say how many of a filter's sessions started on which day, so that the days before the
/// page are counted and not looked at, and those on which there are none are left out.
extension Connection {
    /// One page of the sessions that a filter leaves, and how many it leaves in all.
    package func sessions(
        _ filter: SessionFilter, sort: SessionSort, offset: Int, limit: Int
    ) throws(SQLiteError) -> (rows: [SessionRow], total: Int) {
        let (ids, total) = try sessionIDs(filter, sort: sort, offset: offset, limit: limit)
        return (try run(.sessions(ids)), total)
    }

    /// The same without the sessions themselves.
    package func sessionIDs(
        _ filter: SessionFilter, sort: SessionSort, offset: Int, limit: Int
    ) throws(SQLiteError) -> (ids: [Int64], total: Int) {
        if !filter.words.isEmpty {
            let total = try run(Query<Int>.foundSessionCount(filter)).first ?? 0
            guard offset < total, limit > 0 else { return ([], total) }
            return (try run(.foundSessionIDs(filter, sort: sort, at: (offset, limit))), total)
        }
        let (spans, everybody) = try spans(of: filter)
        let total = spans.reduce(0) { $0 + $1.count }
        guard offset < total, limit > 0 else { return ([], total) }
        let last = limit > total - offset ? total : offset + limit
        switch sort {
        case .newest: return (try newest(filter, spans, (offset, limit)), total)
        case _ where Self.isQuickerCollected(spans, total, of: everybody, until: last):
            let all = try newest(filter, spans, (0, total))
            return (try run(.sessionIDs(among: all, sort: sort, at: (offset, limit))), total)
        case .runtime: return (try run(.longestSessionIDs(filter, at: (offset, limit))), total)
        case .cost: return (try run(.dearestSessionIDs(filter, at: (offset, limit))), total)
        }
    }

    /// Whether a filter's sessions are sooner found by their days and sorted than met on a walk through the index of
    /// the sort, on which they lie scattered among all there are.
    private static func isQuickerCollected(
        _ spans: [SessionSpan], _ total: Int, of everybody: Int, until last: Int
    ) -> Bool {
        let walk = Double(everybody) * Double(last) / Double(total)
        return Double(spans.reduce(total * SessionSpan.look) { $0 + $1.cost }) < walk
    }

    /// The days on which sessions of the filter started and the parts of days at the edges of its span, the last first;
    /// and how many sessions there are in all.
    private func spans(of filter: SessionFilter) throws(SQLiteError) -> (spans: [SessionSpan], everybody: Int) {
        guard let span = filter.span else { return ([], 0) }
        let (whole, parts) = UTCDay.days(of: span)
        let ever = UTCDay(UTCDay.all.lowerBound)...UTCDay(UTCDay.all.upperBound)
        let all = try dayCounts(SessionFilter(), ever)
        var spans: [SessionSpan] = []
        if let whole {
            let counts = try run(.sessionDays(filter, whole))
            var candidates: [UTCDay: Int] = [:]
            if filter.agent != nil || filter.model != nil {
                var others = filter
                others.status = nil
                candidates = try dayCounts(others, whole)
            }
            spans = counts.map { day, count in
                let (walk, looks) = (all[day] ?? count, candidates[day].map { $0 * SessionSpan.look } ?? .max)
                return SessionSpan(
                    range: day.start...day.lastMillisecond, count: count, isRare: looks < walk, cost: min(walk, looks))
            }
        }
        for part in parts {
            let count = try run(.sessionCount(filter, in: part)).first ?? 0
            if count > 0 { spans.append(SessionSpan(range: part, count: count, cost: count)) }
        }
        return (spans.sorted { $0.range.lowerBound > $1.range.lowerBound }, all.values.reduce(0, +))
    }

    private func dayCounts(
        _ filter: SessionFilter, _ days: ClosedRange<UTCDay>
    ) throws(SQLiteError) -> [UTCDay: Int] {
        var counts: [UTCDay: Int] = [:]
        for (day, count) in try run(.sessionDays(filter, days)) { counts[day] = count }
        return counts
    }

    /// The newest first.
    private func newest(
        _ filter: SessionFilter, _ spans: [SessionSpan], _ place: (offset: Int, limit: Int)
    ) throws(SQLiteError) -> [Int64] {
        var ids: [Int64] = []
        var skipped = place.offset
        var rest = spans[...]
        while let first = rest.first, skipped >= first.count {
            skipped -= first.count
            rest.removeFirst()
        }
        while ids.count < place.limit, var span = rest.popFirst() {
            let wanted = place.limit - ids.count
            // Days that touch each other are one walk.
            while span.count - skipped < wanted, let next = rest.first, next.isRare == span.isRare,
                next.range.upperBound + .milliseconds(1) == span.range.lowerBound
            {
                span.range = next.range.lowerBound...span.range.upperBound
                span.count += next.count
                rest.removeFirst()
            }
            let part = (skipped, wanted)
            ids += try run(
                span.isRare
                    ? .rareSessionIDs(filter, on: span.days, at: part)
                    : .newestSessionIDs(filter, in: span.range, at: part))
            skipped = 0
        }
        return ids
    }
}
