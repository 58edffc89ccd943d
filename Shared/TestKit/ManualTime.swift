package import Model
import Synchronization

/// Wall time and uptime that pass only when a test says so, each by itself: a clock that is set moves the one and not
/// the other.
package final class ManualTime: Sendable {
    private struct Hands {
        var wall: Int64
        var uptime: Int64
    }

    private let hands: Mutex<Hands>

    /// - Parameter start: far enough from 0 that a test may go back.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000), uptime: Int64 = 60_000) {
        hands = Mutex(Hands(wall: start.milliseconds, uptime: uptime))
    }

    package func now() -> Timestamp {
        Timestamp(milliseconds: hands.withLock { $0.wall })
    }

    package func sinceBoot() -> Int64 {
        hands.withLock { $0.uptime }
    }

    /// Time passes for both.
    package func advance(by step: Duration) {
        hands.withLock { hands in
            hands.wall += step.milliseconds
            hands.uptime += step.milliseconds
        }
    }

    /// Somebody sets the clock; the uptime knows nothing of it.
    package func setClock(to moment: Timestamp) {
        hands.withLock { $0.wall = moment.milliseconds }
    }

    /// The machine starts again: the uptime is short, the wall clock goes on.
    package func reboot(uptime: Int64 = 1_000) {
        hands.withLock { $0.uptime = uptime }
    }
}
