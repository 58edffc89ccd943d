import HTTPServer
import Synchronization

/// A running server with the routes that the live tests need, on a free port of the loopback address.
struct LiveServer {
    let server: Server
    let port: UInt16
    let exchanges = ExchangeLog()

    static let body = [UInt8](repeating: UInt8(ascii: "x"), count: 2_048)

    init(
        _ more: [Route] = [], settings: ServerSettings = ServerSettings(), host: String = "127.0.0.1"
    ) throws {
        server = try LiveServer.server(more, settings: settings, exchanges)
        port = try server.start(on: .address(host: host, port: 0))
    }

    static func server(
        _ more: [Route] = [], settings: ServerSettings = ServerSettings(), _ exchanges: ExchangeLog = ExchangeLog()
    ) throws -> Server {
        let router = Router(routes + more) { fault, request in
            Response(
                status: fault.status, headers: [HeaderField("Content-Type", "text/plain")],
                text: "\(fault.status) \(request.path.prefix(20))")
        }
        return try Server(router: router, settings: settings) { exchanges.append($0) }
    }

    private static let routes = [
        Route(
            .get, "/fast",
            immediate: { _, _ in
                Response(status: 200, headers: [HeaderField("ETag", "\"1\"")], body: .bytes(body))
            }),
        Route(
            .get, "/slow/:name",
            deferred: { _, parameters in
                await Task.yield()
                return Response(status: 200, text: "slow \(parameters["name"])")
            }),
        Route(
            .post, "/echo",
            immediate: { request, _ in
                Response(
                    status: 201, headers: request.headers.fields.filter { $0.isNamed("X-Echo") },
                    body: .bytes(request.body))
            }),
        Route(
            .get, "/what",
            immediate: { request, _ in
                let items = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
                return Response(status: 200, text: "\(request.path) \(items) \(request.remoteAddress)")
            }),
        Route(.get, "/unchanged", immediate: { _, _ in Response(status: 304, body: .bytes(body)) }),
        Route(.get, "/empty", immediate: { _, _ in Response(status: 204) }),
        Route(
            .get, "/list",
            immediate: { _, _ in
                Response(
                    status: 200, body: .stream(ListStream([[1, 2], [], [UInt8](repeating: 3, count: 200_000), [4]])))
            }),
        Route(
            .get, "/smuggle",
            immediate: { _, _ in
                Response(
                    status: 200,
                    headers: [
                        HeaderField("X-Bad", "a\r\nX-Worse: b"), HeaderField("Content-Length", "1"),
                        HeaderField("X-Good", "c"),
                    ],
                    text: "whole")
            }),
    ]
}

/// What a server's observer has seen.
final class ExchangeLog: Sendable {
    private struct State {
        var seen: [Exchange] = []
        var waiting: [(count: Int, signal: Signal)] = []
    }

    private let state = Mutex(State())

    func append(_ exchange: Exchange) {
        let ready = state.withLock { state in
            state.seen.append(exchange)
            let count = state.seen.count
            return state.waiting.filter { $0.count == count }.map(\.signal)
        }
        for signal in ready { signal.fire() }
    }

    /// The first `count` exchanges, once there are so many.
    func first(_ count: Int) async -> [Exchange] {
        let signal = Signal()
        let isReady = state.withLock { state in
            state.waiting.append((count, signal))
            return state.seen.count >= count
        }
        if isReady == false { await signal.wait() }
        return state.withLock { Array($0.seen.prefix(count)) }
    }
}
