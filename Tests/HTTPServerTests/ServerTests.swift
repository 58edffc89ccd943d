import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(10))) struct ServerTests {
    private typealias Answer = RawConnection.Answer

    /// One request on a connection of its own.
    private func ask(
        _ live: LiveServer, _ method: String, _ target: String, headers: [String] = [], body: String? = nil
    ) async throws -> Answer {
        let port = live.port
        return try await onThread {
            let client = try RawConnection(port: port)
            client.request(method, target, headers: headers, body: body)
            return try client.answer(hasBody: method != "HEAD")
        }
    }

    @Test func aConnectionServesManyRequests() async throws {
        let live = try LiveServer()
        let port = live.port
        let statuses = try await onThread {
            let client = try RawConnection(port: port)
            return try (0..<50).map { index in
                client.request("GET", index % 2 == 0 ? "/fast" : "/slow/\(index)")
                return try client.answer().status
            }
        }
        #expect(statuses == Array(repeating: 200, count: 50))
        await live.server.stop()
    }

    @Test func requestsInOnePieceAreAnsweredInOrder() async throws {
        let live = try LiveServer()
        let port = live.port
        let texts = try await onThread {
            let client = try RawConnection(port: port)
            client.send((0..<5).map { "GET /slow/\($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
            return try (0..<5).map { _ in try client.answer().text }
        }
        #expect(texts == (0..<5).map { "slow \($0)" })
        await live.server.stop()
    }

    @Test(arguments: [
        ("GET", "/fast", 200, LiveServer.body.count),
        ("HEAD", "/fast", 200, LiveServer.body.count),
        ("GET", "/unchanged", 304, LiveServer.body.count),
        ("HEAD", "/slow/x", 200, 6),
        ("GET", "/nowhere", 404, 12),
        ("HEAD", "/nowhere", 404, 12),
        ("DELETE", "/fast", 405, 9),
        ("BREW", "/fast", 405, 9),
        ("GET", "/%zz", 400, 8),
        ("GET", "/%ff", 400, 8),
        ("GET", "/%00", 400, 8),
        ("GET", "/fast?a=%f", 400, 14),
        ("GET", "/a#b", 400, 8),
    ])
    func statusAndLength(method: String, target: String, status: Int, length: Int) async throws {
        let live = try LiveServer()
        let answer = try await ask(live, method, target)
        #expect(answer.status == status)
        #expect(answer.headers.first("Content-Length") == "\(length)")
        #expect(answer.headers.first("Date") != nil)
        #expect(answer.body.count == (method == "HEAD" || status == 304 ? 0 : length))
        await live.server.stop()
    }

    @Test func wrongMethodCarriesAllow() async throws {
        let live = try LiveServer()
        let answer = try await ask(live, "PUT", "/fast")
        #expect(answer.headers.first("Allow") == "GET, HEAD")
        await live.server.stop()
    }

    @Test func theTargetArrivesDecoded() async throws {
        let live = try LiveServer()
        let answer = try await ask(live, "GET", "/wh%61t?b=1+2&a=%C3%BC&b")
        #expect(answer.text == "/what b=1 2;a=ü;b= 127.0.0.1")
        await live.server.stop()
    }

    @Test(arguments: [0, 1, 2_047, 70_000, 1 << 20])
    func aBodyComesBackAsItWas(count: Int) async throws {
        let live = try LiveServer()
        let body = String(repeating: "abcdefg", count: count / 7 + 1).prefix(count)
        let answer = try await ask(live, "POST", "/echo", headers: ["X-Echo: 1", "x-echo: 2"], body: String(body))
        #expect(answer.status == 201)
        #expect(answer.headers.all("X-Echo") == ["1", "2"])
        #expect(answer.text == body)
        await live.server.stop()
    }

    /// White space around a field's value is not part of it (RFC 9110, section 5.5).
    @Test(arguments: ["X-Echo: a b", "X-Echo:a b", "X-Echo: \t a b", "X-Echo: a b \t "])
    func aHeadersValueIsWithoutTheSpaceAroundIt(line: String) async throws {
        let live = try LiveServer()
        let answer = try await ask(live, "POST", "/echo", headers: [line], body: "x")
        #expect(answer.headers.all("X-Echo") == ["a b"])
        await live.server.stop()
    }

    @Test func aChunkedBodyIsPutTogether() async throws {
        let live = try LiveServer()
        let port = live.port
        let answer = try await onThread {
            let client = try RawConnection(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in ["5\r\nhello\r\n", "1\r\n,\r\n", "6\r\n world\r\n", "0\r\n\r\n"] { client.send(piece) }
            return try client.answer()
        }
        #expect(answer.text == "hello, world")
        await live.server.stop()
    }

    @Test func aClientThatAsksBeforeItSendsIsToldToGoOn() async throws {
        let live = try LiveServer()
        let port = live.port
        let answers = try await onThread {
            let client = try RawConnection(port: port)
            client.request("POST", "/echo", headers: ["Content-Length: 4", "Expect: 100-continue"])
            let interim = try client.answer()
            client.send("body")
            return [interim, try client.answer()]
        }
        #expect(answers.map(\.status) == [100, 201])
        #expect(answers[1].text == "body")
        await live.server.stop()
    }

    @Test func aStreamIsSentInChunks() async throws {
        let live = try LiveServer()
        let answer = try await ask(live, "GET", "/list")
        #expect(answer.headers.first("Transfer-Encoding") == "chunked")
        #expect(answer.headers.first("Content-Length") == nil)
        #expect(answer.body == [1, 2] + [UInt8](repeating: 3, count: 200_000) + [4])
        let head = try await ask(live, "HEAD", "/list")
        #expect(head.status == 200)
        await live.server.stop()
    }

    @Test func aHeaderWithALineBreakIsLeftOut() async throws {
        let live = try LiveServer()
        let answer = try await ask(live, "GET", "/smuggle")
        #expect(answer.headers.first("X-Bad") == nil)
        #expect(answer.headers.first("X-Worse") == nil)
        #expect(answer.headers.first("X-Good") == "c")
        #expect(answer.text == "whole")
        await live.server.stop()
    }

    @Test func deferredHandlersRunAtTheSameTime() async throws {
        let meeting = Meeting(of: 40)
        let route = Route(
            .get, "/meet",
            deferred: { _, _ in
                await meeting.join()
                return Response(status: 200)
            })
        let live = try LiveServer([route])
        let port = live.port
        let statuses = try await onThread {
            let clients = try (0..<40).map { _ in try RawConnection(port: port) }
            for client in clients { client.request("GET", "/meet") }
            return try clients.map { try $0.answer().status }
        }
        #expect(statuses == Array(repeating: 200, count: 40))
        await live.server.stop()
    }

    @Test func theObserverSeesEveryExchange() async throws {
        let live = try LiveServer()
        _ = try await ask(live, "POST", "/echo?x=1", body: "12345")
        _ = await live.exchanges.first(1)
        _ = try await ask(live, "HEAD", "/slow/7")
        _ = await live.exchanges.first(2)
        _ = try await ask(live, "GET", "/nowhere")
        let seen = await live.exchanges.first(3)
        #expect(seen.map(\.method) == [.post, .head, .get])
        #expect(seen.map(\.target) == ["/echo?x=1", "/slow/7", "/nowhere"])
        #expect(seen.map(\.route) == ["/echo", "/slow/:name", nil])
        #expect(seen.map(\.status) == [201, 200, 404])
        #expect(seen.map(\.bytesReceived) == [5, 0, 0])
        #expect(seen.map(\.bytesSent) == [5, 0, 12])
        #expect(seen.allSatisfy { $0.isComplete && $0.remoteAddress == "127.0.0.1" && $0.duration > .zero })
        await live.server.stop()
    }

    @Test func anIPv6AddressWorksWhereThereIsOne() async throws {
        let server = try LiveServer.server()
        let port: UInt16
        do {
            port = try server.start(on: .address(host: "::1", port: 0))
        } catch {
            // A machine without IPv6 says so in so many words.
            #expect("\(error)".contains("[::1]:0"))
            return
        }
        let answer = try await onThread {
            let client = try RawConnection(port: port, host: "::1")
            client.request("GET", "/what")
            return try client.answer()
        }
        #expect(answer.text == "/what  ::1")
        await server.stop()
    }

    @Test(arguments: ["localhost", "", "1.2.3", "::g", "256.1.1.1"])
    func aHostThatIsNoAddressIsRefused(host: String) throws {
        let server = try LiveServer.server()
        #expect(throws: ServerError.unreadableAddress(host)) {
            try server.start(on: .address(host: host, port: 0))
        }
    }

    @Test func aPortThatIsTakenIsRefusedByName() async throws {
        let live = try LiveServer()
        let other = try LiveServer.server()
        let error = try #require(throws: ServerError.self) {
            try other.start(on: .address(host: "127.0.0.1", port: live.port))
        }
        #expect("\(error)".contains("listening on 127.0.0.1:\(live.port)"))
        await live.server.stop()
    }
}
