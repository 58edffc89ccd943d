import Crypto
import Daemon
import Deployment
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Webhooks

/// `/api/v4/webhooks`: subscriptions, and what became of their deliveries.
///
/// Whoever routes here has checked the caller's token. A secret is shown by the creation alone.
struct WebhookEndpoints: Sendable {
    static let usualLimit = 25
    static let limits = 1...100
    /// More than this many receivers are no longer a webhook but a broadcast.
    private static let mostSubscriptions = 1_000

    let open: @Sendable () -> Site.Open?
    let answers: Answers
    let policy: AddressPolicy
    /// Wakes the notifiers.
    let ring: @Sendable () -> Void
    let now: @Sendable () -> Timestamp
    let random: @Sendable (_ count: Int) -> [UInt8]

    init(site: Site, answers: Answers, policy: AddressPolicy) {
        self.init(
            open: { site.open }, answers: answers, policy: policy, ring: { site.ring(StageName.notify.rawValue) },
            now: SystemClock.now, random: RandomBytes.generate)
    }

    init(
        open: @escaping @Sendable () -> Site.Open?, answers: Answers, policy: AddressPolicy,
        ring: @escaping @Sendable () -> Void, now: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable (_ count: Int) -> [UInt8]
    ) {
        self.open = open
        self.answers = answers
        self.policy = policy
        self.ring = ring
        self.now = now
        self.random = random
    }

