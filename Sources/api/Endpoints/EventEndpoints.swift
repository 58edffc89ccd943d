import HTTPServer
import JSON
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
            var reader = QueryReader(request.query, scalars: ["cursor", "feed", "limit"])
            let limit = reader.limit() ?? ModelQuery.usualLimit
            let feed = reader.feed(among: lists.site.feeds.current.feeds)
            try lists.check(reader.faults, request)
            guard let open = lists.site.open else { throw Declined(response: lists.answers.unavailable(request)) }
            let identity = feed.map { "\(Self.identity)-\($0)" } ?? Self.identity
            var place = 0
            if let cursor = reader.text("cursor") {
                place = try lists.cursor(cursor, of: identity, open, request).offset
            }
            let page: EventPage
            do throws(SQLiteError) {
                page = try await EventPage.read(after: Int64(place), of: feed, limit: limit, open.reader)
            } catch {
                throw Declined(response: lists.answers.unavailable(request))
            }
            let cursor = Cursor(snapshot: "", query: identity, offset: Int(page.end)).sealed(with: open.cursorKey)
            let body = EventsBody.encode(page.events, limit: limit, nextCursor: cursor, hasMore: page.hasMore)
            let chosen = feed.map { [("feed", $0)] } ?? []
            let next = QueryText.suffix([("cursor", cursor)] + chosen + [("limit", "\(limit)")])
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

/// Some events in order, and how far they were looked for.
private struct EventPage {
    /// A feed's own events are found among all of them; for one answer so many are looked at.
    private static let reach = 2_000

    var events: [PolledEvent] = []
    /// The last event that was looked at.
    var end: Int64
    var hasMore = false

    /// - Parameter feed: whose events; `nil` for all.
    static func read(
        after place: Int64, of feed: String?, limit: Int, _ reader: Database
    ) async throws(SQLiteError) -> EventPage {
        var page = EventPage(end: place)
        let reach = feed == nil ? limit : Self.reach
        let found = try await reader.run(.events(after: place, limit: reach + 1))
        for event in found.prefix(reach) {
            if feed.map({ event.isOf($0) }) ?? true {
                if page.events.count == limit { break }
                page.events.append(event)
            }
            page.end = event.sequence
        }
        page.hasMore = found.last.map { $0.sequence > page.end } ?? false
        return page
    }
}

extension PolledEvent {
    fileprivate func isOf(_ feed: String) -> Bool {
        (try? JSONDocument(parsing: body))?.root["data"]?["feed"]?.equals(feed) == true
    }
}
