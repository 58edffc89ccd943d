import Daemon
import Glibc
import Model
import Synchronization

/// A signal that the process sends to itself when it comes by a point for the so manieth time.
final class Strike: Sendable {
    enum Point: String, Sendable {
        case afterClaim = "after-claim"
        case inWork = "in-work"
        case beforeCommit = "before-commit"
        case afterCommit = "after-commit"
    }

    private let point: Point
    private let signal: Int32
    private let passesLeft: Mutex<Int>

    init(at point: Point, pass: Int, signal: Int32) {
        self.point = point
        self.signal = signal
        passesLeft = Mutex(pass)
    }

    /// Says when it strikes, in real time: what the test reckons from.
    func pass(_ point: Point) {
        guard point == self.point else { return }
        let isStruck = passesLeft.withLock { left in
            left -= 1
            return left == 0
        }
        guard isStruck else { return }
        Console.print("struck \(SystemClock.now().milliseconds)")
        kill(getpid(), signal)
    }
}