    /// `POST /api/v4/webhooks`
    func create(_ request: Request, _ parameters: Parameters, _ visit: Visit) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            return try await create(request, visit, open)
        }
    }

    /// What came of one transaction that creates.
    private enum Creation: Sendable {
        case done
        case full
        case noRoom
        /// Another run has taken the request's name.
        case overtaken
    }

    /// Creates what is asked for, and keeps the answer with it where the request has a name.
    private func create(
        _ request: Request, _ visit: Visit, _ open: Site.Open
    ) async throws(Refusal) -> Response {
        let order = try order(request)
        let moment = now()
        let create = CreateSubscription(
            order, of: visit.caller, traceParent: request.childTrace, random: random, now: moment)
        let response = json(
            201, WebhookBodies.subscription(create.subscription, secret: create.secret.reveal()),
            [
                HeaderField("Location", "/api/v4/webhooks/\(create.subscription.id)"),
                entityTag(create.subscription),
            ])
        let creation = try await writing(open) { db throws(SQLiteError) -> Creation in
            guard try db.run(.subscriptionCount()).first ?? 0 < Self.mostSubscriptions else { return .full }
            if let token = visit.caller.token, let plan = visit.caller.plan,
                try db.run(.subscriptionCount(of: token)).first ?? 0 >= plan.subscriptions
            {
                return .noRoom
            }
            if let ticket = visit.ticket, try !ticket.keep(response, in: db, now: moment) { return .overtaken }
            try create.apply(to: db)
            return .done
        }
        switch creation {
        case .done:
            ring()
            return response
        case .full: throw Refusal(.conflict, "There are \(Self.mostSubscriptions) subscriptions; delete one first.")
        case .noRoom:
            let wanted = PlanFeature.subscriptions((visit.caller.plan?.subscriptions ?? 0) + 1)
            throw Refusal(.planLimit, visit.refusal(wanted))
        case .overtaken:
            throw Refusal(.idempotencyBusy, "A request with this Idempotency-Key is under way; ask again.")
        }
    }

    /// `GET /api/v4/webhooks`
    func list(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            let query = try PageQuery(request.query, identity: "webhooks", key: open.cursorKey)
            let (rows, total) = try await reading(open) { db throws(SQLiteError) in
                (
                    try db.run(.subscriptions(after: query.place, limit: query.limit + 1)),
                    try db.run(.subscriptionCount()).first ?? 0
                )
            }
            let shown = Array(rows.prefix(query.limit))
            let next =
                rows.count > shown.count
                ? shown.last.map { query.cursor(at: ($0.createdAt, $0.id), key: open.cursorKey) } : nil
            let page = WebhookBodies.Page(limit: query.limit, total: total, nextCursor: next)
            return listed(
                WebhookBodies.subscriptions(shown, page: page), link(next: next, "/api/v4/webhooks", query), request)
        }
    }

    /// `GET /api/v4/webhooks/:id`
    func show(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let subscription = try await subscription(parameters["id"], open)
            let tag = entityTag(subscription)
            // Not packed: this tag is what a change of the subscription must name.
            let fields = [
                tag, HeaderField("Cache-Control", "private, no-cache"), HeaderField("Vary", "Authorization"),
            ]
            let body = WebhookBodies.subscription(subscription)
            if Representation.matches(request.headers.all("If-None-Match"), tag.value) {
                return Response(status: 304, headers: fields, body: .bytes(body))
            }
            return Response(
                status: 200, headers: fields + [HeaderField("Content-Type", "application/json")], body: .bytes(body))
        }
    }

    /// `DELETE /api/v4/webhooks/:id`
    func delete(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let subscription = try await subscription(parameters["id"], open)
            let expected = request.headers.all("If-Match")
            guard !expected.isEmpty else {
                throw Refusal(.preconditionRequired, "Send If-Match with the ETag that reading the subscription gave.")
            }
            guard Representation.matches(expected, entityTag(subscription).value) else {
                throw Refusal(.preconditionFailed, "The subscription has changed since it was read.")
            }
            let deleted = try await writing(open) { db throws(SQLiteError) in
                try db.run(.deleteSubscription(id: subscription.id, version: subscription.version))
            }
            guard !deleted.isEmpty else {
                throw Refusal(
                    .preconditionFailed, "The subscription changed while it was being deleted; read it again.")
            }
            return Response(status: 204)
        }
    }

    /// `POST /api/v4/webhooks/:id/test`
    func test(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let subscription = try await subscription(parameters["id"], open)
            guard subscription.state != .disabled else {
                throw Refusal(.conflict, "The subscription is disabled; nothing is sent to it.")
            }
            guard let test = SendTestEvent(to: subscription.id, traceParent: request.childTrace, now: now()) else {
                throw Refusal(.failed, "The test event could not be made.")
            }
            let isThere = try await writing(open) { db throws(SQLiteError) in
                guard try db.run(.subscription(id: subscription.id)).isEmpty == false else { return false }
                try test.apply(to: db)
                return true
            }
            guard isThere else { throw Refusal.noSubscription }
            ring()
            return json(202, WebhookBodies.test(event: test.event.id, delivery: test.delivery), [])
        }
    }

    /// `GET /api/v4/webhooks/:id/deliveries`
    func deliveries(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            let subscription = try await subscription(parameters["id"], open)
            let query = try PageQuery(
                request.query, identity: "deliveries \(subscription.id)", key: open.cursorKey, takesState: true)
            let (rows, total) = try await reading(open) { db throws(SQLiteError) in
                var rows: [(delivery: Delivery, attempts: [DeliveryAttempt])] = []
                let found = try db.run(
                    .deliveries(of: subscription.id, state: query.state, before: query.place, limit: query.limit + 1))
                for delivery in found { rows.append((delivery, try db.run(.deliveryAttempts(of: delivery.id)))) }
                return (rows, try db.run(.deliveryCount(of: subscription.id, state: query.state)).first ?? 0)
            }
            let shown = Array(rows.prefix(query.limit))
            let next =
                rows.count > shown.count
                ? shown.last.map { query.cursor(at: ($0.delivery.createdAt, $0.delivery.id), key: open.cursorKey) }
                : nil
            let page = WebhookBodies.Page(limit: query.limit, total: total, nextCursor: next)
            return listed(
                WebhookBodies.deliveries(shown, page: page),
                link(next: next, "/api/v4/webhooks/\(subscription.id)/deliveries", query), request)
        }
    }
}

extension WebhookEndpoints {
    /// Why a request gets a problem as its answer.
    struct Refusal: Error {
        let code: Problem.Code
        let detail: String
        var faults: [Problem.Fault] = []

        init(_ code: Problem.Code, _ detail: String, faults: [Problem.Fault] = []) {
            self.code = code
            self.detail = detail
            self.faults = faults
        }

        /// A body that is no JSON: where, and why.
        init(_ error: JSONError) {
            let fault = Problem.Fault(place: .pointer(""), code: "malformed_json", message: "\(error)")
            self.init(
                error.kind == .tooLarge ? .payloadTooLarge : .invalidBody, "The body is not JSON: \(error).",
                faults: [fault])
        }

