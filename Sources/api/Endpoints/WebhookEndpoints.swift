import Crypto
import Daemon
import Deployment
import HTTPClient
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Webhooks

/// `/api/v4/webhooks`: subscriptions, what is done with them, and what became of their deliveries.
///
/// Whoever routes here has checked that the caller's token has the scope. A secret is shown by the creation and by the
/// rotation that made it, and by nothing else.
struct WebhookEndpoints: Sendable {
    static let usualLimit = 25
    static let limits = 1...100
    /// More than this many receivers are no longer a webhook but a broadcast.
    private static let mostSubscriptions = 1_000
    static let patchTypes = ["application/merge-patch+json", "application/json"]

    let open: @Sendable () -> Site.Open?
    let answers: Answers
    let plans: PlanBook?
    let policy: AddressPolicy
    let resolve: Site.Resolve
    /// Wakes the notifiers.
    let ring: @Sendable () -> Void
    let now: @Sendable () -> Timestamp
    let random: @Sendable (_ count: Int) -> [UInt8]

    init(site: Site, answers: Answers, policy: AddressPolicy) {
        self.open = { site.open }
        self.answers = answers
        plans = site.settings.plans
        self.policy = policy
        resolve = site.resolve
        ring = { site.ring(StageName.notify.rawValue) }
        now = SystemClock.now
        random = RandomBytes.generate
    }

