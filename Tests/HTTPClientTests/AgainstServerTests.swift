import HTTPClient
import HTTPServer
import Synchronization
import Testing

/// The product's client and the product's server, each as the other's counterpart.
@Suite(.timeLimit(.minutes(10))) struct AgainstServerTests {
    private let http = client()

    /// A server with these routes, and its URL.
    private func start(
        _ routes: [Route], settings: ServerSettings = ServerSettings(),
        observe: @escaping @Sendable (Exchange) -> Void = { _ in }
    ) throws -> (server: Server, url: String) {
        let router = Router(routes) { fault, _ in Response(status: fault.status, text: "fault \(fault.status)") }
        let server = try Server(router: router, settings: settings, observe: observe)
        let port = try server.start(on: .address(host: "127.0.0.1", port: 0))
        return (server, "http://127.0.0.1:\(port)")
    }

    private static let body = [UInt8](repeating: 0x78, count: 2_048)
    private static let routes = [
        Route(.get, "/fast", immediate: { _, _ in Response(status: 200, body: .bytes(body)) }),
        Route(.post, "/echo", deferred: { request, _ in Response(status: 201, body: .bytes(request.body)) }),
        Route(
            .get, "/moved",
            immediate: { _, _ in
                Response(status: 302, headers: [HeaderField("Location", "/fast")])
            }),
    ]

    @Test func oneConnectionServesEveryCall() async throws {
        let (server, url) = try start(Self.routes)
        for index in 0..<30 {
            let response = try await http.send(ClientRequest("GET", url + "/fast"))
            #expect(response.body == Self.body)
            #expect(index == 0 || response.timings.connect == 0)
        }
        await server.stop()
    }

    @Test(arguments: [
        ("GET", "/fast", 200, 2_048),
        ("HEAD", "/fast", 200, 0),
        ("GET", "/nowhere", 404, 9),
        ("DELETE", "/fast", 405, 9),
        ("TRACE", "/fast", 405, 9),
        ("GET", "/moved", 302, 0),
        ("GET", "/%ff", 400, 9),
    ])
    func statusArrives(method: String, path: String, status: Int, count: Int) async throws {
        let (server, url) = try start(Self.routes)
        let response = try await http.send(ClientRequest(method, url + path))
        #expect(response.status == status)
        #expect(response.body.count == count)
        #expect(response.httpVersion == "1.1")
        #expect(response.headers.first("Allow") == (status == 405 ? "GET, HEAD" : nil))
        await server.stop()
    }

    @Test(arguments: [(1 << 20, 201), (1 << 20 + 1, 413), (6 << 20, 413)])
    func aBodyIsTakenUpToTheLimit(count: Int, status: Int) async throws {
        let (server, url) = try start(Self.routes)
        let body = [UInt8](repeating: 0x62, count: count)
        let response = try await http.send(ClientRequest("POST", url + "/echo", body: body))
        #expect(response.status == status)
        if status == 201 { #expect(response.body == body) }
        await server.stop()
    }

    @Test func fiftyCallsMeetInTheServer() async throws {
        let meeting = Gate(opensAt: 50)
        let (server, url) = try start([
            Route(
                .get, "/meet/:number",
                deferred: { _, parameters in
                    await meeting.join()
                    return Response(status: 200, text: parameters["number"])
                })
        ])
        let http = http
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let response = try await http.send(ClientRequest("GET", "\(url)/meet/\(number)"))
                    return String(decoding: response.body, as: UTF8.self)
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts == Set((0..<50).map { "\($0)" }))
        await server.stop()
    }

    @Test func aStreamArrivesWhole() async throws {
        let (server, url) = try start([
            Route(.get, "/export", immediate: { _, _ in Response(status: 200, body: .stream(Countdown(from: 300))) })
        ])
        let response = try await http.send(ClientRequest("GET", url + "/export", maximumBodyBytes: 64 << 20))
        #expect(response.body.count == 300 * Countdown.chunkSize)
        let cut = try await http.send(
            ClientRequest("GET", url + "/export", maximumBodyBytes: 100_000, keepsBodyBeyondLimit: true))
        #expect(cut.truncated)
        #expect(cut.body.count == 100_000)
        await server.stop()
    }

    @Test func cancellingTheCallEndsTheServersStream() async throws {
        let arrived = Signal()
        let released = Signal()
        let (server, url) = try start([
            Route(
                .get, "/events",
                immediate: { _, _ in
                    Response(status: 200, body: .stream(Silence(arrived: arrived, released: released)))
                })
        ])
        let http = http
        let call = Task { try? await http.send(ClientRequest("GET", url + "/events")).status }
        await arrived.wait()
        call.cancel()
        #expect(await call.value == nil)
        await released.wait()
        await server.stop()
    }

    @Test func aHandlerThatTakesTooLongIsATimeout() async throws {
        let gate = Signal()
        let (server, url) = try start([
            Route(
                .get, "/stuck",
                deferred: { _, _ in
                    await gate.wait()
                    return Response(status: 200)
                })
        ])
        let error = await #expect(throws: ClientError.self) {
            try await http.send(ClientRequest("GET", url + "/stuck", totalTimeout: .milliseconds(80)))
        }
        #expect(error?.kind == .timeout)
        gate.fire()
        await server.stop()
    }

    @Test func stoppingAnswersTheCallsThatAreInFlight() async throws {
        let gate = Signal()
        let entered = Gate(opensAt: 10)
        let (server, url) = try start([
            Route(
                .get, "/task",
                deferred: { _, _ in
                    await entered.join()
                    await gate.wait()
                    return Response(status: 200)
                })
        ])
        let http = http
        async let statuses = withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { try await http.send(ClientRequest("GET", url + "/task")).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        await entered.wait()
        async let stopped: Void = server.stop(within: .seconds(60))
        gate.fire()
        #expect(try await statuses == Array(repeating: 200, count: 10))
        await stopped
        let error = await #expect(throws: ClientError.self) { try await http.send(ClientRequest("GET", url)) }
        #expect(error?.kind == .connect)
    }
}

/// Sends a number of chunks.
private final class Countdown: BodyStream {
    static let chunkSize = 50_000
    private let left: Mutex<Int>

    init(from count: Int) {
        left = Mutex(count)
    }

    func next() async -> [UInt8]? {
        left.withLock { left in
            guard left > 0 else { return nil }
            left -= 1
            return [UInt8](repeating: 0x2d, count: Self.chunkSize)
        }
    }
}

/// Sends a line and then nothing, until it is let go.
private final class Silence: BodyStream {
    let isEndless = true
    private let arrived: Signal
    private let released: Signal
    private let hasSpoken = Mutex(false)

    init(arrived: Signal, released: Signal) {
        self.arrived = arrived
        self.released = released
    }

    deinit {
        released.fire()
    }

    func next() async -> [UInt8]? {
        let isFirst = hasSpoken.withLock { hasSpoken in
            defer { hasSpoken = true }
            return hasSpoken == false
        }
        if isFirst { return [UInt8](": hello\n\n".utf8) }
        arrived.fire()
        let end = Signal()
        await withTaskCancellationHandler {
            await end.wait()
        } onCancel: {
            end.fire()
        }
        return nil
    }
}

/// Opens when enough have come.
private final class Gate: Sendable {
    private let missing: Mutex<Int>
    private let open = Signal()

    init(opensAt count: Int) {
        missing = Mutex(count)
    }

    func join() async {
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        if isLast { open.fire() }
        await open.wait()
    }

    func wait() async {
        await open.wait()
    }
}
