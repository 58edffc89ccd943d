import Model
import Store

/// What one attempt changes in what is known of a receiver. Pure: the attempt, the recent past and the time come in.
struct HealthStep: Equatable, Sendable {
    /// A receiver that fails so often in a row …
    static let failuresToDisable = 20
    /// … over so long is disabled.
    static let timeToDisable = Duration.days(5)
    /// How much of that way is told, in percent.
    static let notices = [50, 70, 90, 100]

    /// The breaker opens when so many of at least so many attempts failed within so long …
    static let breakerShare = 70
    static let breakerAttempts = 10
    static let breakerWindow = Duration.seconds(300)
    /// … and lets one through after so long.
    static let breakerPause = Duration.seconds(30)

    private(set) var health: SubscriptionHealth
    /// Percentages of the way to being disabled that were passed, and have not been told.
    private(set) var failing: [Int] = []
    private(set) var isRecovered = false
    /// Whether the receiver has failed often and long enough.
    private(set) var isHopeless = false

    /// - Parameter recent: attempts within the breaker's window, this one included.
    init(
        _ before: SubscriptionHealth, failed: Bool, startedAt: Timestamp,
        recent: (attempts: Int, failures: Int), now: Timestamp
    ) {
        health = before
        health.lastAttemptAt = now
        if failed {
            fail(startedAt, recent, now)
        } else {
            succeed(now)
        }
    }

    private mutating func succeed(_ now: Timestamp) {
        isRecovered = health.failingNotice > 0
        health.consecutiveFailures = 0
        health.failingSince = nil
        health.failingNotice = 0
        health.lastSuccessAt = now
        // An answer to what was sent before the breaker opened says nothing new.
        guard health.breaker(at: now) == .halfOpen else { return }
        health.breakerUntil = nil
        health.breakerSince = now
    }

    private mutating func fail(_ startedAt: Timestamp, _ recent: (attempts: Int, failures: Int), _ now: Timestamp) {
        health.consecutiveFailures += 1
        let since = health.failingSince ?? startedAt
        health.failingSince = since
        // Whichever of the two is further from its end says how far it is.
        let byCount = health.consecutiveFailures * 100 / Self.failuresToDisable
        let byTime = (now - since).milliseconds * 100 / Self.timeToDisable.milliseconds
        let percent = min(Int64(byCount), byTime)
        isHopeless = percent >= 100
        // One that was disabled and enabled again begins anew.
        let told = health.failingNotice == 100 ? 0 : health.failingNotice
        failing = Self.notices.filter { $0 > told && $0 <= percent }
        if let last = failing.last { health.failingNotice = last }
        switch health.breaker(at: now) {
        case .open: break
        case .halfOpen: health.breakerUntil = now + Self.breakerPause
        case .closed:
            if recent.attempts >= Self.breakerAttempts,
                recent.failures * 100 >= recent.attempts * Self.breakerShare
            {
                health.breakerUntil = now + Self.breakerPause
            }
        }
    }
}
