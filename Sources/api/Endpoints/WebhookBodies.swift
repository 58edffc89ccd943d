import Crypto
import JSON
import Model
import Store

/// Subscriptions, deliveries and attempts as v4 answers them. No secret is in them but where one was just made.
enum WebhookBodies {
    static func subscription(_ subscription: Subscription, secret: String? = nil) -> [UInt8] {
        var json = JSONWriter()
        write(subscription, secret: secret, to: &json)
        return json.finished()
    }

    static func subscriptions(_ rows: [Subscription], page: Page) -> [UInt8] {
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

    static func deliveries(_ rows: [(delivery: Delivery, attempts: [DeliveryAttempt])], page: Page) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("deliveries")
        json.beginArray()
        for row in rows { write(row.delivery, row.attempts, to: &json) }
        json.endArray()
        page.write(to: &json)
        json.endObject()
        return json.finished()
    }

    static func test(event: String, delivery: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("eventId")
        json.string(event)
        json.key("deliveryId")
        json.string(delivery)
        json.endObject()
        return json.finished()
    }

    /// Where a page of a list ends.
    struct Page: Sendable {
        let limit: Int
        let total: Int
        let nextCursor: String?

        fileprivate func write(to json: inout JSONWriter) {
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

    private static func write(_ subscription: Subscription, secret: String?, to json: inout JSONWriter) {
        json.beginObject()
        json.key("id")
        json.string(subscription.id)
        json.key("url")
        json.string(subscription.url)
        json.key("types")
        json.beginArray()
        for type in subscription.types { json.string(type) }
        json.endArray()
        json.key("state")
        json.string(subscription.state.rawValue)
        json.key("allowHttp")
        json.bool(subscription.allowHTTP)
        json.key("description")
        json.string(subscription.description)
        json.key("disabledReason")
        json.string(subscription.disabledReason)
        json.key("createdAt")
        json.string(subscription.createdAt.rfc3339)
        json.key("updatedAt")
        json.string(subscription.updatedAt.rfc3339)
        if let secret {
            json.key("secret")
            json.string(secret)
        }
        json.endObject()
    }

    private static func write(_ delivery: Delivery, _ attempts: [DeliveryAttempt], to json: inout JSONWriter) {
        json.beginObject()
        json.key("id")
        json.string(delivery.id)
        json.key("eventId")
        json.string(delivery.event)
        json.key("type")
        json.string(delivery.eventType)
        json.key("subscriptionId")
        json.string(delivery.subscription)
        json.key("trigger")
        json.string(delivery.trigger.rawValue)
        json.key("state")
        json.string(delivery.state.rawValue)
        json.key("createdAt")
        json.string(delivery.createdAt.rfc3339)
        json.key("endedAt")
        json.string(delivery.endedAt?.rfc3339)
        json.key("nextAttemptAt")
        json.string(delivery.nextAttemptAt?.rfc3339)
        json.key("attempts")
        json.beginArray()
        for attempt in attempts { write(attempt, of: delivery, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ attempt: DeliveryAttempt, of delivery: Delivery, to json: inout JSONWriter) {
        json.beginObject()
        json.key("attemptId")
        json.string("att_\(attempt.id)")
        json.key("deliveryId")
        json.string(attempt.delivery)
        json.key("eventId")
        json.string(delivery.event)
        json.key("subscriptionId")
        json.string(delivery.subscription)
        json.key("number")
        json.integer(attempt.number)
        json.key("trigger")
        json.string(delivery.trigger.rawValue)
        writeRequest(attempt, to: &json)
        json.key("startedAt")
        json.string(attempt.startedAt.rfc3339)
        json.key("dnsMs")
        json.integer(attempt.steps.dns)
        json.key("connectMs")
        json.integer(attempt.steps.connect)
        json.key("tlsMs")
        json.integer(attempt.steps.tls)
        json.key("firstByteMs")
        json.integer(attempt.steps.firstByte)
        json.key("totalMs")
        json.integer(attempt.steps.total)
        writeResponse(attempt, to: &json)
        json.key("errorClass")
        json.string(attempt.errorClass)
        json.key("errorMessage")
        json.string(attempt.errorMessage)
        json.key("retryAfterMs")
        json.integer(attempt.retryAfter.map { $0.milliseconds })
        json.key("nextAttemptAt")
        json.string(attempt.nextAttemptAt?.rfc3339)
        json.key("worker")
        json.string(attempt.worker)
        json.key("traceparent")
        json.string(attempt.traceParent)
        json.endObject()
    }

    private static func writeRequest(_ attempt: DeliveryAttempt, to json: inout JSONWriter) {
        json.key("url")
        json.string(attempt.url)
        json.key("address")
        json.string(attempt.address)
        json.key("httpVersion")
        json.string(attempt.httpVersion)
        json.key("tlsVersion")
        json.string(attempt.tlsVersion)
        json.key("requestHeaders")
        write(attempt.requestHeaders, to: &json)
        json.key("bodySha256")
        json.string(Hex.encode(attempt.bodySHA256))
        json.key("signingKeyIds")
        json.beginArray()
        for key in attempt.keys { json.string(key) }
        json.endArray()
    }

    /// The receiver's bytes need not be text; what is no UTF-8 is shown with replacement characters.
    private static func writeResponse(_ attempt: DeliveryAttempt, to json: inout JSONWriter) {
        json.key("status")
        json.integer(attempt.status)
        json.key("responseHeaders")
        write(attempt.responseHeaders, to: &json)
        json.key("responseBody")
        json.string(attempt.responseBody.map { String(decoding: $0, as: UTF8.self) })
        json.key("responseTruncated")
        json.bool(attempt.isTruncated)
    }

    private static func write(_ lines: [DeliveryAttempt.Line], to json: inout JSONWriter) {
        json.beginArray()
        for line in lines {
            json.beginObject()
            json.key("name")
            json.string(line.name)
            json.key("value")
            json.string(line.value)
            json.endObject()
        }
        json.endArray()
    }
}
