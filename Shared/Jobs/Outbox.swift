package import JSON
package import Model
package import SQLite
import Store

/// Something that happened, with the exact bytes that receivers get: `{"type", "timestamp", "data"}`.
package struct OutgoingEvent: Sendable {
    /// Bodies are thin; Standard Webhooks recommends less than 20 kB.
    package static let largestBody = 19_999

    package let id: String
    package let type: String
    package let originKey: String
    package let occurredAt: Timestamp
    package let body: [UInt8]
    package let traceParent: String?

    /// - Parameters:
    ///   - originKey: names the happening itself, so that it is told once, whoever tells it first.
    ///   - data: writes the event's `data`.
    /// - Returns: `nil` if the body would be too large.
    package init?(
        id: String = RandomName.make("msg_"), type: String, originKey: String, occurredAt: Timestamp,
        traceParent: String?, data: (inout JSONWriter) -> Void
    ) {
        var json = JSONWriter()
        json.beginObject()
        json.key("type")
        json.string(type)
        json.key("timestamp")
        json.string(occurredAt.rfc3339)
        json.key("data")
        data(&json)
        json.endObject()
        let body = json.finished()
        guard body.count <= Self.largestBody else { return nil }
        self.id = id
        self.type = type
        self.originKey = originKey
        self.occurredAt = occurredAt
        self.body = body
        self.traceParent = traceParent
    }
}

/// Writes an event, its deliveries and their jobs in the transaction of the change that the event reports.
package struct EmitEvent: Write {
    private let event: OutgoingEvent
    private let now: Timestamp

    package init(_ event: OutgoingEvent, now: Timestamp) {
        self.event = event
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let fresh = try connection.run(
            .saveEvent(
                id: event.id, type: event.type, originKey: event.originKey, occurredAt: event.occurredAt,
                body: event.body, traceParent: event.traceParent))
        guard !fresh.isEmpty else { return }
        for audience in try connection.run(.activeAudiences()) where audience.wants(event.type) {
            try SendEvent(event: event.id, to: audience.subscription, traceParent: event.traceParent, now: now)
                .apply(to: connection)
        }
    }
}

/// Writes one delivery of a stored event, with its job.
package struct SendEvent: Write {
    private let event: String
    private let subscription: String
    private let traceParent: String?
    private let now: Timestamp

    package init(event: String, to subscription: String, traceParent: String?, now: Timestamp) {
        self.event = event
        self.subscription = subscription
        self.traceParent = traceParent
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let delivery = RandomName.make("dlv_")
        try connection.run(.saveDelivery(id: delivery, event: event, subscription: subscription, now: now))
        try connection.enqueue(DeliverWebhook(delivery: delivery).job(traceParent: traceParent), now: now)
    }
}

/// Names that nobody can guess or meet twice: a prefix and 128 random bits.
package enum RandomName {
    package static func make(_ prefix: String) -> String {
        prefix + hex(UInt64.random(in: 0...UInt64.max)) + hex(UInt64.random(in: 0...UInt64.max))
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
