import HTTPServer
import Store

extension V4Operations {
    private static let key = HeaderParameter(
        name: "Idempotency-Key", summary: "The same key and body are done once, for 24 hours.", isRequired: false)
    private static let match = HeaderParameter(
        name: "If-Match", summary: "The ETag that reading it gave.", isRequired: true)
    private static let limit = QueryParameter(
        "limit", .whole(1...100), "How many at most; 25 where nothing is said.")
    private static let cursor = QueryParameter("cursor", .cursor, "`page.nextCursor` of the page before.")

    /// Subscriptions and their deliveries: all need a token with the scope `webhooks`.
    var subscriptions: [Operation] {
        (subscriptionOperations + subscriptionActs + deliveryOperations).map { $0.with { $0.scope = "webhooks" } }
    }

    private var subscriptionOperations: [Operation] {
        [
            Operation(
                .post, "/webhooks", "createWebhook", "Subscribes; the answer alone shows the secret",
                gives: .init(status: 201, schema: "NewWebhook"), webhooks.create
            ).with {
                $0.body = "WebhookOrder"
                $0.problems = [.conflict, .idempotencyMismatch, .idempotencyBusy]
                $0.headers = [Self.key]
                $0.feature = .webhooks
            },
            Operation(
                .get, "/webhooks", "webhooks", "All subscriptions", gives: .init(schema: "Webhooks"), webhooks.list
            ).with {
                $0.query = [Self.limit, Self.cursor]
                $0.problems = [.cursorInvalid, .cursorMismatch]
            },
            Operation(.get, "/webhooks/:id", "webhook", "One", gives: .init(schema: "Webhook"), webhooks.show),
            Operation(
                .patch, "/webhooks/:id", "changeWebhook", "Changes it; a new URL is verified again",
                gives: .init(schema: "Webhook"), webhooks.change
            ).with {
                $0.body = "WebhookPatch"
                $0.bodyTypes = WebhookEndpoints.patchTypes
                $0.problems = [.preconditionRequired, .preconditionFailed]
                $0.headers = [Self.match]
            },
            Operation(
                .delete, "/webhooks/:id", "deleteWebhook", "Ends it", gives: .init(status: 204, types: []),
                webhooks.delete
            ).with {
                $0.problems = [.preconditionRequired, .preconditionFailed]
                $0.headers = [Self.match]
            },
            Operation(
                .get, "/webhooks/:id/health", "webhookHealth", "How its receiver is",
                gives: .init(schema: "WebhookHealth"), webhooks.health),
        ]
    }

    private var subscriptionActs: [Operation] {
        let acts = [
            Operation(
                .post, "/webhooks/:id/rotate", "rotateWebhook", "Makes a new key; the answer alone shows the secret",
                gives: .init(schema: "NewWebhook"), webhooks.rotate
            ).with {
                $0.body = "WebhookRotation"
                $0.isBodyOptional = true
            },
            Operation(
                .post, "/webhooks/:id/test", "testWebhook", "Sends a signed test event",
                gives: .init(status: 202, schema: "WebhookSent"), webhooks.test
            ).with { $0.problems = [.conflict] },
            Operation(
                .post, "/webhooks/:id/enable", "enableWebhook", "Begins anew, with a challenge where one is due",
                gives: .init(schema: "Webhook"), webhooks.enable),
            Operation(
                .post, "/webhooks/:id/disable", "disableWebhook", "Sends nothing more until it is enabled",
                gives: .init(schema: "Webhook"), webhooks.disable),
            Operation(
                .post, "/webhooks/:id/replay", "replayWebhook", "Sends again what happened in a time",
                gives: .init(status: 202, schema: "WebhookReplayed"), webhooks.replay
            ).with {
                $0.body = "WebhookReplay"
                $0.problems = [.conflict, .cursorInvalid, .cursorMismatch]
            },
        ]
        return acts.map { act in
            act.with {
                $0.headers = [Self.key]
                $0.problems += [.idempotencyMismatch, .idempotencyBusy]
            }
        }
    }

    private var deliveryOperations: [Operation] {
        let state = QueryParameter("state", .oneOf(Delivery.State.allCases.map(\.rawValue)), "Only those.")
        return [
            Operation(
                .get, "/webhooks/:id/deliveries", "deliveries", "Deliveries, the newest first",
                gives: .init(schema: "Deliveries"), webhooks.deliveries
            ).with {
                $0.query = [Self.limit, Self.cursor, state]
                $0.problems = [.cursorInvalid, .cursorMismatch]
            },
            Operation(
                .get, "/webhooks/:id/deliveries/:deliveryId", "delivery", "One, with its attempts and its body",
                gives: .init(schema: "DeliveryDetail"), webhooks.delivery),
            Operation(
                .post, "/webhooks/:id/deliveries/:deliveryId/resend", "resendDelivery", "Sends its event once more",
                gives: .init(status: 202, schema: "WebhookSent"), webhooks.resend
            ).with {
                $0.headers = [Self.key]
                $0.problems = [.conflict, .idempotencyMismatch, .idempotencyBusy]
            },
        ]
    }
}
