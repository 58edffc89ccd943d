import Model
import Synchronization

/// What a worker did lately, for whoever watches that it does something.
package struct WorkerPulse: Equatable, Sendable {
    /// Jobs that it has taken and not ended.
    package let held: Int
    /// Since it began.
    package let ended: Int

    /// For `systemctl status`.
    package var words: String {
        (held == 0 ? "waits for jobs" : "runs \(held) \(held == 1 ? "job" : "jobs")") + ", \(ended) ended"
    }
}

/// Decides whether a worker still gets anywhere, from what is counted while it works.
///
/// The database has answered when this is asked; besides, the loop that takes jobs must have come round since it was
/// last said that all is well, and no run may last beyond all measure: its heartbeat would keep its lease for ever.
struct Liveness: Sendable {
    /// No stage takes as long: the largest work, a publication of the whole Hub, takes minutes.
    static let longestRun = Duration.hours(1)

    private var seen = -1

    /// - Parameters:
    ///   - turns: how often the loop has come round in all.
    ///   - longest: how long the oldest run has lasted.
    mutating func isAlive(turns: Int, longest: Duration?) -> Bool {
        guard turns > seen, longest ?? .zero < Self.longestRun else { return false }
        seen = turns
        return true
    }
}

/// Counts how often the loop of a worker has come round.
final class Turns: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .relaxed) }

    func turn() {
        number.add(1, ordering: .relaxed)
    }
}
