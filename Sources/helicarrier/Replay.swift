import Daemon
import HTTPServer
import JSON
import Model

/// `helicarrier replay`: recorded listings behind the Hub's own interface, on the loopback.
enum Replay {
    static let command = Command(
        "replay", "serve recorded listings as a Hub look-alike", operands: "FILE…", count: 1...10_000,
        options: [
            Option("--port", "N", "where to listen on 127.0.0.1 (default: a free port)"),
            Option("--start", "WHICH", "begin with the first or the last observation (default: last)"),
            Option("--advance", "N", "go to the next observation after so many answers; begins with the first"),
            Option("--quota", "N", "calls in each window of 300 s (default: 500)"),
            Option("--fault", "KIND", repeats: true, ReplayFaults.expectation),
        ],
        notes: """
            The address is the first line of the output. GET /api/models takes limit, sort, filter, author, search,
            pipeline_tag and expand; GET /api/models/OWNER/NAME gives one model. POST /_replay/advance goes to the next
            observation, GET /_replay says which one is current. N is "every so-many-th answer".
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let port = try arguments.number("--port", within: 0...65_535) ?? 0
        let advance = try arguments.number("--advance", within: 1...1_000_000)
        let quota = try arguments.number("--quota", within: 1...1_000_000) ?? 500
        let start = try arguments.oneOf("--start", ["first", "last"]) ?? (advance == nil ? "last" : "first")
        let faults = try ReplayFaults(arguments.values("--fault"))
        let observations = try read(arguments.positionals)
        let hub = ReplayHub(
            observations, startsAtLast: start == "last", faults: faults, advanceEvery: advance,
            window: FixedWindow(quota: quota, length: 300), now: session.now)
        let server = try Server(router: hub.router)
        let bound = try server.start(on: .address(host: "127.0.0.1", port: UInt16(port)))
        session.terminal.print("http://127.0.0.1:\(bound)")
        try await runUntilStopped {
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
            await server.stop(within: .seconds(2))
        }
        return .fine
    }

    /// A recording that does not say when it was made keeps its place in the order of the files.
    private static func read(_ paths: [String]) throws -> [(moment: Timestamp, rows: [RecordedRow])] {
        var observations: [Observation] = []
        for (index, path) in paths.enumerated() {
            guard let bytes = TextFile.bytes(path) else { throw CommandFailure("\(path): cannot be read") }
            let moment = MomentInName.moment(in: path) ?? Timestamp(milliseconds: Int64(index))
            let file = ObservationReading(name: path, observedAt: moment).read(bytes)
            if let fault = file.faults.first { throw CommandFailure(fault.description) }
            observations += file.observations
        }
        return try observations.sorted { $0.observedAt < $1.observedAt }.map { observation in
            let root = try JSONDocument(parsing: observation.body).root
            let rows = root.kind == .array ? root : root["models"] ?? root
            return (observation.observedAt, rows.elements.compactMap { RecordedRow($0) })
        }
    }
}
