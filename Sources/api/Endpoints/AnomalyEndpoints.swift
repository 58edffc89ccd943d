import HTTPServer
import JSON
import Model
import SQLite
import Store

/// Models that stand out or stood out, those that were found last first.
struct AnomalyEndpoints: Sendable {
    /// Whether only what is still open is wanted.
    enum State: String, CaseIterable, Sendable {
        case open
        case all
    }

    let lists: Lists

    func anomalies(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            let query = try read(request)
            guard let open = lists.site.open else { throw Declined(response: lists.answers.unavailable(request)) }
            let index = try await lists.newest(query.feed, request)
            var place: AnomalyKey?
            if let text = query.cursor { place = try self.place(text, query.identity, open.cursorKey, request) }
            let found: (rows: [AnomalyRecord], total: Int)
            do throws(SQLiteError) {
                found = try await open.reader.read { [place] db throws(SQLiteError) in
                    let rows = try db.run(
                        .anomalies(
                            feed: query.feed, onlyOpen: query.state == .open, rule: query.rule, after: place,
                            limit: query.limit + 1))
                    let total = try db.run(
                        .countAnomalies(feed: query.feed, onlyOpen: query.state == .open, rule: query.rule))
                    return (rows, total.first ?? 0)
                }
            } catch {
                throw Declined(response: lists.answers.unavailable(request))
            }
            let page = ListPage(
                behind: found.rows.count > query.limit ? found.rows[query.limit - 1] : nil, limit: query.limit,
                total: found.total, count: min(found.rows.count, query.limit), path: "/api/v4/anomalies",
                pairs: query.pairs, identity: query.identity, key: open.cursorKey)
            return lists.digested(body(found.rows.prefix(query.limit), page, index), request, headers: page.links)
        }
    }

    private struct AnomalyQuery: Sendable {
        var feed = LeaderboardAddress.defaultFeed
        var state = State.all
        var rule: AnomalyRule?
        var limit = ModelQuery.usualLimit
        var cursor: String?

        var pairs: [(name: String, value: String)] {
            var pairs: [(String, String)] = []
            if feed != LeaderboardAddress.defaultFeed { pairs.append(("feed", feed)) }
            if let rule { pairs.append(("rule", rule.rawValue)) }
            if state != .all { pairs.append(("state", state.rawValue)) }
            return pairs
        }

        var identity: String { "anomalies" + QueryText.suffix(pairs) }
    }

    private func read(_ request: Request) throws(Declined) -> AnomalyQuery {
        var reader = QueryReader(request.query, scalars: ["feed", "state", "rule", "limit", "cursor"])
        var query = AnomalyQuery()
        if let feed = reader.feed(among: lists.site.feeds.current.feeds) { query.feed = feed }
        if let state = reader.cases("state", State.self).first { query.state = state }
        query.rule = reader.cases("rule", AnomalyRule.self).first
        if let limit = reader.limit() { query.limit = limit }
        query.cursor = reader.text("cursor")
        try lists.check(reader.faults, request)
        return query
    }

    private func place(
        _ text: String, _ identity: String, _ key: [UInt8], _ request: Request
    ) throws(Declined) -> AnomalyKey {
        guard let cursor = Cursor(sealed: text, key: key) else {
            throw lists.refusal(.cursorInvalid, "The cursor was not made by this service, or was changed.", request)
        }
        guard cursor.query == identity, let moment = Int64(cursor.snapshot) else {
            throw lists.refusal(
                .cursorMismatch, "The cursor was made for other filters; start again without it.", request)
        }
        return AnomalyKey(openedAt: Timestamp(milliseconds: moment), id: Int64(cursor.offset))
    }

    private func body(_ rows: ArraySlice<AnomalyRecord>, _ page: ListPage, _ index: ModelIndex) -> [UInt8] {
        var json = JSONWriter(capacity: 16 << 10)
        json.beginObject()
        json.key("anomalies")
        json.beginArray()
        for row in rows { Self.write(row, to: &json) }
        json.endArray()
        SnapshotBody.write(page, to: &json)
        SnapshotBody.write(index.publication.snapshot, to: &json)
        json.endObject()
        return json.finished()
    }

    static func write(_ row: AnomalyRecord, to json: inout JSONWriter) {
        json.beginObject()
        json.key("id")
        json.integer(row.id)
        json.key("model")
        json.string(row.model.text)
        json.key("rule")
        json.string(row.rule.rawValue)
        json.key("state")
        json.string(row.closedAt == nil ? "open" : "closed")
        json.key("openedAt")
        json.string(row.openedAt.rfc3339)
        json.key("openedBy")
        json.string(row.openedEpoch)
        json.key("closedAt")
        json.string(row.closedAt?.rfc3339)
        json.key("closedBy")
        json.string(row.closedEpoch)
        json.key("thresholdsVersion")
        json.integer(row.thresholdsVersion)
        ModelBody.write(row.figures, to: &json)
        json.endObject()
    }
}

extension ListPage {
    /// A page of a list that goes on behind its last row, wherever new ones are put.
    /// - Parameter last: the last row of the page, if there are more behind it.
    fileprivate init(
        behind last: AnomalyRecord?, limit: Int, total: Int, count: Int, path: String,
        pairs: [(name: String, value: String)], identity: String, key: [UInt8]
    ) {
        let cursor = last.map {
            Cursor(snapshot: "\($0.openedAt.milliseconds)", query: identity, offset: Int($0.id)).sealed(with: key)
        }
        self.init(places: 0..<count, limit: limit, total: total, nextCursor: cursor, path: path, pairs: pairs)
    }
}
