package import JSON
package import Model
package import SQLite
package import Store

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

/// Writes an event and its deliveries in the transaction of the change that the event reports, and lets those start
/// that may.
package struct EmitEvent: Write {
    private let event: OutgoingEvent
    private let now: Timestamp
    private let except: String?

    /// - Parameter subscription: the one that the event is about: a receiver that fails is not told so.
    package init(_ event: OutgoingEvent, except subscription: String? = nil, now: Timestamp) {
        self.event = event
        self.now = now
        except = subscription
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        let fresh = try connection.run(
            .saveEvent(
                id: event.id, type: event.type, originKey: event.originKey, occurredAt: event.occurredAt,
                body: event.body, traceParent: event.traceParent))
        guard !fresh.isEmpty else { return }
        let reader = EventReader(type: event.type, body: event.body)
        for audience in try connection.run(.activeAudiences())
        where audience.subscription != except && reader.isWanted(by: audience) {
            try SendEvent(event: event.id, to: audience.subscription, now: now).apply(to: connection)
        }
    }
}

/// Writes one delivery of a stored event, and lets it start if it may. Ring ``StageName/notify`` afterwards.
package struct SendEvent: Write {
    package let delivery: NewDelivery
    private let now: Timestamp

    /// - Parameters:
    ///   - original: the delivery that is sent again.
    ///   - counts: whether it says something about the receiver's health.
    ///   - traceParent: of the request that asked for it; `nil` for that of the event.
    package init(
        event: String, to subscription: String, trigger: Delivery.Trigger = .scheduled, original: String? = nil,
        counts: Bool = true, traceParent: String? = nil, now: Timestamp
    ) {
        var delivery = NewDelivery(id: RandomName.make("dlv_"), event: event, subscription: subscription)
        delivery.trigger = trigger
        delivery.original = original
        delivery.counts = counts
        delivery.traceParent = traceParent
        self.delivery = delivery
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(Query<Void>.saveDelivery(delivery, now: now))
        try AdmitDeliveries(of: delivery.subscription, now: now).apply(to: connection)
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
