import Daemon
import HTTPServer
import JSON

/// Our HTTP server with one constant body: no answer of the api can be faster. It serves until it is ended.
enum Serving {
    @Sendable static func serve(_ options: Options, _ answer: inout JSONWriter) async throws {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: options.bytes)
        let route = Route(
            .get, "/bare",
            immediate: { _, _ in
                Response(status: 200, headers: [HeaderField("Content-Type", "application/json")], body: .bytes(body))
            })
        let server = try Server(router: Router([route]) { _, _ in Response(status: 404) })
        let port = try server.start(on: .address(host: "127.0.0.1", port: 0))
        Console.print("port \(port)")
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }
}
