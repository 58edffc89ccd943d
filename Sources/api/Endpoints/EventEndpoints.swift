import HTTPServer
import SQLite
import Store

/// What happened, in order, for consumers that poll; and the stream for pages that listen.
struct EventEndpoints: Sendable {
    private static let identity = "events"

    let lists: Lists
    private let live: LiveFigures<LiveNews>

    init(lists: Lists) {
        self.lists = lists
        let site = lists.site
        live = LiveFigures(site) { try await LiveNews.read(site, $0) }
    }

    /// `GET /api/v4/events`. Whoever keeps the last cursor misses nothing and sees nothing twice.
    func events(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            var reader = QueryReader(request.query, scalars: ["cursor", "limit"])
            let limit = reader.limit() ?? ModelQuery.usualLimit
            try lists.check(reader.faults, request)
            guard let open = lists.site.open else { throw Declined(response: lists.answers.unavailable(request)) }
            var place = 0
            if let cursor = reader.text("cursor") {
                place = try lists.cursor(cursor, of: Self.identity, open, request).offset
            }
            let found: [PolledEvent]
            do throws(SQLiteError) {
                found = try await open.reader.run(.events(after: Int64(place), limit: limit + 1))
            } catch {
                throw Declined(response: lists.answers.unavailable(request))
            }
            let shown = Array(found.prefix(limit))
            let end = shown.last.map { Int($0.sequence) } ?? place
            let cursor = Cursor(snapshot: "", query: Self.identity, offset: end).sealed(with: open.cursorKey)
            let body = EventsBody.encode(
                shown, limit: limit, nextCursor: cursor, hasMore: found.count > shown.count)
            let next = QueryText.suffix([("cursor", cursor), ("limit", "\(limit)")])
            return lists.digested(
                body, request, headers: [HeaderField("Link", "</api/v4/events\(next)>; rel=\"next\"")])
        }
    }

    /// `GET /api/v4/stream`
    func stream(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            try lists.check(QueryReader(request.query, scalars: []).faults, request)
            guard lists.site.open != nil else { throw Declined(response: lists.answers.unavailable(request)) }
            return lists.answers.marked(LiveStream.response(live))
        }
    }
}
