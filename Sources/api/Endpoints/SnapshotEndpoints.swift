import HTTPServer
import Model
import SQLite

/// v4's snapshot and its models.
struct SnapshotEndpoints: Sendable {
    let site: Site
    let answers: Answers

    /// The latest snapshot's metadata and the first page of its models.
    func snapshot(_ request: Request, _ parameters: Parameters) async -> Response {
        guard let open = site.open else { return answers.unavailable(request) }
        let edition = site.feeds.current
        let (query, faults) = ListQuery.read(request.query, feeds: edition.feeds, takesCursor: false)
        guard faults.isEmpty else { return answers.invalid(faults, request) }
        guard let view = edition.newest[query.feed] else { return noSnapshot(query.feed, request) }
        let (rows, next) = page(of: view, from: 0, query, open)
        return json(
            body(of: view).snapshot(rows, limit: query.limit, nextCursor: next), "snapshot", view, rows, request,
            next: next.map { link(next: $0, query) })
    }

    /// One page of models, by rank. A cursor stays in its snapshot while newer ones land.
    func models(_ request: Request, _ parameters: Parameters) async -> Response {
        guard let open = site.open else { return answers.unavailable(request) }
        let edition = site.feeds.current
        let (query, faults) = ListQuery.read(request.query, feeds: edition.feeds, takesCursor: true)
        guard faults.isEmpty else { return answers.invalid(faults, request) }
        var offset = 0
        var view = edition.newest[query.feed]
        if let text = query.cursor {
            guard let cursor = Cursor(sealed: text, key: open.cursorKey) else {
                return answers.problem(
                    .cursorInvalid, "The cursor was not made by this service, or was changed.", request)
            }
            guard cursor.query == query.identity else {
                return answers.problem(
                    .cursorMismatch, "The cursor was made for other filters; start again without it.", request)
            }
            offset = cursor.offset
            do throws(SQLiteError) {
                view = try await site.feeds.view(snapshot: cursor.snapshot, from: open.reader)
            } catch {
                return answers.unavailable(request)
            }
            guard view != nil else {
                return answers.problem(
                    .cursorExpired, "The snapshot \(cursor.snapshot) is no longer kept; start again without a cursor.",
                    request)
            }
        }
        guard let view else { return noSnapshot(query.feed, request) }
        let (rows, next) = page(of: view, from: offset, query, open)
        return json(
            body(of: view).models(rows, limit: query.limit, nextCursor: next), "models", view, rows, request,
            next: next.map { link(next: $0, query) })
    }

    private func page(
        of view: FeedView, from offset: Int, _ query: ListQuery, _ open: Site.Open
    ) -> (rows: Range<Int>, next: String?) {
        let start = min(offset, view.bodies.count)
        let end = min(start + query.limit, view.bodies.count)
        guard end < view.bodies.count else { return (start..<end, nil) }
        let cursor = Cursor(snapshot: view.publication.snapshot.id, query: query.identity, offset: end)
        return (start..<end, cursor.sealed(with: open.cursorKey))
    }

    private func link(next cursor: String, _ query: ListQuery) -> String {
        var path = "/api/v4/models?cursor=\(cursor)"
        if query.feed != LeaderboardAddress.defaultFeed { path += "&feed=\(query.feed)" }
        if query.limit != ListQuery.usualLimit { path += "&limit=\(query.limit)" }
        return path
    }

    private func body(of view: FeedView) -> SnapshotBody {
        SnapshotBody(view: view, ttlSeconds: site.settings.refresh.map { $0.milliseconds / 1_000 })
    }

    private func noSnapshot(_ feed: String, _ request: Request) -> Response {
        answers.problem(
            .noSnapshot, "The feed \(feed) has no snapshot yet; `helicarrier import hub FILE…` or a refresh makes one.",
            request)
    }

    private func json(
        _ body: [UInt8], _ kind: String, _ view: FeedView, _ rows: Range<Int>, _ request: Request, next: String?
    ) -> Response {
        var representation = Representation(
            contentType: "application/json", body: body,
            tag: "\(kind)-\(view.publication.serial)-\(rows.lowerBound)-\(rows.count)")
        if let next { representation.headers.append(HeaderField("Link", "<\(next)>; rel=\"next\"")) }
        return answers.marked(representation.response(to: request))
    }
}
