import Model
package import SQLite

/// A part of time in which sessions of a filter started.
private struct SessionSpan {
    var range: ClosedRange<Timestamp>
    /// How many are the filter's.
    var count: Int
    /// What a walk over all sessions of the part passes, in entries of an index.
    var walk: Int
    /// The same for a look at what its agent or model has there; `nil` where only a part of a day is meant.
    var look: Int?
    /// The second is sooner done.
    var isRare = false

    var days: [UTCDay] {
        (UTCDay(range.lowerBound).number...UTCDay(range.upperBound).number).map { UTCDay($0) }
    }
}

/// What finding sessions costs, counted in entries of an index that one walks over. Measured with a million sessions.
enum SessionCost {
    /// Going from an index to the session.
    static let session = 20
    /// What an agent or a model has on a day lies in buckets, a few sessions in each; each takes a search.
    static let inBucket = 5
    /// Without an agent, one passes the buckets of all agents.
    static func buckets(of everybody: Int) -> Int { everybody / 8 }
    /// Going from the text index to what is said of the session without its texts.
    static let brief = 5
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
    /// - Parameter sortedAtOnce: of more in whose text words occur, the first alone are kept while one looks at the
    ///   others; so many take some megabytes.
    package func sessionIDs(
        _ filter: SessionFilter, sort: SessionSort, offset: Int, limit: Int, sortedAtOnce: Int = 200_000
    ) throws(SQLiteError) -> (ids: [Int64], total: Int) {
        let ever = UTCDay(UTCDay.all.lowerBound)...UTCDay(UTCDay.all.upperBound)
        let all = try dayCounts(SessionFilter(), ever)
        if !filter.words.isEmpty {
            return try found(filter, sort, (offset, limit), all: all, sorted: sortedAtOnce)
        }
        let spans = try spans(of: filter, all)
        let everybody = all.values.reduce(0, +)
        let total = spans.reduce(0) { $0 + $1.count }
        guard offset < total, limit > 0 else { return ([], total) }
        // A limit may be as large as numbers are.
        let place = (offset: offset, limit: min(limit, total - offset))
        if sort == .newest { return (try newest(filter, spans, place), total) }
        if sort == .runtime, filter.status?.isOpen == true { return (try openByRuntime(filter, place), total) }
        return (try sorted(filter, sort, spans, place, (total, everybody)), total)
    }

    /// By runtime or cost, in the way that passes the fewest entries: through the index of the sort, on which the
    /// filter's sessions lie scattered among all there are; by what its agent or model has on the days; or day by day.
    private func sorted(
        _ filter: SessionFilter, _ sort: SessionSort, _ spans: [SessionSpan], _ place: (offset: Int, limit: Int),
        _ count: (total: Int, everybody: Int)
    ) throws(SQLiteError) -> [Int64] {
        let scan = Double(count.everybody) * Double(place.offset + place.limit) / Double(count.total)
        let looks = spans.compactMap(\.look)
        let inBuckets = looks.count == spans.count ? Double(looks.reduce(0, +)) : .infinity
        let byDay = spans.reduce(0) { $0 + min($1.walk, $1.look ?? .max) } + count.total * SessionCost.session
        if inBuckets < min(scan, Double(byDay)) {
            return try run(.bucketSessionIDs(filter, on: spans.flatMap(\.days), sort: sort, at: place))
        }
        if Double(byDay) < scan {
            let all = try newest(filter, spans, (0, count.total))
            return try run(.sessionIDs(among: all, sort: sort, at: place))
        }
        return try run(sort == .cost ? .dearestSessionIDs(filter, at: place) : .longestSessionIDs(filter, at: place))
    }

    /// Of those under way few say how long they took; behind these come the others, the newest first.
    private func openByRuntime(
        _ filter: SessionFilter, _ place: (offset: Int, limit: Int)
    ) throws(SQLiteError) -> [Int64] {
        let timed = try run(Query<Int>.openTimedCount(filter)).first ?? 0
        var ids: [Int64] = []
        if place.offset < timed { ids = try run(.openTimedSessionIDs(filter, at: place)) }
        if ids.count < place.limit {
            let rest = (max(0, place.offset - timed), place.limit - ids.count)
            ids += try run(.untimedSessionIDs(filter, at: rest))
        }
        return ids
    }

    /// The days on which sessions of the filter started and the parts of days at the edges of its span, the last first.
    /// - Parameter all: how many sessions started on each day.
    private func spans(of filter: SessionFilter, _ all: [UTCDay: Int]) throws(SQLiteError) -> [SessionSpan] {
        guard let span = filter.span else { return [] }
        let (whole, parts) = UTCDay.days(of: span)
        var looks: [UTCDay: Int] = [:]
        if filter.agent != nil || filter.model != nil {
            var others = filter
            others.status = nil
            for (day, count) in try dayCounts(others, UTCDay(span.lowerBound)...UTCDay(span.upperBound)) {
                looks[day] =
                    count * SessionCost.inBucket + (filter.agent == nil ? SessionCost.buckets(of: all[day] ?? 0) : 0)
            }
        }
        var spans: [SessionSpan] = []
        if let whole {
            spans = try run(.sessionDays(filter, whole)).map { day, count in
                SessionSpan(
                    range: day.start...day.lastMillisecond, count: count, walk: all[day] ?? count, look: looks[day])
            }
        }
        for part in parts {
            let count = try run(.sessionCount(filter, in: part)).first ?? 0
            guard count > 0 else { continue }
            let day = UTCDay(part.lowerBound)
            spans.append(SessionSpan(range: part, count: count, walk: all[day] ?? count, look: looks[day]))
        }
        return spans.sorted { $0.range.lowerBound > $1.range.lowerBound }
    }

    func dayCounts(
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
        for index in rest.indices {
            // A walk ends with the page; what is looked up is all of the day.
            let share = min(1, Double(skipped + place.limit) / Double(rest[index].count))
            rest[index].isRare = rest[index].look.map { Double($0) < Double(rest[index].walk) * share } ?? false
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
            let part = (offset: skipped, limit: min(wanted, span.count - skipped))
            ids += try run(
                span.isRare
                    ? .bucketSessionIDs(filter.within(span.range), on: span.days, sort: .newest, at: part)
                    : .newestSessionIDs(filter, in: span.range, at: part))
            skipped = 0
        }
        return ids
    }
}
