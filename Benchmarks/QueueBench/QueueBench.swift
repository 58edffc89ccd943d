import Daemon
import Glibc
import JSON

/// One process of the queue benchmark. What it measures and how is decided by `Benchmarks/queue_benchmark.py`.
@main
struct QueueBench {
    static func main() async {
        let options = Options.ofProcess
        if options.role == "--help" || options.role == "-h" {
            Console.print(Options.help)
            exit(0)
        }
        guard let role = roles[options.role], options.fault == nil, !options.path.isEmpty else {
            Console.error(options.fault ?? "a role and --db are needed; --help explains")
            exit(2)
        }
        do {
            var answer = JSONWriter()
            answer.beginObject()
            try await role(options, &answer)
            answer.endObject()
            Console.print(String(decoding: answer.finished(), as: UTF8.self))
        } catch {
            Console.error("QueueBench \(options.role): \(error)")
            exit(1)
        }
    }

    private typealias Role = @Sendable (Options, inout JSONWriter) async throws -> Void

    private static let roles: [String: Role] = [
        "fill": Producing.fill, "enqueue": Producing.enqueue, "ring": Producing.ring,
        "store": Consuming.store, "chain": Consuming.chain, "worker": Consuming.worker, "listen": Consuming.listen,
        "raw": Machine.raw, "pairs": Machine.pairs, "bare": Bare.bare, "settings": Machine.settings,
        "outcome": Looking.outcome, "plan": Looking.plan,
    ]

    /// So that all processes of a measurement begin together, each with its database open.
    static func awaitStart() {
        Console.print("ready")
        _ = readLine()
    }
}

/// Microseconds since boot: the same for all processes.
func microseconds() -> Int64 {
    let (seconds, attoseconds) = ContinuousClock().systemEpoch.duration(to: .now).components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ value: Int64) {
        key(name)
        integer(value)
    }

    mutating func field(_ name: StaticString, _ values: [Int64]) {
        key(name)
        beginArray()
        for value in values { integer(value) }
        endArray()
    }
}
