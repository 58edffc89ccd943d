package import Model
import SQLite

/// A webhook endpoint as it stands, without its keys.
package struct Subscription: Equatable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case pending, active, disabled
    }

    /// How deliveries are signed.
    package enum Signature: String, Sendable, CaseIterable {
        /// HMAC-SHA256 with a secret that both sides know.
        case v1
        /// Ed25519, so that the receiver holds nothing secret.
        case v1a
    }

    package let id: String
    package var url: String
    /// Event types; `model.*` stands for all that begin so.
    package var types: [String]
    /// JSON: fields of `data`, and the values that each may have.
    package var filter: String?
    /// One delivery at a time, in the order of the events; one that fails holds up those behind it.
    package var isOrdered = false
    package var state: State
    package var allowHTTP: Bool
    package var description: String?
    package var signature = Signature.v1
    /// How many attempts may be under way at once, over all notifiers.
    package var maxInFlight = Subscription.usualInFlight
    /// How many attempts may start in a second.
    package var ratePerSecond = Subscription.usualRate
    /// The token that created it.
    package var createdBy: String?
    /// What the receiver must echo before the subscription becomes active.
    package var challenge: String?
    /// When the receiver echoed the challenge.
    package var verifiedAt: Timestamp?
    package var isVerificationSkipped = false
    package var throttledUntil: Timestamp?
    /// Counts the changes that a reader can see.
    package var version = 1
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var disabledReason: String?
    package var health = SubscriptionHealth()

    package static let usualInFlight = 8
    package static let inFlightBounds = 1...64
    package static let usualRate = 100
    package static let rateBounds = 1...1_000

    package init(
        id: String, url: String, types: [String], state: State, allowHTTP: Bool, description: String?,
        challenge: String?, createdAt: Timestamp
    ) {
        self.id = id
        self.url = url
        self.types = types
        self.state = state
        self.allowHTTP = allowHTTP
        self.description = description
        self.challenge = challenge
        self.createdAt = createdAt
        updatedAt = createdAt
    }

    init(_ row: borrowing Row) {
        id = row.text(0)
        url = row.text(1)
        types = row.text(2).split(separator: "\n").map(String.init)
        // The schema knows no other words.
        state = State(rawValue: row.text(3)) ?? .disabled
        allowHTTP = row.flag(4)
        description = row.textOrNull(5)
        challenge = row.textOrNull(6)
        throttledUntil = row.integerOrNull(7).map { Timestamp(milliseconds: $0) }
        version = row.count(8)
        createdAt = Timestamp(milliseconds: row.integer(9))
        updatedAt = Timestamp(milliseconds: row.integer(10))
        disabledReason = row.textOrNull(11)
        filter = row.textOrNull(12)
        isOrdered = row.flag(13)
        signature = Signature(rawValue: row.text(14)) ?? .v1
        maxInFlight = row.count(15)
        ratePerSecond = row.count(16)
        createdBy = row.textOrNull(17)
        verifiedAt = row.integerOrNull(18).map { Timestamp(milliseconds: $0) }
        isVerificationSkipped = row.flag(19)
        health = SubscriptionHealth(row, from: 20)
    }
}

/// What attempts have shown of a receiver.
package struct SubscriptionHealth: Equatable, Sendable {
    /// Since the last success.
    package var consecutiveFailures = 0
    /// When the first of them was.
    package var failingSince: Timestamp?
    /// How much of the way to being disabled has been told, in percent.
    package var failingNotice = 0
    package var lastAttemptAt: Timestamp?
    package var lastSuccessAt: Timestamp?
    /// `nil`: the breaker is closed. Later than now: open. Past: half open.
    package var breakerUntil: Timestamp?
    /// Attempts before this do not count for the breaker.
    package var breakerSince = Timestamp(milliseconds: 0)

    package init() {}

    init(_ row: borrowing Row, from first: Int32) {
        consecutiveFailures = row.count(first)
        failingSince = row.integerOrNull(first + 1).map { Timestamp(milliseconds: $0) }
        failingNotice = row.count(first + 2)
        lastAttemptAt = row.integerOrNull(first + 3).map { Timestamp(milliseconds: $0) }
        lastSuccessAt = row.integerOrNull(first + 4).map { Timestamp(milliseconds: $0) }
        breakerUntil = row.integerOrNull(first + 5).map { Timestamp(milliseconds: $0) }
        breakerSince = Timestamp(milliseconds: row.integer(first + 6))
    }

    package enum Breaker: String, Sendable {
        case closed, open
        case halfOpen = "half-open"
    }

    package func breaker(at moment: Timestamp) -> Breaker {
        guard let breakerUntil else { return .closed }
        return breakerUntil > moment ? .open : .halfOpen
    }
}
