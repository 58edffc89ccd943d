import BenchClient
import Daemon
import JSON

/// What many readers do to a server.
enum Asking {
    @Sendable static func ask(_ options: Options, _ answer: inout JSONWriter) async throws {
        let targets = (TextFile.read(options.file) ?? "").split(separator: "\n").map(String.init)
        guard !targets.isEmpty else { throw AskingFault(reason: "\(options.file) has no targets") }
        let requests = targets.map { target in
            Array("GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(options.port)\r\nAccept: */*\r\n\r\n".utf8)
        }
        var crowd = try Crowd(
            port: options.port, connections: options.connections, requests: options.requests, seconds: options.seconds
        ) { requests[$0 % requests.count] }
        try crowd.run()
        answer.field("requests", Int64(crowd.took.count))
        answer.field("bytes", Int64(crowd.bytes))
        answer.field("elapsed", crowd.elapsed)
        answer.key("refused")
        answer.integer(crowd.refused)
        answer.key("took")
        answer.beginArray()
        for time in crowd.took { answer.integer(time) }
        answer.endArray()
    }
}
