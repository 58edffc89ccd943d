import Daemon
import Glibc
import Model
import SQLite
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
    private let database: String
    private let passesLeft: Mutex<Int>

    init(at point: Point, pass: Int, signal: Int32, database: String) {
        self.database = database
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
        if signal == SIGSTOP && point != .beforeCommit {
            outsideTransactions { Console.print("struck \(SystemClock.now().milliseconds)") }
        } else {
            Console.print("struck \(SystemClock.now().milliseconds)")
        }
        kill(getpid(), signal)
    }

    /// Returns at a moment at which no thread of this process writes: one that is stopped in its transaction holds up
    /// all processes, which is the scenario of `beforeCommit`.
    private func outsideTransactions(_ body: () -> Void) {
        do {
            let connection = try Connection(path: database)
            try connection.runScript("BEGIN IMMEDIATE")
            body()
            try connection.runScript("ROLLBACK")
        } catch {
            Console.print("failed: \(error)")
            exit(1)
        }
    }
}
