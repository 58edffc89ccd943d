import Model

/// When a delivery is tried again: ten attempts over about three days, as Standard Webhooks recommends.
///
/// A value without clock and generator: chance comes in as an argument.
enum DeliverySchedule {
    /// The wait after the first attempt, after the second, and so on.
    static let waits: [Duration] = [
        .seconds(5), .minutes(5), .minutes(30), .hours(2), .hours(5), .hours(10), .hours(14), .hours(20), .hours(24),
    ]
    static let attempts = waits.count + 1
    /// A receiver that asks for time gets at least so much.
    static let shortestPause = Duration.seconds(60)

    /// The wait after the attempt of that number; `nil` after the last one.
    ///
    /// Waits are spread by 20 % to both sides, so that what failed together is not tried together. `chance` is in
    /// 0..<1. A receiver's own `Retry-After` is kept within one and two times the planned wait, and is never cut short.
    static func wait(afterAttempt attempt: Int, pause: Pause, chance: Double) -> Duration? {
        precondition(attempt >= 1 && (0..<1).contains(chance))
        guard attempt <= waits.count else { return nil }
        let planned = waits[attempt - 1]
        switch pause {
        case .none:
            return planned * (0.8 + 0.4 * chance)
        case .asked(for: nil):
            return max(shortestPause, max(shortestPause, planned) * (0.8 + 0.4 * chance))
        case .asked(let asked?):
            let base = max(shortestPause, planned)
            let wait = min(max(asked, base), base * 2)
            return min(wait * (1 + 0.2 * chance), base * 2)
        }
    }

    /// How long nothing at all is sent to a receiver that asked for time.
    static func silence(for pause: Pause) -> Duration? {
        switch pause {
        case .none: nil
        case .asked(for: nil): shortestPause
        case .asked(let asked?): min(max(asked, shortestPause), shortestPause * 2)
        }
    }

    /// Whether a receiver asked for time, and for how much.
    enum Pause: Equatable, Sendable {
        case none
        case asked(for: Duration?)
    }
}
