package import Model
package import SQLite
package import Store

/// Sends a subscription again what it wants of the events of a time: their bodies and ids as they were, signed with the
/// current key. It says nothing about the receiver's health.
package struct ReplayEvents: Sendable {
    /// How many deliveries one replay makes, and how many events it looks at.
    package static let mostDeliveries = 1_000
    package static let mostEvents = 20_000
    private static let batch = 500

    /// What one replay made.
    package struct Outcome: Equatable, Sendable {
        package var deliveries = 0
        /// Behind which event to go on; `nil` where the time is through.
        package var next: Int64?
    }

    private let audience: Audience
    private let types: [String]?
    private let times: Range<Timestamp>
    private let place: Int64
    private let traceParent: String?
    private let now: Timestamp

    /// - Parameters:
    ///   - types: event types or groups; `nil` for all that the subscription wants.
    ///   - place: the event behind which it begins.
    package init(
        to subscription: Subscription, types: [String]?, during times: Range<Timestamp>, after place: Int64 = 0,
        traceParent: String? = nil, now: Timestamp
    ) {
        audience = Audience(subscription)
        self.types = types
        self.times = times
        self.place = place
        self.traceParent = traceParent
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) -> Outcome {
        var outcome = Outcome()
        var (last, seen) = (place, 0)
        while true {
            let events = try connection.run(
                .recordedEvents(since: times.lowerBound, until: times.upperBound, after: last, limit: Self.batch))
            for recorded in events {
                guard outcome.deliveries < Self.mostDeliveries, seen < Self.mostEvents else {
                    outcome.next = last
                    return outcome
                }
                (last, seen) = (recorded.sequence, seen + 1)
                guard isWanted(recorded.event) else { continue }
                try SendEvent(
                    event: recorded.event.id, to: audience.subscription, trigger: .replay, counts: false,
                    traceParent: traceParent, now: now
                ).apply(to: connection)
                outcome.deliveries += 1
            }
            if events.count < Self.batch { return outcome }
        }
    }

    private func isWanted(_ event: StoredEvent) -> Bool {
        guard types?.contains(where: { Audience.pattern($0, covers: event.type) }) ?? true else { return false }
        return EventReader(type: event.type, body: event.body).isWanted(by: audience)
    }
}
