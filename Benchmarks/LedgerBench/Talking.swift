import BenchClient
import Daemon
import JSON

/// What senders and readers do to a server.
enum Talking {
    /// Each connection sends a session, waits for the answer, and sends the next.
    @Sendable static func send(_ options: Options, _ answer: inout JSONWriter) async throws {
        let sessions = MadeUpSessions(days: options.days, events: options.events)
        let head =
            "POST /api/v3/ingest/session HTTP/1.1\r\nHost: 127.0.0.1:\(options.port)\r\nx-secret-key: "
            + "\(options.secret)\r\nContent-Type: application/json\r\nContent-Length: "
        // Made before the clock runs: the sender is not what is measured.
        let requests = (0..<options.requests).map { number in
            let body = sessions.body(options.first + number)
            return Array("\(head)\(body.utf8.count)\r\n\r\n\(body)".utf8)
        }
        var crowd = try Crowd(
            port: options.port, connections: options.connections, requests: options.requests,
            seconds: options.seconds
        ) { requests[$0] }
        try crowd.run()
        write(crowd, to: &answer)
    }

    @Sendable static func ask(_ options: Options, _ answer: inout JSONWriter) async throws {
        let targets = (TextFile.read(options.file) ?? "").split(separator: "\n").map(String.init)
        guard !targets.isEmpty else { throw AskingFault(reason: "\(options.file) has no targets") }
        let requests = targets.map { target in
            Array(
                "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(options.port)\r\nx-secret-key: \(options.secret)\r\n\r\n"
                    .utf8)
        }
        var crowd = try Crowd(
            port: options.port, connections: options.connections, requests: options.requests,
            seconds: options.seconds
        ) { requests[$0 % requests.count] }
        try crowd.run()
        write(crowd, to: &answer)
    }

    private static func write(_ crowd: Crowd, to answer: inout JSONWriter) {
        answer.field("requests", Int64(crowd.took.count))
        answer.field("bytes", Int64(crowd.bytes))
        answer.field("elapsed", crowd.elapsed)
        answer.field("refused", Int64(crowd.refused))
        answer.key("took")
        answer.beginArray()
        for time in crowd.took { answer.integer(time) }
        answer.endArray()
    }
}
