import Model
import Synchronization

/// Keeps evaluations from taking more than a tenth of a scorer's time: one over a week with a million sessions takes
/// seconds, and in such a ledger a session ends every second.
final class AlertPace: Sendable {
    /// How many times as long as it took an evaluation is followed by nothing.
    private static let rest = 9

    private let last = Mutex<(end: Timestamp, took: Duration)?>(nil)

    /// When the next evaluation may begin, if that is not now.
    func opening(at now: Timestamp, within most: Duration) -> Timestamp? {
        guard let last = last.withLock({ $0 }) else { return nil }
        let wait = min(last.took * Self.rest, most)
        // An end that is later than now was written by a clock that has been put back.
        guard now >= last.end, now - last.end < wait else { return nil }
        return last.end + wait
    }

    func note(from start: Timestamp, to end: Timestamp) {
        last.withLock { $0 = (end, max(.zero, end - start)) }
    }
}
