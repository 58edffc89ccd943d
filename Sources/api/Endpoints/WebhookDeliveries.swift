import HTTPServer
import Jobs
import Model
import SQLite
import Store

/// What became of a subscription's deliveries, and sending one again.
extension WebhookEndpoints {
    /// `GET /api/v4/webhooks/:id/deliveries`
    func deliveries(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            let subscription = try await shown(parameters["id"], open).subscription
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

    /// `GET /api/v4/webhooks/:id/deliveries/:deliveryId`
    func delivery(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let (id, name) = (parameters["id"], parameters["deliveryId"])
            let found = try await reading(open) { db throws(SQLiteError) -> Result<[UInt8], Refusal> in
                guard try !db.run(.subscription(id: id)).isEmpty else { return .failure(.noSubscription) }
                guard let delivery = try db.run(.delivery(id: name)).first, delivery.subscription == id,
                    let event = try db.run(.event(id: delivery.event)).first
                else { return .failure(.noDelivery) }
                let attempts = try db.run(.deliveryAttempts(of: name))
                return .success(WebhookBodies.delivery(delivery, attempts, of: event))
            }
            return listed(try found.get(), [], request)
        }
    }

    /// `POST /api/v4/webhooks/:id/deliveries/:deliveryId/resend`
    func resend(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let (id, name, moment, trace) = (parameters["id"], parameters["deliveryId"], now(), request.childTrace)
            return try await creating(request, open, Act("resend", name, "sent again")) { db throws(SQLiteError) in
                switch try ResendDelivery(name, of: id, traceParent: trace, now: moment).apply(to: db) {
                case .sent(let event, let delivery):
                    return .success(json(202, WebhookBodies.sent(event: event, delivery: delivery)))
                case .noSubscription: return .failure(.noSubscription)
                case .noDelivery: return .failure(.noDelivery)
                case .disabled: return .failure(.disabled)
                }
            }
        }
    }

    /// `GET /api/v4/webhooks/:id/health`
    func health(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let (id, moment) = (parameters["id"], now())
            let found = try await reading(open) { db throws(SQLiteError) in
                try WebhookHealth.find(id, now: moment, in: db)
            }
            guard let found else { throw Refusal.noSubscription }
            return listed(WebhookBodies.health(found), [], request)
        }
    }
}
