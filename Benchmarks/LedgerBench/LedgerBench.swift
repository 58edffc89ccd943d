import BenchClient
import Daemon
import Glibc
import JSON

/// One process of the ledger's benchmark. What it measures and how is decided by `Benchmarks/ledger_benchmark.py`.
@main
struct LedgerBench {
    static func main() async {
        let options = Options(CommandLine.arguments.dropFirst())
        if options.role == "--help" || options.role == "-h" {
            Console.print(Options.help)
            exit(0)
        }
        guard let role = roles[options.role], options.fault == nil else {
            Console.error(options.fault ?? "a role is needed; --help explains")
            exit(2)
        }
        do {
            var answer = JSONWriter()
            answer.beginObject()
            try await role(options, &answer)
            answer.endObject()
            Console.print(String(decoding: answer.finished(), as: UTF8.self))
        } catch {
            Console.error("LedgerBench \(options.role): \(error)")
            exit(1)
        }
    }

    private typealias Role = @Sendable (Options, inout JSONWriter) async throws -> Void

    private static let roles: [String: Role] = [
        "fill": Filling.fill, "send": Talking.send, "ask": Talking.ask,
    ]
}

/// What the command line says: a role, and how much of it.
struct Options: Sendable {
    let role: String
    private(set) var path = ""
    private(set) var sessions = 1_000
    private(set) var first = 0
    private(set) var events = 0
    private(set) var days = 90
    private(set) var port = 0
    private(set) var connections = 1
    private(set) var requests = 1_000
    private(set) var seconds = 0
    private(set) var file = ""
    private(set) var config = "config"
    private(set) var secret = "secret"
    private(set) var fault: String?

    static let help = """
        LedgerBench: one role of the ledger's benchmark; scripts/bench plays them together.

        Usage: LedgerBench ROLE [--db PATH] [--config FOLDER] [--sessions N] [--events E] [--days D] [--first K]
                                [--port PORT] [--secret S] [--connections N] [--requests N] [--seconds S] [--file FILE]

          fill   a new database with N sessions of D days, E events each, through the ledger's own way in, and summed
          send   tells a server of N sessions over some connections, from number K on; what each took
          ask    requests over some connections, each line of FILE a target, in turns; what each took

        A role answers one JSON object; times are microseconds.
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
        switch name {
        case "--db": path = value
        case "--file": file = value
        case "--config": config = value
        case "--secret": secret = value
        default: return takeNumber(name, value)
        }
        return true
    }

    private mutating func takeNumber(_ name: String, _ value: String) -> Bool {
        guard let number = Int(value), (0...100_000_000).contains(number) else { return false }
        switch name {
        case "--sessions": sessions = number
        case "--first": first = number
        case "--events": events = min(number, 100)
        case "--days": days = number
        case "--port": port = number
        case "--connections": connections = max(1, number)
        case "--requests": requests = number
        case "--seconds": seconds = number
        default: return false
        }
        return true
    }
}
