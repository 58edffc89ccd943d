import Daemon
import Glibc
import JSON

/// One process of the tracker's benchmark. What it measures and how is decided by `Benchmarks/tracker_benchmark.py`.
@main
struct TrackerBench {
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
        guard !options.path.isEmpty || withoutDatabase.contains(options.role) else {
            Console.error("--db is needed; --help explains")
            exit(2)
        }
        do {
            var answer = JSONWriter()
            answer.beginObject()
            try await role(options, &answer)
            answer.endObject()
            Console.print(String(decoding: answer.finished(), as: UTF8.self))
        } catch {
            Console.error("TrackerBench \(options.role): \(error)")
            exit(1)
        }
    }

    private typealias Role = @Sendable (Options, inout JSONWriter) async throws -> Void

    private static let roles: [String: Role] = [
        "fill": Filling.fill, "pages": Recording.pages, "figure": Figuring.figure,
        "serve": Serving.serve, "ask": Asking.ask,
    ]
    private static let withoutDatabase: Set = ["serve", "ask"]
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ value: Int64) {
        key(name)
        integer(value)
    }
}
