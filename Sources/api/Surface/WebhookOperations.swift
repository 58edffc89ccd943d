import HTTPServer
import Store

extension V4Operations {
    /// Subscriptions and their deliveries: all need a token with the scope `webhooks`.
    var subscriptions: [Operation] {
        let limit = QueryParameter("limit", .whole(1...100), "How many at most; 25 where nothing is said.")
        let cursor = QueryParameter("cursor", .cursor, "`page.nextCursor` of the page before.")
        let state = QueryParameter("state", .oneOf(Delivery.State.allCases.map(\.rawValue)), "Only those.")
        let lists: [Problem.Code] = [.cursorInvalid, .cursorMismatch]
        let operations = [
            Operation(
                creating: "/webhooks", "createWebhook", "Subscribes; the answer alone shows the secret",
                gives: .init(status: 201, schema: "NewWebhook"), webhooks.create
            ).with {
                $0.body = "WebhookOrder"
                $0.problems += [.conflict]
                $0.feature = .webhooks
            },
            Operation(
                .get, "/webhooks", "webhooks", "All subscriptions", gives: .init(schema: "Webhooks"), webhooks.list
            ).with {
                $0.query = [limit, cursor]
                $0.problems = lists
            },
            Operation(.get, "/webhooks/:id", "webhook", "One", gives: .init(schema: "Webhook"), webhooks.show),
            Operation(
                .delete, "/webhooks/:id", "deleteWebhook", "Ends it", gives: .init(status: 204, types: []),
                webhooks.delete
            ).with {
                $0.problems = [.preconditionRequired, .preconditionFailed]
                $0.headers = [
                    HeaderParameter(
                        name: "If-Match", summary: "The ETag that reading it gave.", isRequired: true)
                ]
            },
            Operation(
                .post, "/webhooks/:id/test", "testWebhook", "Sends a signed test event",
                gives: .init(status: 202, schema: "WebhookTest"), webhooks.test
            ).with { $0.problems = [.conflict] },
            Operation(
                .get, "/webhooks/:id/deliveries", "deliveries", "Deliveries, the newest first",
                gives: .init(schema: "Deliveries"), webhooks.deliveries
            ).with {
                $0.query = [limit, cursor, state]
                $0.problems = lists
            },
        ]
        return operations.map { $0.with { $0.scope = "webhooks" } }
    }
}