        static let noSubscription = Refusal(.notFound, "There is no such subscription.")
    }

    private func answering(
        _ request: Request, _ body: (Site.Open) async throws(Refusal) -> Response
    ) async -> Response {
        guard let open = open() else { return answers.unavailable(request) }
        do throws(Refusal) {
            return answers.marked(try await body(open))
        } catch {
            return answers.problem(error.code, error.detail, request, faults: error.faults)
        }
    }

    /// The body as JSON that says one thing only: no duplicate keys, no U+0000.
    private func order(_ request: Request) throws(Refusal) -> WebhookOrder {
        let type = request.headers.first("Content-Type")?.split(separator: ";").first.map { $0.filter { $0 != " " } }
        guard type?.lowercased() == "application/json" else {
            throw Refusal(.unsupportedMediaType, "Send the subscription as application/json.")
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(
                parsing: request.body, limits: JSONLimits(depth: 16, bytes: WebhookOrder.largestBody))
        } catch {
            throw Refusal(error)
        }
        if let repeated = document.firstDuplicateKey() {
            throw Refusal(
                .invalidBody, "The body holds a key twice.",
                faults: [
                    Problem.Fault(
                        place: .pointer(repeated.pointer.text), code: "repeated", message: "may be given once")
                ])
        }
        if let null = document.firstNullCharacter() {
            throw Refusal(
                .invalidBody, "The body holds the character U+0000.",
                faults: [Problem.Fault(place: .pointer(null.text), code: "null_character", message: "holds U+0000")])
        }
        let (order, faults) = WebhookOrder.read(document.root, policy: policy)
        guard faults.isEmpty else {
            throw Refusal(.invalidBody, "The subscription cannot be created as it is described.", faults: faults)
        }
        return order
    }

    private func subscription(_ id: String, _ open: Site.Open) async throws(Refusal) -> Subscription {
        let found = try await reading(open) { db throws(SQLiteError) in try db.run(.subscription(id: id)).first }
        guard let found else { throw Refusal.noSubscription }
        return found
    }

    private func refuseQuery(_ request: Request) throws(Refusal) {
        let faults = Set(request.query.map(\.name)).map { name in
            Problem.Fault(
                place: .parameter(name), code: "unknown_parameter", message: "is not a parameter of this route")
        }
        guard faults.isEmpty else {
            throw Refusal(.invalidParameter, "This route takes no parameters.", faults: faults)
        }
    }

    private func reading<Found: Sendable>(
        _ open: Site.Open, _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Found
    ) async throws(Refusal) -> Found {
        do throws(SQLiteError) {
            return try await open.reader.read(body)
        } catch {
            throw Refusal(.unavailable, "The database cannot be read now.")
        }
    }

    private func writing<Found: Sendable>(
        _ open: Site.Open, _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Found
    ) async throws(Refusal) -> Found {
        do throws(SQLiteError) {
            return try await open.writer.write(body)
        } catch {
            throw Refusal(.unavailable, "The database cannot be written now.")
        }
    }

    private func entityTag(_ subscription: Subscription) -> HeaderField {
        HeaderField("ETag", "\"\(subscription.id)-\(subscription.version)\"")
    }

    private func json(_ status: Int, _ body: [UInt8], _ headers: [HeaderField]) -> Response {
        let fields = [HeaderField("Content-Type", "application/json"), HeaderField("Cache-Control", "no-store")]
        return Response(status: status, headers: fields + headers, body: .bytes(body))
    }

    private func listed(_ body: [UInt8], _ headers: [HeaderField], _ request: Request) -> Response {
        Representation(
            contentType: "application/json", body: body,
            tag: Hex.encode(Array(SHA256.digest(body).bytes.prefix(12))), cacheControl: "private, no-cache",
            vary: ["Accept-Encoding", "Authorization"], headers: headers
        ).response(to: request)
    }

    private func link(next: String?, _ path: String, _ query: PageQuery) -> [HeaderField] {
        guard let next else { return [] }
        var target = "\(path)?cursor=\(next)"
        if query.limit != Self.usualLimit { target += "&limit=\(query.limit)" }
        if let state = query.state { target += "&state=\(state.rawValue)" }
        return [HeaderField("Link", "<\(target)>; rel=\"next\"")]
    }
}
