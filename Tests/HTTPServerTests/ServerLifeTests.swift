import Glibc
import HTTPServer
import Testing

/// Starting, stopping, and clients that leave.
@Suite(.timeLimit(.minutes(10))) struct ServerLifeTests {
    /// libmicrohttpd 0.9.75 reads a null pointer when it meets a malformed request while it stops.
    @Test(arguments: 0..<8)
    func malformedRequestsInTheMomentOfAStop(round: Int) async throws {
        let live = try LiveServer()
        let port = live.port
        let first = Signal()
        async let rude: Void = onThread {
            // Until the listening socket is gone.
            for number in 0..<100_000 {
                guard let client = try? RawConnection(port: port) else { return }
                client.send([UInt8]("GET / HTTP/1.1\r\nHost: a\r\nHost\0: b\r\n : \r\nx".utf8))
                client.send([UInt8]("\r\n\r\nBAD\r\n\r\n".utf8))
                if number == round * 5 { first.fire() }
            }
        }
        await first.wait()
        await live.server.stop(within: .zero)
        try await rude
    }

    @Test func aClientThatLeavesEndsItsSilentStream() async throws {
        let waiting = Signal()
        let released = Signal()
        let route = Route(
            .get, "/silent",
            immediate: { _, _ in
                Response(
                    status: 200, body: .stream(SilentStream(isEndless: true, waiting: waiting, released: released)))
            })
        let live = try LiveServer([route])
        let port = live.port
        let client = try await onThread {
            let client = try RawConnection(port: port)
            client.request("GET", "/silent")
            _ = try client.head()
            return (Box(client), try client.chunk())
        }
        #expect(client.1 == [UInt8]("hello".utf8))
        await waiting.wait()
        client.0.empty()
        await released.wait()
        let seen = await live.exchanges.first(1)
        #expect(seen[0].isComplete == false)
        #expect(seen[0].bytesSent == 5)
        await live.server.stop()
    }

    @Test func aClientThatLeavesEndsItsExport() async throws {
        let released = Signal()
        let pulled = SharedCount()
        let route = Route(
            .get, "/export",
            immediate: { _, _ in
                Response(status: 200, body: .stream(BottomlessStream(pulled: pulled, released: released)))
            })
        let live = try LiveServer([route])
        let port = live.port
        try await onThread {
            let client = try RawConnection(port: port)
            client.request("GET", "/export")
            _ = try client.head()
            var count = 0
            while count < 1 << 20 { count += try client.chunk().count }
        }
        await released.wait()
        let megabytes = pulled.value * BottomlessStream.chunkSize >> 20
        #expect(megabytes < 64, "the stream ran ahead of its reader")
        await live.server.stop()
    }

    @Test func aReaderThatStandsStillHoldsTheStreamBack() async throws {
        let released = Signal()
        let pulled = SharedCount()
        let route = Route(
            .get, "/export",
            immediate: { _, _ in
                Response(status: 200, body: .stream(BottomlessStream(pulled: pulled, released: released)))
            })
        let live = try LiveServer([route], settings: ServerSettings(idleTimeout: .seconds(1)))
        let port = live.port
        let client = try await onThread {
            let client = try RawConnection(port: port)
            client.request("GET", "/export")
            return Box(client)
        }
        // The server gives up on the reader.
        await released.wait()
        #expect(pulled.value * BottomlessStream.chunkSize < 64 << 20)
        client.empty()
        await live.server.stop()
    }

    /// The idle time-out is a day away, so only what notices the end of a connection can close these.
    @Test(arguments: [
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nhalf",
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
        "GET /fast HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /list HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /slow/x HTTP/1.1\r\nHost: t\r\n\r\n",
    ])
    func clientsThatSendAndLeaveDoNotUseUpTheConnections(sent: String) async throws {
        let live = try LiveServer(settings: ServerSettings(idleTimeout: .seconds(86_400), connectionsPerAddress: 400))
        let port = live.port
        for round in 1...4 {
            try await onThread {
                for _ in 0..<300 { try RawConnection(port: port).send(sent) }
            }
            let seen = await live.exchanges.first(300 * round)
            #expect(seen.count == 300 * round)
        }
        await live.server.stop()
    }

    @Test func stoppingLetsRequestsInFlightFinish() async throws {
        let entered = Signal()
        let gate = Signal()
        let waiting = Signal()
        let released = Signal()
        let live = try LiveServer([
            Route(
                .get, "/task",
                deferred: { _, _ in
                    entered.fire()
                    await gate.wait()
                    return Response(status: 200, text: "done")
                }),
            Route(
                .get, "/events",
                immediate: { _, _ in
                    Response(
                        status: 200, body: .stream(SilentStream(isEndless: true, waiting: waiting, released: released)))
                }),
        ])
        let port = live.port
        let clients = try await onThread {
            let work = try RawConnection(port: port)
            work.request("GET", "/task")
            let events = try RawConnection(port: port)
            events.request("GET", "/events")
            let idle = try RawConnection(port: port)
            idle.request("GET", "/fast")
            _ = try idle.answer()
            return (work: Box(work), events: Box(events), idle: Box(idle))
        }
        await entered.wait()
        await waiting.wait()
        async let stopped: Void = live.server.stop(within: .seconds(60))
        // Draining ends the stream of events at once; only then may the work go on.
        await released.wait()
        gate.fire()
        let (work, events, idleIsClosed) = try await onThread {
            (
                try clients.work.withValue { try $0.answer() }, try clients.events.withValue { try $0.answer() },
                try clients.idle.withValue { try $0.isClosed() }
            )
        }
        await stopped
        #expect(work.text == "done")
        #expect(work.headers.first("Connection") == "close")
        #expect(events.text == "hello", "the stream ended as a whole")
        #expect(idleIsClosed)
        #expect(throws: RawConnection.Failure.self) { try RawConnection(port: port) }
    }

    @Test func stoppingDoesNotWaitForAHandlerBeyondItsDeadline() async throws {
        let entered = Signal()
        let gate = Signal()
        let live = try LiveServer([
            Route(
                .get, "/stuck",
                deferred: { _, _ in
                    entered.fire()
                    await gate.wait()
                    return Response(status: 200)
                })
        ])
        let port = live.port
        let client = try await onThread {
            let client = try RawConnection(port: port)
            client.request("GET", "/stuck")
            return Box(client)
        }
        await entered.wait()
        await live.server.stop(within: .milliseconds(20))
        let answer = try await onThread { try client.withValue { try $0.answer() } }
        #expect(answer.status == 503)
        gate.fire()
    }

    @Test func stoppingCutsAStreamThatDoesNotEnd() async throws {
        let waiting = Signal()
        let released = Signal()
        let live = try LiveServer([
            Route(
                .get, "/export",
                immediate: { _, _ in
                    Response(
                        status: 200, body: .stream(SilentStream(isEndless: false, waiting: waiting, released: released))
                    )
                })
        ])
        let port = live.port
        let client = try await onThread {
            let client = try RawConnection(port: port)
            client.request("GET", "/export")
            return Box(client)
        }
        await waiting.wait()
        await live.server.stop(within: .milliseconds(20))
        await released.wait()
        let failure = await onThreadFailure { try client.withValue { _ = try $0.answer() } }
        #expect(failure is RawConnection.Failure, "a cut answer must not look whole")
    }

    @Test func aServerThatStopsAcceptingServesWhoIsThere() async throws {
        let live = try LiveServer()
        let port = live.port
        let server = live.server
        let (status, refused) = try await onThread {
            let client = try RawConnection(port: port)
            client.request("GET", "/fast")
            _ = try client.answer()
            server.stopAccepting()
            server.stopAccepting()
            client.request("GET", "/slow/last")
            let status = try client.answer().status
            do {
                _ = try RawConnection(port: port)
                return (status, false)
            } catch RawConnection.Failure.connect(ECONNREFUSED) {
                return (status, true)
            }
        }
        #expect(status == 200)
        #expect(refused)
        await server.stop()
        await server.stop()
    }

    @Test func aSocketThatListensAlreadyIsServed() async throws {
        let (descriptor, port) = try listeningSocket()
        let server = try LiveServer.server()
        #expect(try server.start(on: .descriptor(descriptor)) == port)
        let status = try await onThread {
            let client = try RawConnection(port: port)
            client.request("GET", "/fast")
            return try client.answer().status
        }
        #expect(status == 200)
        #expect(throws: ServerError.alreadyStarted) { try server.start(on: .address(host: "127.0.0.1", port: 0)) }
        await server.stop()
        #expect(throws: ServerError.alreadyStarted) { try server.start(on: .address(host: "127.0.0.1", port: 0)) }
    }

    @Test func manyServersStartServeAndStop() async throws {
        for threads in [1, 2, 4] {
            let live = try LiveServer(settings: ServerSettings(threads: threads))
            let port = live.port
            let status = try await onThread {
                let client = try RawConnection(port: port)
                client.request("GET", "/slow/x")
                return try client.answer().status
            }
            #expect(status == 200)
            await live.server.stop()
        }
    }

    @Test func aServerThatNeverStartedStops() async throws {
        let server = try LiveServer.server()
        server.stopAccepting()
        await server.stop()
        #expect(throws: ServerError.alreadyStarted) { try server.start(on: .address(host: "127.0.0.1", port: 0)) }
    }

    @Test func aServerThatIsForgottenClosesItsConnections() async throws {
        let isClosed = try await onThread {
            let client: RawConnection
            do {
                let live = try LiveServer()
                client = try RawConnection(port: live.port)
                client.request("GET", "/fast")
                _ = try client.answer()
            }
            return try client.isClosed()
        }
        #expect(isClosed)
    }

    private func listeningSocket() throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) | listen(descriptor, 16) | getsockname(descriptor, $0, &length)
            }
        }
        try #require(status == 0)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

/// Passes a connection from one thread to the next; only one of them has it at a time.
private final class Box: @unchecked Sendable {
    // Each test hands the box over by awaiting the thread that used it.
    private var value: RawConnection?

    init(_ value: RawConnection) {
        self.value = value
    }

    func withValue<Result>(_ body: (RawConnection) throws -> Result) throws -> Result {
        guard let value else { throw RawConnection.Failure.ended }
        return try body(value)
    }

    /// Closes the connection.
    func empty() {
        value = nil
    }
}

private func onThreadFailure(_ body: @escaping @Sendable () throws -> Void) async -> (any Error)? {
    do {
        try await onThread(body)
        return nil
    } catch {
        return error
    }
}
