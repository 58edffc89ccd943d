import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store

extension WebhookEndpoints {
    /// What somebody wants to see again: the body of a replay, checked.
    struct ReplayOrder: Equatable, Sendable {
        var since = Timestamp(milliseconds: 0)
        var until = Timestamp(milliseconds: 0)
        var types: [String]?
        /// Behind which event to go on.
        var place: Int64 = 0

        /// What a cursor belongs to.
        private func identity(_ subscription: String) -> String {
            let types = types?.sorted().joined(separator: ",") ?? ""
            return "replay \(subscription) \(since.milliseconds) \(until.milliseconds) \(types)"
        }

        func cursor(at place: Int64, of subscription: String, key: [UInt8]) -> String {
            Cursor(snapshot: "\(place)", query: identity(subscription), offset: 0).sealed(with: key)
        }

        init(_ root: JSONNode, of subscription: String, key: [UInt8]) throws(Refusal) {
            guard root.kind == .object else {
                throw Self.refusal([WebhookOrder.fault(.root, "wrong_type", "must be an object")])
            }
            var faults: [Problem.Fault] = []
            var sealed: String?
            for (name, value) in root.members {
                let place = JSONPointer(name)
                switch name {
                case "since": faults += Self.readTime(value, at: place, into: &since)
                case "until": faults += Self.readTime(value, at: place, into: &until)
                case "types" where value.isNull: continue
                case "types":
                    let (read, wrong) = WebhookOrder.types(value, at: place)
                    types = read
                    faults += wrong
                case "cursor" where value.isNull: continue
                case "cursor":
                    sealed = value.string
                    if sealed == nil { faults.append(WebhookOrder.fault(place, "wrong_type", "must be a string")) }
                default: faults.append(WebhookOrder.fault(place, "unknown_field", "is not a field of a replay"))
                }
            }
            for name in ["since", "until"] where root[name] == nil {
                faults.append(WebhookOrder.fault(JSONPointer(name), "missing", "is required"))
            }
            if faults.isEmpty, since >= until {
                faults.append(WebhookOrder.fault(JSONPointer("until"), "out_of_range", "must be later than since"))
            }
            guard faults.isEmpty else { throw Self.refusal(faults) }
            if let sealed { place = try place(sealed, subscription, key) }
        }

        private func place(_ sealed: String, _ subscription: String, _ key: [UInt8]) throws(Refusal) -> Int64 {
            guard let cursor = Cursor(sealed: sealed, key: key), let place = Int64(cursor.snapshot) else {
                throw Self.refusal(
                    .cursorInvalid, "The cursor was not made by this service, or was changed.")
            }
            guard cursor.query == identity(subscription) else {
                throw Self.refusal(
                    .cursorMismatch, "The cursor was made for another replay; start again without it.")
            }
            return place
        }

        private static func readTime(
            _ value: JSONNode, at place: JSONPointer, into moment: inout Timestamp
        ) -> [Problem.Fault] {
            guard let text = value.string, let read = Timestamp(rfc3339: text) else {
                return [
                    WebhookOrder.fault(place, "not_a_time", "must be an RFC 3339 time such as 2026-05-04T08:00:00Z")
                ]
            }
            moment = read
            return []
        }

        /// The cursor of a replay stands in its body.
        private static func refusal(_ code: Problem.Code, _ detail: String) -> Refusal {
            Refusal(code, detail, faults: [WebhookOrder.fault(JSONPointer("cursor"), code.rawValue, detail)])
        }

        private static func refusal(_ faults: [Problem.Fault]) -> Refusal {
            Refusal(.invalidBody, "The replay is not described well.", faults: faults)
        }
    }

    /// `POST /api/v4/webhooks/:id/replay`
    func replay(_ request: Request, _ parameters: Parameters) async -> Response {
        await answering(request) { open throws(Refusal) in
            try refuseQuery(request)
            let (id, key, moment, trace) = (parameters["id"], open.cursorKey, now(), request.childTrace)
            let order = try ReplayOrder(try document(request).root, of: id, key: key)
            let act = Act("replay", id, "events from \(order.since.rfc3339) to \(order.until.rfc3339)")
            return try await creating(request, open, act) { db throws(SQLiteError) in
                guard let subscription = try db.run(.subscription(id: id)).first else {
                    return .failure(.noSubscription)
                }
                switch subscription.state {
                case .active: break
                case .disabled: return .failure(.disabled)
                case .pending:
                    return .failure(
                        Refusal(.conflict, "The receiver has not answered its challenge yet; nothing else is sent."))
                }
                let outcome = try ReplayEvents(
                    to: subscription, types: order.types, during: order.since..<order.until, after: order.place,
                    traceParent: trace, now: moment
                ).apply(to: db)
                let next = outcome.next.map { order.cursor(at: $0, of: id, key: key) }
                return .success(json(202, WebhookBodies.replay(deliveries: outcome.deliveries, next: next)))
            }
        }
    }
}
