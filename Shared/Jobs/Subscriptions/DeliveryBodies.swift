import Crypto
import JSON
import Model
package import Store

/// Deliveries and their attempts as v4 answers them: signatures and the queries of addresses were never kept.
extension WebhookBodies {
    package static func deliveries(_ rows: [(delivery: Delivery, attempts: [DeliveryAttempt])], page: Page) -> [UInt8] {
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

    /// Deliveries without the rest of a page, for the operator's command.
    package static func report(_ rows: [(delivery: Delivery, attempts: [DeliveryAttempt])]) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for row in rows { write(row.delivery, row.attempts, to: &json) }
        json.endArray()
        return json.finished()
    }

    /// One delivery with the body that every attempt of it carries.
    package static func delivery(_ delivery: Delivery, _ attempts: [DeliveryAttempt], of event: StoredEvent) -> [UInt8]
    {
        var json = JSONWriter()
        write(delivery, attempts, of: event, to: &json)
        return json.finished()
    }

    /// - Parameter next: with which a replay that made as many as it may goes on.
    package static func replay(deliveries: Int, next: String?) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("deliveries")
        json.integer(deliveries)
        json.key("nextCursor")
        json.string(next)
        json.endObject()
        return json.finished()
    }

    package static func sent(event: String, delivery: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("eventId")
        json.string(event)
        json.key("deliveryId")
        json.string(delivery)
        json.endObject()
        return json.finished()
    }

    private static func write(
        _ delivery: Delivery, _ attempts: [DeliveryAttempt], of event: StoredEvent? = nil, to json: inout JSONWriter
    ) {
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
        json.key("originalId")
        json.string(delivery.original)
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
        if let event {
            json.key("payload")
            json.raw(event.body)
        }
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
