import Daemon
import SQLite
import Store

/// What the command line says: a role, and how much of it.
struct Options: Sendable {
    let role: String
    private(set) var path = ""
    private(set) var models = 1_000
    private(set) var days = 30
    private(set) var port = 0
    private(set) var connections = 64
    private(set) var requests = 1_000
    private(set) var bytes = 20_000
    private(set) var seconds = 0
    private(set) var file = ""
    private(set) var config = "config"
    private(set) var fault: String?

    static let help = """
        TrackerBench: one role of the tracker's benchmark; scripts/bench plays them together.

        Usage: TrackerBench ROLE [--db PATH] [--models N] [--days D] [--config FOLDER]
                                 [--port PORT] [--connections N] [--requests N] [--seconds S] [--file FILE] [--bytes N]

          fill     a new database with D days of N models: all but the newest are scored and judged, and a job asks for
                   the scores of the newest
          pages    a new database with the raw pages of one day, and a job that asks for the snapshot
          figure   what the parts of a publication take by themselves: reading, epochs, scores, deltas, anomalies
          serve    our HTTP server with one constant body of N bytes, until it is ended
          ask      requests over N connections, each line of FILE a target, in turns; what each took

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
        default: return takeNumber(name, value)
        }
        return true
    }

    private mutating func takeNumber(_ name: String, _ value: String) -> Bool {
        guard let number = Int(value), (0...100_000_000).contains(number) else { return false }
        switch name {
        case "--models": models = max(1, number)
        case "--days": days = min(max(1, number), 60)
        case "--port": port = number
        case "--connections": connections = max(1, number)
        case "--requests": requests = number
        case "--seconds": seconds = number
        case "--bytes": bytes = number
        default: return false
        }
        return true
    }

    /// A power cut costs a measurement, not data.
    var location: DatabaseLocation { DatabaseLocation(path: path, durability: .normal) }
}