    /// `POST /api/v4/webhooks`
    func create(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let document = try document(request)
            let (wanted, faults) = WebhookOrder.read(document.root, policy: policy)
            guard faults.isEmpty else {
                throw Refusal(.invalidBody, "The subscription cannot be created as it is described.", faults: faults)
            }
            try await refuseName(in: wanted)
            let caller = Caller.current
            let order = try bounded(wanted, document, by: caller)
            try refuseSkipping(order, by: caller)
            let create = CreateSubscription(
                order, by: caller, traceParent: request.childTrace, random: random, now: now())
            let room = caller?.plan?.subscriptions
            let act = Act("create", create.subscription.id, create.subscription.state.rawValue)
            return try await creating(request, open, act) { db throws(SQLiteError) in
                guard try db.run(.subscriptionCount()).first ?? 0 < Self.mostSubscriptions else {
                    return .failure(
                        Refusal(.conflict, "There are \(Self.mostSubscriptions) subscriptions; delete one first."))
                }
                if let room, let token = create.subscription.createdBy,
                    try db.run(.subscriptionCount(of: token)).first ?? 0 >= room
                {
                    return .failure(beyond(.subscriptions(room + 1), caller))
                }
                try create.apply(to: db)
                let shown = try ShownSubscription(create.subscription, now: create.subscription.createdAt, from: db)
                let place = HeaderField("Location", "/api/v4/webhooks/\(create.subscription.id)")
                let body = WebhookBodies.subscription(shown, secret: create.key.shownOnce)
                return .success(json(201, body, [place, entityTag(shown)]))
            }
        }
    }

    /// An order within the plan of who gives it: what it asks for beyond that is refused, and the usual is lowered.
    private func bounded(
        _ order: WebhookOrder, _ document: JSONDocument, by caller: Caller?
    ) throws(Refusal) -> WebhookOrder {
        guard let plan = caller?.plan, order.maxInFlight > plan.concurrency else { return order }
        guard document.root["maxInFlight"] == nil else { throw beyond(.concurrency(order.maxInFlight), caller) }
        var order = order
        order.maxInFlight = plan.concurrency
        return order
    }

    private func beyond(_ missing: PlanFeature, _ caller: Caller?) -> Refusal {
        guard let plan = caller?.plan, let plans else { return Refusal(.planLimit, "") }
        return Refusal(.planLimit, plans.refusal(plan, missing))
    }

    /// Without a challenge the service could be made to send to receivers that never agreed: that is an operator's
    /// decision. Where there are plans, tokens are customers'; where there are none, they are the operator's own.
    private func refuseSkipping(_ order: WebhookOrder, by caller: Caller?) throws(Refusal) {
        guard order.skipVerification, let caller, caller.plan != nil, !caller.holds("admin") else { return }
        throw Refusal(
            .forbidden, "Under a plan only a token with the scope admin may skip the verification of a receiver.",
            faults: [
                Problem.Fault(
                    place: .pointer("/skipVerification"), code: "forbidden", message: "needs the scope admin")
            ])
    }

    /// Refuses a host name that leads where deliveries may not go. A name that cannot be resolved now is taken: it may
    /// be resolved later, and the notifier judges it at every attempt, since names change their answers.
    private func refuseName(in order: WebhookOrder) async throws(Refusal) {
        let fault: Problem.Fault
        do throws(DestinationRefusal) {
            let url = try DestinationURL(order.url, allowHTTP: order.allowHTTP, policy: policy)
            guard case .name(let host) = url.host else { return }
            let found: [String]
            do throws(ClientError) { found = try await resolve(host) } catch { return }
            _ = try policy.judged(resolved: found, port: url.port)
            return
        } catch {
            fault = Problem.Fault(
                place: .pointer("/url"), code: "refused_url", message: "the host leads nowhere allowed: \(error)")
        }
        throw Refusal(.invalidBody, "Deliveries may not go to this URL.", faults: [fault])
    }

    /// `GET /api/v4/webhooks`
    func list(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            let query = try PageQuery(request.query, identity: "webhooks", key: open.cursorKey)
            let moment = now()
            let (rows, total) = try await reading(open) { db throws(SQLiteError) in
                var rows: [ShownSubscription] = []
                for row in try db.run(.subscriptions(after: query.place, limit: query.limit + 1)) {
                    rows.append(try ShownSubscription(row, now: moment, from: db))
                }
                return (rows, try db.run(.subscriptionCount()).first ?? 0)
            }
            let shown = Array(rows.prefix(query.limit))
            let next =
                rows.count > shown.count
                ? shown.last.map {
                    query.cursor(at: ($0.subscription.createdAt, $0.subscription.id), key: open.cursorKey)
                } : nil
            let page = WebhookBodies.Page(limit: query.limit, total: total, nextCursor: next)
            return listed(
                WebhookBodies.subscriptions(shown, page: page), link(next: next, "/api/v4/webhooks", query), request)
        }
    }

    /// `GET /api/v4/webhooks/:id`
    func show(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let shown = try await shown(parameters["id"], open)
            let tag = entityTag(shown)
            // Not packed: this tag is what a change of the subscription must name.
            let fields = [
                tag, HeaderField("Cache-Control", "private, no-cache"), HeaderField("Vary", "Authorization"),
            ]
            let body = WebhookBodies.subscription(shown)
            if Representation.matches(request.headers.all("If-None-Match"), tag.value) {
                return Response(status: 304, headers: fields, body: .bytes(body))
            }
            return Response(
                status: 200, headers: fields + [HeaderField("Content-Type", "application/json")], body: .bytes(body))
        }
    }

    /// `PATCH /api/v4/webhooks/:id`
    func change(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let read = try await shown(parameters["id"], open)
            try requireMatch(request, read)
            let document = try document(request, types: Self.patchTypes)
            let (wanted, faults) = WebhookOrder.read(document.root, changing: read.subscription, policy: policy)
            guard faults.isEmpty else {
                throw Refusal(.invalidBody, "The subscription cannot be changed in this way.", faults: faults)
            }
            if wanted.url != read.subscription.url { try await refuseName(in: wanted) }
            let caller = Caller.current
            let order = try bounded(wanted, document, by: caller)
            try refuseSkipping(order, by: caller)
            let change = ChangeSubscription(
                read.subscription, to: order, traceParent: request.childTrace, random: random, now: now())
            let act = Act("change", read.subscription.id, "changed")
            let changed = try await writing(open) { db throws(SQLiteError) -> ShownSubscription? in
                guard try change.apply(to: db) else { return nil }
                try audit(act, in: db)
                return try ShownSubscription.find(read.subscription.id, now: change.now, in: db)
            }
            guard let changed else { throw Refusal.changed }
            ring()
            return json(200, WebhookBodies.subscription(changed), [entityTag(changed)])
        }
    }

    /// `DELETE /api/v4/webhooks/:id`
    func delete(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let read = try await shown(parameters["id"], open)
            try requireMatch(request, read)
            let act = Act("delete", read.subscription.id, "deleted")
            let deleted = try await writing(open) { db throws(SQLiteError) in
                let deleted = try db.run(
                    .deleteSubscription(id: read.subscription.id, version: read.subscription.version))
                if !deleted.isEmpty { try audit(act, in: db) }
                return deleted
            }
            guard !deleted.isEmpty else { throw Refusal.changed }
            return Response(status: 204)
        }
    }
}
