import Crypto
import Deployment
import HTTPServer
import Model
import SQLite

/// An answer that takes the place of the one that was asked for.
struct Declined: Error {
    let response: Response
}

/// What all routes over a snapshot's models need: the view that a request means, and answers made of it.
struct Lists: Sendable {
    let site: Site
    let answers: Answers

    /// The view of a feed, or of the snapshot that a cursor is pinned to, and the place to go on from.
    func view(
        feed: String, cursor text: String?, identity: String, _ request: Request
    ) async throws(Declined) -> (index: ModelIndex, start: Int, key: [UInt8]) {
        guard let open = site.open else { throw Declined(response: answers.unavailable(request)) }
        guard let text else {
            guard let index = site.feeds.current.newest[feed] else {
                throw Declined(response: noSnapshot(feed, request))
            }
            return (index, 0, open.cursorKey)
        }
        guard let cursor = Cursor(sealed: text, key: open.cursorKey) else {
            throw refusal(.cursorInvalid, "The cursor was not made by this service, or was changed.", request)
        }
        guard cursor.query == identity else {
            throw refusal(.cursorMismatch, "The cursor was made for other filters; start again without it.", request)
        }
        do throws(SQLiteError) {
            if let index = try await site.feeds.view(snapshot: cursor.snapshot, from: open.loader) {
                return (index, cursor.offset, open.cursorKey)
            }
        } catch {
            throw Declined(response: answers.unavailable(request))
        }
        throw refusal(
            .cursorExpired, "The snapshot \(cursor.snapshot) is no longer kept; start again without a cursor.", request)
    }

    /// The newest view of a feed.
    func newest(_ feed: String, _ request: Request) async throws(Declined) -> ModelIndex {
        try await view(feed: feed, cursor: nil, identity: "", request).index
    }

    func profile(_ name: String) -> ScoreProfile {
        guard let profile = site.settings.profiles[name] ?? site.settings.profiles.profiles.first else {
            preconditionFailure("a deployment has at least one profile")
        }
        return profile
    }

    func check(_ faults: [Problem.Fault], _ request: Request) throws(Declined) {
        if !faults.isEmpty { throw Declined(response: answers.invalid(faults, request)) }
    }

    func refusal(_ code: Problem.Code, _ detail: String, _ request: Request) -> Declined {
        Declined(response: answers.problem(code, detail, request))
    }

    /// A JSON answer that stays the same as long as the publication does.
    func json(
        _ body: @autoclosure @escaping () -> [UInt8], _ index: ModelIndex, _ kind: String, _ request: Request,
        _ page: ListPage? = nil
    ) -> Response {
        var representation = Representation(
            contentType: "application/json", body: body(),
            tag: "\(kind)-\(index.publication.publishedAt.milliseconds)-\(index.publication.serial)"
                + (page.map { "-\($0.places.lowerBound)-\($0.places.count)" } ?? ""))
        representation.headers += page?.links ?? []
        return answers.marked(representation.response(to: request, cache: site.bodies))
    }

    /// An answer that is named by its own bytes: for what is read from the database, which may be a moment ahead of
    /// the publication in memory.
    func digested(
        _ body: [UInt8], _ request: Request, contentType: String = "application/json",
        cacheControl: String = "no-cache", headers: [HeaderField] = []
    ) -> Response {
        let tag = Hex.encode(Array(SHA256.digest(body).bytes.prefix(12)))
        let representation = Representation(
            contentType: contentType, body: body, tag: tag, cacheControl: cacheControl, headers: headers)
        return answers.marked(representation.response(to: request))
    }

    /// A cursor of a list that is no snapshot's, if it is that list's.
    func cursor(
        _ text: String, of identity: String, _ open: Site.Open, _ request: Request
    ) throws(Declined) -> Cursor {
        guard let cursor = Cursor(sealed: text, key: open.cursorKey) else {
            throw refusal(.cursorInvalid, "The cursor was not made by this service, or was changed.", request)
        }
        guard cursor.query == identity else {
            throw refusal(.cursorMismatch, "The cursor was made for another list; start again without it.", request)
        }
        return cursor
    }

    private func noSnapshot(_ feed: String, _ request: Request) -> Response {
        answers.problem(
            .noSnapshot, "The feed \(feed) has no snapshot yet; `helicarrier import hub FILE…` or a refresh makes one.",
            request)
    }
}

/// Runs a route's body; what it declines with is the answer.
func answer(_ body: () async throws(Declined) -> Response) async -> Response {
    do throws(Declined) {
        return try await body()
    } catch {
        return error.response
    }
}
