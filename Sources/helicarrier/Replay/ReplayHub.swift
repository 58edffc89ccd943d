import Crypto
import HTTPServer
import JSON
import Model
import Synchronization

/// A Hub that answers from recordings: successive observations, of which one is current.
final class ReplayHub: Sendable {
    private struct State {
        var current: Int
        var answers = 0
        var window: FixedWindow
    }

    private let moments: [Timestamp]
    private let listings: [[RecordedRow]]
    private let faults: ReplayFaults
    /// Answers after which the next observation becomes current; `nil` means never by itself.
    private let advanceEvery: Int?
    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp

    init(
        _ observations: [(moment: Timestamp, rows: [RecordedRow])], startsAtLast: Bool, faults: ReplayFaults,
        advanceEvery: Int? = nil, window: FixedWindow = FixedWindow(quota: 500, length: 300),
        now: @escaping @Sendable () -> Timestamp
    ) {
        precondition(!observations.isEmpty, "there is nothing to replay")
        moments = observations.map(\.moment)
        listings = observations.map(\.rows)
        self.faults = faults
        self.advanceEvery = advanceEvery
        self.now = now
        state = Mutex(State(current: startsAtLast ? observations.count - 1 : 0, window: window))
    }

    var router: Router {
        Router([
            Route(.get, "/api/models") { request, _ async in await self.answer(request, self.listing) },
            Route(.get, "/api/models/:owner/:name") { request, parameters async in
                await self.answer(request) { call in self.model(parameters["owner"] + "/" + parameters["name"], call) }
            },
            Route(.get, "/api/models/:name") { request, parameters async in
                await self.answer(request) { call in self.legacyModel(parameters["name"], call) }
            },
            Route(.get, "/_replay", immediate: { _, _ in self.status() }),
            Route(
                .post, "/_replay/advance",
                immediate: { _, _ in
                    self.state.withLock { $0.current = min($0.current + 1, self.listings.count - 1) }
                    return self.status()
                }),
        ]) { fault, _ in ReplayAnswer.error(fault.status, "", "Not found") }
    }

    /// One call with what was decided about it.
    private struct Call {
        let request: Request
        let listing: [RecordedRow]
        let faults: Set<ReplayFaults.Kind>
    }

    private func answer(_ request: Request, _ body: (Call) -> Response) async -> Response {
        if faults.delay > .zero { try? await Task.sleep(for: faults.delay) }
        let moment = now().milliseconds
        let (current, number, reading) = state.withLock { state in
            state.answers += 1
            let current = state.current
            if let advanceEvery, state.answers % advanceEvery == 0 {
                state.current = min(state.current + 1, listings.count - 1)
            }
            return (current, state.answers, state.window.take(at: moment))
        }
        let kinds = faults.kinds(at: number)
        if kinds.contains(.edge) { return ReplayAnswer.error(429, "", "Too Many Requests") }
        let policy = state.withLock { ($0.window.quota, $0.window.length) }
        let spent = !reading.isAllowed || kinds.contains(.quota)
        let headers = [
            HeaderField("RateLimit", "\"api\";r=\(spent ? 0 : reading.remaining);t=\(reading.secondsLeft)"),
            HeaderField("RateLimit-Policy", "\"fixed window\";\"api\";q=\(policy.0);w=\(policy.1)"),
        ]
        var response: Response
        if spent {
            response = ReplayAnswer.error(429, "", "You have exceeded the quota of this window.")
        } else if kinds.contains(.internalError) {
            response = ReplayAnswer.error(500, "", "Internal Error")
        } else if kinds.contains(.unavailable) {
            response = ReplayAnswer.error(503, "", "Service Unavailable")
            response.headers.append(HeaderField("Retry-After", "1"))
        } else {
            response = body(Call(request: request, listing: listings[current], faults: kinds))
        }
        response.headers += headers
        return response
    }

    private func listing(_ call: Call) -> Response {
        let query: ListingQuery
        do throws(ListingQuery.Refusal) {
            query = try ListingQuery(call.request.query)
        } catch {
            return ReplayAnswer.error(400, "BadRequest", error.message)
        }
        let rows = query.rows(of: call.listing)
        let start = min(query.offset, rows.count)
        let end = min(start + query.limit, rows.count)
        let values = rows[start..<end].enumerated().map { place, row in
            call.faults.contains(.wrongTypes) && place % 7 == 3
                ? row.broken(place / 7, expand: query.expand) : row.value(expand: query.expand)
        }
        var response = ReplayAnswer.json(.array(values), call.request)
        if end < rows.count {
            let overlap = call.faults.contains(.duplicate) ? min(5, end - start - 1) : 0
            response.headers.append(ReplayAnswer.next(call.request, offset: end - overlap, foreign: faults.foreignNext))
        }
        return call.faults.contains(.truncate) ? ReplayAnswer.truncated(response) : response
    }

    private func model(_ id: String, _ call: Call) -> Response {
        guard let row = call.listing.first(where: { $0.id.text == id }) else {
            return ReplayAnswer.error(404, "RepoNotFound", "Repository not found")
        }
        do throws(ListingQuery.Refusal) {
            let query = try ListingQuery(call.request.query)
            let response = ReplayAnswer.json(row.value(expand: query.expand), call.request)
            return call.faults.contains(.truncate) ? ReplayAnswer.truncated(response) : response
        } catch {
            return ReplayAnswer.error(400, "BadRequest", error.message)
        }
    }

    /// Ids from before there were owners lead to the canonical one.
    private func legacyModel(_ name: String, _ call: Call) -> Response {
        if call.listing.contains(where: { $0.id.text == name }) { return model(name, call) }
        guard let row = call.listing.first(where: { $0.id.name == name }) else {
            return ReplayAnswer.error(404, "RepoNotFound", "Repository not found")
        }
        return Response(status: 307, headers: [HeaderField("Location", "/api/models/\(row.id.text)")])
    }

    private func status() -> Response {
        let (current, answers) = state.withLock { ($0.current, $0.answers) }
        return ReplayAnswer.json(
            .record([
                "observation": .count(current + 1), "of": .count(listings.count), "observedAt": .time(moments[current]),
                "rows": .count(listings[current].count), "answers": .count(answers),
            ]), nil)
    }
}
