import Daemon
import SQLite
import Store

/// What the command line says: a role, and how much of it.
struct Options: Sendable {
    static let ofProcess = Options(CommandLine.arguments.dropFirst())

    let role: String
    private(set) var path = ""
    private(set) var durability = Durability.full
    private(set) var jobs = 100
    private(set) var batch = 1
    private(set) var payload = 100
    /// Between two enqueues of the wake-up measurement, and between the commits that it is held against.
    private(set) var pause = Duration.milliseconds(20)
    private(set) var fault: String?

    static let help = """
        QueueBench: one role of the queue benchmark; scripts/bench plays them together.

        Usage: QueueBench ROLE --db PATH [--sync full|normal] [--jobs N] [--batch N] [--payload BYTES] [--pause MS]

          fill      a new database with N waiting jobs
          enqueue   N jobs, a batch at a time, each batch a transaction
          store     claim and finish until nothing waits: two transactions a batch, nothing else
          chain     the same, but the transaction that ends a batch claims the next, as the worker's does
          worker    the product's worker with a stage that does nothing, until nothing waits
          listen    a worker that says when each of N jobs began; for ring
          ring      N jobs one by one with a pause before each, with the doorbell
          raw       N transactions of one small row each: what the machine can do
          bare      N rows read, marked as held and marked as done, a batch in two transactions: the least that a queue
                    in a table does
          pairs     N times two of these, with a pause before: how long one takes, and both
          outcome   what has become of the jobs, by worker
          plan      how SQLite runs the claim and the end of a job
          settings  the pragmas of a connection, read back

        A role writes "ready", waits for a line or the end of its standard input, and answers one JSON object.
        Times are microseconds since boot.
        """

    init(_ arguments: ArraySlice<String>) {
        role = arguments.first ?? ""
        var rest = arguments.dropFirst()
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else {
                fault = "\(name) needs a value"
                return
            }
            if !take(name, value) { fault = "\(name) \(value) is not understood" }
        }
    }

    private mutating func take(_ name: String, _ value: String) -> Bool {
        if name == "--db" {
            path = value
            return true
        }
        if name == "--sync" {
            guard let known = Durability(rawValue: value) else { return false }
            durability = known
            return true
        }
        guard let number = Int(value), (0...10_000_000).contains(number) else { return false }
        switch name {
        case "--jobs": jobs = number
        case "--batch": batch = max(1, number)
        case "--payload": payload = number
        case "--pause": pause = .milliseconds(number)
        default: return false
        }
        return true
    }

    var location: DatabaseLocation { DatabaseLocation(path: path, durability: durability) }
}
