import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(10))) struct ServerLimitTests {
    private let settings = ServerSettings(bodyLimit: 100_000)

    @Test func aBodyThatSaysItIsTooLongIsRefusedBeforeItIsSent() async throws {
        let live = try LiveServer(settings: settings)
        let port = live.port
        let answer = try await onThread {
            let client = try RawConnection(port: port)
            client.request("POST", "/echo", headers: ["Content-Length: 100001"])
            return try client.answer()
        }
        #expect(answer.status == 413)
        #expect(answer.text == "413 /echo")
        await live.server.stop()
    }

    @Test func aClientThatSendsTheRefusedBodyAnywayReadsTheAnswer() async throws {
        let live = try LiveServer(settings: settings)
        let port = live.port
        let (sent, status) = try await onThread {
            let client = try RawConnection(port: port)
            let body = [UInt8](repeating: 0x61, count: 8 << 20)
            client.request("POST", "/echo", headers: ["Content-Length: \(body.count)"])
            return (client.send(body), try client.answer().status)
        }
        #expect(sent)
        #expect(status == 413)
        await live.server.stop()
    }

    @Test func aChunkedBodyThatIsTooLongIsRefused() async throws {
        let live = try LiveServer(settings: settings)
        let port = live.port
        let statuses = try await onThread {
            let client = try RawConnection(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
            let piece = "8000\r\n" + String(repeating: "a", count: 0x8000) + "\r\n"
            for _ in 0..<10 { client.send(piece) }
            client.send("0\r\n\r\n")
            let refused = try client.answer().status
            client.request("GET", "/fast")
            return [refused, try client.answer().status]
        }
        #expect(statuses == [413, 200], "the connection goes on")
        await live.server.stop()
    }

    @Test func aChunkedBodyWithoutEndIsCutOff() async throws {
        let live = try LiveServer(settings: settings)
        let port = live.port
        let sent = try await onThread {
            let client = try RawConnection(port: port)
            client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
            let piece = [UInt8]("80000\r\n".utf8) + [UInt8](repeating: 0x61, count: 0x80000) + [13, 10]
            var sent = 0
            while sent < 1_000, client.send(piece) { sent += 1 }
            return sent
        }
        #expect(sent < 1_000, "half a gigabyte was taken")
        let seen = await live.exchanges.first(1)
        #expect(seen[0].isComplete == false)
        #expect(seen[0].bytesReceived < 20 << 20)
        await live.server.stop()
    }

    @Test(arguments: [
        (8_192, 0, 404),
        (8_193, 0, 414),
        (12_000, 0, 414),
        (1, 32_000, 404),
        (1, 32_768, 431),
        (1, 40_000, 431),
        (8_192, 32_000, 404),
        (1, 200_000, 431),
        (200_000, 0, 414),
    ])
    func longHeadsAreRefused(target: Int, header: Int, status: Int) async throws {
        let live = try LiveServer()
        let port = live.port
        let answer = try await onThread {
            let client = try RawConnection(port: port)
            let padding = header > 0 ? ["X-Padding: \(String(repeating: "p", count: header))"] : []
            client.request("GET", "/" + String(repeating: "t", count: target - 1), headers: padding)
            return try client.answer()
        }
        #expect(answer.status == status)
        // However long the head, the answer is the router's.
        #expect(answer.text.hasPrefix("\(status) "), "\(answer.text.prefix(40))")
        await live.server.stop()
    }

    /// What libmicrohttpd cannot read: its answer is the router's too, and names the path where it is known.
    @Test(arguments: [
        ("GET /fast HTTP/1.1\r\nHost: a\r\nNo colon here\r\n\r\n", "400 /fast"),
        ("GET /fast HTTP/1.1\r\n\r\n", "400 /fast"),
        ("GET /fast HTTP/9.9\r\nHost: a\r\n\r\n", "400 "),
        ("POST /echo?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\nhello", "400 /echo"),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello", "400 /echo"),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", "400 /echo"),
    ])
    func whatCannotBeReadIsAnsweredByTheRouter(request: String, answer: String) async throws {
        let live = try LiveServer()
        let port = live.port
        let (found, isServed) = try await onThread {
            let client = try RawConnection(port: port)
            client.send(request)
            let found = try client.answer()
            let next = try RawConnection(port: port)
            next.request("GET", "/fast")
            return (found, try next.answer().status == 200)
        }
        #expect(found.text.hasPrefix(answer) && found.status == 400, "\(found.status) \(found.text.prefix(60))")
        #expect(isServed)
        await live.server.stop()
    }

    @Test func aRefusalMayLookSomethingUpAndDoesNotWaitForItLong() async throws {
        let slow = Signal()
        let router = Router([]) { fault, _ in
            Response(status: fault.status, text: "at once")
        } lateFault: { fault, request in
            if request.path.hasPrefix("/slow") { await slow.wait() }
            return Response(status: fault.status, text: "looked up \(request.path)")
        }
        let server = try Server(router: router, settings: settings)
        let port = try server.start(on: .address(host: "127.0.0.1", port: 0))
        let answers = try await onThread {
            try [("/a", 0), ("/b", 100_001), ("/slow", 100_001)].map { path, length in
                let client = try RawConnection(port: port)
                client.request("POST", path, headers: length > 0 ? ["Content-Length: \(length)"] : [])
                let answer = try client.answer()
                return "\(answer.status) \(answer.text)"
            }
        }
        #expect(answers == ["404 looked up /a", "413 looked up /b", "413 at once"])
        slow.fire()
        await server.stop()
    }

    @Test(arguments: [
        ["Content-Length: 3", "Content-Length: 4"],
        ["Content-Length: 3", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 3"],
    ])
    func aBodyOfTwoLengthsIsRefused(headers: [String]) async throws {
        let live = try LiveServer()
        let port = live.port
        let (status, isClosed) = try await onThread {
            let client = try RawConnection(port: port)
            client.request("POST", "/echo", headers: headers)
            return (try client.answer().status, try client.isClosed())
        }
        #expect(status == 400)
        #expect(isClosed)
        await live.server.stop()
    }

    @Test(arguments: [
        "\r\n\r\n\r\n",
        "GARBAGE\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nNo colon here\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n",
        "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloNO",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\ntoo little",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}",
        "GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT host:443 HTTP/1.1\r\nHost: host:443\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ])
    func garbageDoesNotStopOthers(garbage: String) async throws {
        let live = try LiveServer()
        let port = live.port
        let status = try await onThread {
            for _ in 0..<20 {
                let rude = try RawConnection(port: port)
                rude.send(garbage)
            }
            let waiting = try RawConnection(port: port)
            waiting.send(garbage)
            let client = try RawConnection(port: port)
            client.request("GET", "/fast")
            return try client.answer().status
        }
        #expect(status == 200)
        await live.server.stop(within: .milliseconds(50))
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func randomBytesDoNotStopOthers(seed: UInt64) async throws {
        let live = try LiveServer()
        let port = live.port
        let status = try await onThread {
            var random = Scrambler(state: seed)
            for _ in 0..<30 {
                let rude = try RawConnection(port: port)
                var bytes = [UInt8]("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbody body".utf8)
                for _ in 0..<Int.random(in: 1..<8, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                }
                rude.send(bytes)
            }
            let client = try RawConnection(port: port)
            client.request("GET", "/slow/one")
            return try client.answer().status
        }
        #expect(status == 200)
        await live.server.stop(within: .milliseconds(50))
    }

    @Test func oneAddressHasOnlySoManyConnections() async throws {
        let live = try LiveServer(settings: ServerSettings(connectionsPerAddress: 2))
        let port = live.port
        let (served, refused) = try await onThread {
            let clients = try (0..<2).map { _ in try RawConnection(port: port) }
            let served = try clients.map { client in
                client.request("GET", "/fast")
                return try client.answer().status
            }
            let third = try RawConnection(port: port)
            third.request("GET", "/fast")
            return (served, try third.isClosed())
        }
        #expect(served == [200, 200])
        #expect(refused)
        await live.server.stop()
    }

    @Test func aSilentConnectionIsClosed() async throws {
        let live = try LiveServer(settings: ServerSettings(idleTimeout: .seconds(1)))
        let port = live.port
        let closed = try await onThread {
            let idle = try RawConnection(port: port)
            let slow = try RawConnection(port: port)
            slow.send("GET /fast HTTP/1.1\r\nHo")
            return [try idle.isClosed(), try slow.isClosed()]
        }
        #expect(closed == [true, true])
        await live.server.stop()
    }
}

/// SplitMix64: random numbers that a seed repeats.
private struct Scrambler: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
