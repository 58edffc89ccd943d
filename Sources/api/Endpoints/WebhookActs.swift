import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Webhooks

/// What is done with a subscription: a new key, a test, enabling and disabling it.
extension WebhookEndpoints {
    static let graceRange = 0...604_800
    private static let usualGrace = 86_400

    /// `POST /api/v4/webhooks/:id/rotate`
    func rotate(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let grace = try grace(request)
            let (id, moment) = (parameters["id"], now())
            return try await creating(request, open, Act("rotate", id, "a new key")) { db throws(SQLiteError) in
                guard let subscription = try db.run(.subscription(id: id)).first else {
                    return .failure(.noSubscription)
                }
                let key = NewKey(subscription.signature, random: random)
                try RotateKey(to: key.stored, of: id, grace: .seconds(grace), now: moment).apply(to: db)
                guard let shown = try ShownSubscription.find(id, now: moment, in: db) else {
                    return .failure(.noSubscription)
                }
                return .success(
                    json(200, WebhookBodies.subscription(shown, secret: key.shownOnce), [entityTag(shown)]))
            }
        }
    }

    /// For how many seconds the keys until now go on signing; the body may be left out.
    private func grace(_ request: Request) throws(Refusal) -> Int {
        guard !request.body.isEmpty else { return Self.usualGrace }
        let root = try document(request).root
        guard root.kind == .object else {
            throw Refusal(
                .invalidBody, "The body must be an object.",
                faults: [WebhookOrder.fault(.root, "wrong_type", "must be an object")])
        }
        var grace = Self.usualGrace
        var faults: [Problem.Fault] = []
        for (key, value) in root.members {
            let place = JSONPointer(key)
            guard key == "graceSeconds" else {
                faults.append(WebhookOrder.fault(place, "unknown_field", "is not a field of a rotation"))
                continue
            }
            let (number, wrong) = WebhookOrder.whole(value, at: place, Self.graceRange)
            grace = number ?? grace
            faults += wrong
        }
        guard faults.isEmpty else {
            throw Refusal(.invalidBody, "The rotation is not described well.", faults: faults)
        }
        return grace
    }

    /// `POST /api/v4/webhooks/:id/test`
    func test(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let id = parameters["id"]
            guard let test = SendTestEvent(to: id, traceParent: request.childTrace, now: now()) else {
                throw Refusal(.failed, "The test event could not be made.")
            }
            return try await creating(request, open, Act("test", id, "a test event")) { db throws(SQLiteError) in
                guard let subscription = try db.run(.subscription(id: id)).first else {
                    return .failure(.noSubscription)
                }
                guard subscription.state != .disabled else { return .failure(.disabled) }
                try test.apply(to: db)
                return .success(json(202, WebhookBodies.sent(event: test.event.id, delivery: test.delivery)))
            }
        }
    }

    /// `POST /api/v4/webhooks/:id/enable`
    func enable(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let (id, moment) = (parameters["id"], now())
            let challenge = Challenge(random: random)
            let trace = request.childTrace
            return try await creating(request, open, Act("enable", id, "enabled")) { db throws(SQLiteError) in
                guard let found = try db.run(.subscription(id: id)).first else { return .failure(.noSubscription) }
                try EnableSubscription(found, challenge: challenge, traceParent: trace, now: moment).apply(to: db)
                return try answer(id, moment, db)
            }
        }
    }

    /// `POST /api/v4/webhooks/:id/disable`
    func disable(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let (id, moment) = (parameters["id"], now())
            let trace = request.childTrace
            return try await creating(request, open, Act("disable", id, "disabled")) { db throws(SQLiteError) in
                guard try !db.run(.subscription(id: id)).isEmpty else { return .failure(.noSubscription) }
                try DisableSubscription(id, reason: "disabled through the API", traceParent: trace, now: moment)
                    .apply(to: db)
                return try answer(id, moment, db)
            }
        }
    }

    private func answer(
        _ id: String, _ moment: Timestamp, _ db: borrowing Connection
    ) throws(SQLiteError) -> Result<Response, Refusal> {
        guard let shown = try ShownSubscription.find(id, now: moment, in: db) else { return .failure(.noSubscription) }
        return .success(json(200, WebhookBodies.subscription(shown), [entityTag(shown)]))
    }
}

extension WebhookEndpoints.Refusal {
    static let disabled = Self(.conflict, "The subscription is disabled; nothing is sent to it. Enable it first.")
}
