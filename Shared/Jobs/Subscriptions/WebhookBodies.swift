import JSON
import Model
import Store

/// Subscriptions as v4 answers them. No secret is in them but where one was just made.
package enum WebhookBodies {
    /// - Parameter secret: what was just made and is shown this once; the inner `nil` where a pair was made, of which
    ///   nothing secret leaves the service.
    package static func subscription(_ shown: ShownSubscription, secret: String?? = nil) -> [UInt8] {
        var json = JSONWriter()
        write(shown, secret: secret, to: &json)
        return json.finished()
    }

    package static func subscriptions(_ rows: [ShownSubscription], page: Page) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("webhooks")
        json.beginArray()
        for row in rows { write(row, secret: nil, to: &json) }
        json.endArray()
        page.write(to: &json)
        json.endObject()
        return json.finished()
    }

    /// Where a page of a list ends.
    package struct Page: Sendable {
        private let limit: Int
        private let total: Int
        private let nextCursor: String?

        package init(limit: Int, total: Int, nextCursor: String?) {
            self.limit = limit
            self.total = total
            self.nextCursor = nextCursor
        }

        func write(to json: inout JSONWriter) {
            json.key("page")
            json.beginObject()
            json.key("limit")
            json.integer(limit)
            json.key("total")
            json.integer(total)
            json.key("nextCursor")
            json.string(nextCursor)
            json.endObject()
        }
    }

    package static func health(_ health: WebhookHealth) -> [UInt8] {
        var json = JSONWriter()
        write(health, to: &json)
        return json.finished()
    }

    /// A subscription with its health, for the operator's command.
    package static func report(_ rows: [(shown: ShownSubscription, health: WebhookHealth)]) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for row in rows { write(row.shown, secret: nil, health: row.health, to: &json) }
        json.endArray()
        return json.finished()
    }

    package static func report(_ shown: ShownSubscription, _ health: WebhookHealth) -> [UInt8] {
        var json = JSONWriter()
        write(shown, secret: nil, health: health, to: &json)
        return json.finished()
    }

    private static func write(_ health: WebhookHealth, to json: inout JSONWriter) {
        let known = health.subscription.health
        json.beginObject()
        json.key("subscriptionId")
        json.string(health.subscription.id)
        json.key("state")
        json.string(health.subscription.state.rawValue)
        json.key("consecutiveFailures")
        json.integer(known.consecutiveFailures)
        json.key("failingSince")
        json.string(known.failingSince?.rfc3339)
        json.key("failingNoticePercent")
        json.integer(known.failingNotice)
        json.key("breaker")
        json.string(health.breaker.rawValue)
        json.key("breakerUntil")
        json.string(health.breaker == .open ? known.breakerUntil?.rfc3339 : nil)
        json.key("throttledUntil")
        json.string(health.throttledUntil?.rfc3339)
        json.key("lastAttemptAt")
        json.string(known.lastAttemptAt?.rfc3339)
        json.key("lastSuccessAt")
        json.string(known.lastSuccessAt?.rfc3339)
        json.key("attempts24h")
        json.integer(health.attempts)
        json.key("failures24h")
        json.integer(health.failures)
        json.key("successRate24h")
        json.double(health.successRate.map { Double($0) / 1_000 })
        json.key("pending")
        json.integer(health.pending)
        json.endObject()
    }

    private static func write(
        _ shown: ShownSubscription, secret: String??, health: WebhookHealth? = nil, to json: inout JSONWriter
    ) {
        let subscription = shown.subscription
        json.beginObject()
        json.key("id")
        json.string(subscription.id)
        json.key("url")
        json.string(subscription.url)
        json.key("types")
        json.beginArray()
        for type in subscription.types { json.string(type) }
        json.endArray()
        json.key("filter")
        // Kept as it was checked, so it is JSON.
        if let filter = subscription.filter { json.raw([UInt8](filter.utf8)) } else { json.null() }
        json.key("ordered")
        json.bool(subscription.isOrdered)
        json.key("state")
        json.string(subscription.state.rawValue)
        json.key("allowHttp")
        json.bool(subscription.allowHTTP)
        json.key("signature")
        json.string(subscription.signature.rawValue)
        json.key("description")
        json.string(subscription.description)
        json.key("maxInFlight")
        json.integer(subscription.maxInFlight)
        json.key("ratePerSecond")
        json.integer(subscription.ratePerSecond)
        json.key("verifiedAt")
        json.string(subscription.verifiedAt?.rfc3339)
        json.key("verificationSkipped")
        json.bool(subscription.isVerificationSkipped)
        json.key("disabledReason")
        json.string(subscription.disabledReason)
        json.key("createdAt")
        json.string(subscription.createdAt.rfc3339)
        json.key("updatedAt")
        json.string(subscription.updatedAt.rfc3339)
        json.key("publicKey")
        json.string(shown.publicKey)
        writeKeys(shown.keys, to: &json)
        if let secret {
            json.key("secret")
            json.string(secret)
        }
        if let health {
            json.key("health")
            write(health, to: &json)
        }
        json.endObject()
    }

    private static func writeKeys(_ keys: [ShownKey], to json: inout JSONWriter) {
        json.key("keys")
        json.beginArray()
        for key in keys {
            json.beginObject()
            json.key("id")
            json.string(key.id)
            json.key("kind")
            json.string(key.kind)
            json.key("publicKey")
            json.string(key.publicKey)
            json.key("createdAt")
            json.string(key.createdAt.rfc3339)
            json.key("expiresAt")
            json.string(key.expiresAt?.rfc3339)
            json.endObject()
        }
        json.endArray()
    }
}
