import Daemon
import Glibc
import Jobs
import Model
import SQLite
import Store

/// What the test that starts this process wants of it: flags with one value each.
struct Orders: Sendable {
    enum Role: String, Sendable {
        /// Makes the database, with so many jobs in it.
        case prepare
        /// Claims and runs jobs, and stands for election as checkpointer.
        case work
        /// Opens a read transaction and keeps it.
        case read
    }

    let role: Role
    let location: DatabaseLocation
    let name: String
    let timing: LeaseTiming
    /// Jobs of each kind at a time.
    let slots: Int
    let workTime: Duration
    /// Bytes that each effect carries, to make the log grow.
    let ballast: Int
    let strike: Strike?
    let jobs: Int
    /// A file with the milliseconds by which this process's wall clock is wrong.
    let clockFile: String?
    /// How often the periodic job comes; `nil` leaves it alone.
    let tick: Duration?

    static let ofProcess = Orders(Array(CommandLine.arguments.dropFirst()))

    private init(_ arguments: [String]) {
        var flags: [String: String] = [:]
        for index in stride(from: 0, to: arguments.count - 1, by: 2) { flags[arguments[index]] = arguments[index + 1] }
        guard let database = flags["--database"] else { Self.refuse("--database is missing") }
        func number(_ flag: String, _ fallback: Int) -> Int {
            guard let text = flags[flag] else { return fallback }
            guard let number = Int(text) else { Self.refuse("\(flag) takes a number, not \(text)") }
            return number
        }
        guard let role = Role(rawValue: flags["--role"] ?? "work") else { Self.refuse("--role is not known") }
        self.role = role
        location = DatabaseLocation(path: database, durability: Durability(rawValue: flags["--sync"] ?? "") ?? .normal)
        name = flags["--name"] ?? "fault-\(getpid())"
        timing = LeaseTiming(
            lease: .milliseconds(number("--lease", 1_000)), heartbeat: .milliseconds(number("--heartbeat", 300)),
            slowPoll: .milliseconds(number("--poll", 100)))
        slots = number("--slots", 4)
        workTime = .milliseconds(number("--work", 10))
        ballast = number("--ballast", 0)
        jobs = number("--jobs", 0)
        clockFile = flags["--clock"]
        tick = flags["--tick"] == nil ? nil : .milliseconds(number("--tick", 0))
        strike = flags["--strike"].map { point in
            guard let point = Strike.Point(rawValue: point) else { Self.refuse("no fail point \(point)") }
            return Strike(
                at: point, pass: number("--pass", 1), signal: flags["--signal"] == "stop" ? SIGSTOP : SIGKILL,
                database: database)
        }
    }

    private static func refuse(_ reason: String) -> Never {
        Console.error("FaultWorker: \(reason)")
        exit(2)
    }

    /// Wall time as this process sees it.
    @Sendable func now() -> Timestamp {
        let error = clockFile.flatMap(TextFile.read).flatMap { Int64($0.filter { !$0.isWhitespace }) } ?? 0
        return SystemClock.now() + .milliseconds(error)
    }
}
