import TestKit
import Glibc
import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTPClientTests {
    private let http = client()

    private func failure(of request: ClientRequest, _ http: HTTPClient? = nil) async -> ClientError? {
        do {
            _ = try await (http ?? self.http).send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func anAnswerArrivesWhole() async throws {
        let server = try ScriptedServer.answering(
            "HTTP/1.1 203 Fine\r\nX-One: 1\r\nx-one:2  \r\nEmpty:\r\nContent-Length: 5\r\n\r\nhello")
        let response = try await http.send(ClientRequest("GET", server.url("/a?b=c")))
        #expect(response.status == 203)
        #expect(response.headers.all("X-ONE") == ["1", "2"])
        #expect(response.headers.first("empty") == "")
        #expect(response.headers.first("nothing") == nil)
        #expect(response.body == [UInt8]("hello".utf8))
        #expect(response.truncated == false)
        #expect(response.remoteAddress == "127.0.0.1")
        #expect(response.httpVersion == "1.1")
        #expect(response.tlsVersion == nil)
        #expect(response.timings.total >= response.timings.firstByte)
    }

    @Test(
        arguments: [
            ("GET", nil, "GET /p HTTP/1.1\r\n", ""),
            ("POST", "body", "POST /p HTTP/1.1\r\n", "\r\n\r\nbody"),
            ("POST", "", "POST /p HTTP/1.1\r\n", "Content-Length: 0\r\n"),
            ("POST", nil, "POST /p HTTP/1.1\r\n", "Content-Length: 0\r\n"),
            ("PUT", "x", "PUT /p HTTP/1.1\r\n", "Content-Length: 1\r\n"),
            ("PATCH", "x", "PATCH /p HTTP/1.1\r\n", "\r\n\r\nx"),
            ("DELETE", nil, "DELETE /p HTTP/1.1\r\n", ""),
            ("DELETE", "x", "DELETE /p HTTP/1.1\r\n", "\r\n\r\nx"),
            ("GET", "x", "GET /p HTTP/1.1\r\n", "\r\n\r\nx"),
            ("OPTIONS", nil, "OPTIONS /p HTTP/1.1\r\n", ""),
        ] as [(String, String?, String, String)])
    func aRequestIsSentAsStated(method: String, body: String?, start: String, part: String) async throws {
        let server = try ScriptedServer { peer in
            guard let request = peer.request() else { return }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(request.utf8.count)\r\n\r\n" + request)
        }
        let response = try await http.send(
            ClientRequest(
                method, server.url("/p"), headers: [HeaderLine("X-A", "1"), HeaderLine("X-Empty", "")],
                body: body.map { [UInt8]($0.utf8) }))
        let echo = String(decoding: response.body, as: UTF8.self)
        #expect(echo.hasPrefix(start))
        #expect(echo.contains(part))
        #expect(echo.contains("X-A: 1\r\n"))
        #expect(echo.contains("X-Empty:\r\n"))
        #expect(echo.contains("User-Agent: tests/1\r\n"))
        #expect(echo.contains("Expect") == false)
        #expect(echo.contains("Content-Type") == false)
    }

    @Test func headHasNoBodyToWaitFor() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", closing: false)
        let response = try await http.send(ClientRequest("HEAD", server.url()))
        #expect(response.headers.first("Content-Length") == "900")
        #expect(response.body.isEmpty)
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let server = try ScriptedServer { peer in
            guard let request = peer.request() else { return }
            let status = request.hasPrefix("GET /from ") ? "302 Found" : "200 Followed"
            peer.send("HTTP/1.1 \(status)\r\nLocation: /to\r\nContent-Length: 0\r\n\r\n")
        }
        let response = try await http.send(ClientRequest("GET", server.url("/from")))
        #expect(response.status == 302)
        #expect(response.headers.first("location") == "/to")
        #expect(server.connections == 1)
    }

    @Test func interimAnswersAreDropped() async throws {
        let server = try ScriptedServer.answering(
            "HTTP/1.1 103 Early Hints\r\nLink: </early>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let response = try await http.send(ClientRequest("GET", server.url()))
        #expect(response.status == 200)
        #expect(response.headers.first("Link") == nil)
    }

    /// 65,536 times the letter a.
    private static let packed: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x81, 0x00, 0x00, 0x00, 0x00,
        0x80, 0x20, 0xd6, 0xfd, 0x25, 0x16, 0xa9, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x6a, 0xff, 0x91, 0x20, 0xc3, 0x00, 0x00, 0x01, 0x00,
    ]

    private func packedServer() throws -> ScriptedServer {
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(Self.packed.count)\r\n\r\n"
        return try ScriptedServer { peer in
            guard let request = peer.request() else { return }
            peer.send([UInt8](head.utf8) + Self.packed)
            #expect(request.contains("Accept-Encoding: ") == (request.contains("/packed")))
        }
    }

    @Test func aCompressedBodyIsDecoded() async throws {
        let server = try packedServer()
        let response = try await http.send(ClientRequest("GET", server.url("/packed")))
        #expect(response.body == [UInt8](repeating: 0x61, count: 65_536))
    }

    @Test func aBodyIsLeftCompressedWhereNobodyAsked() async throws {
        let server = try packedServer()
        let response = try await http.send(ClientRequest("GET", server.url("/asis"), acceptsCompression: false))
        #expect(response.body == Self.packed)
    }

    @Test func theLimitCountsDecodedBytes() async throws {
        let server = try packedServer()
        let request = ClientRequest("GET", server.url("/packed"), maximumBodyBytes: 65_535)
        #expect(await failure(of: request)?.kind == .tooLarge)
    }

    @Test(arguments: [
        (10, true, false),
        (9, true, true),
        (0, true, true),
        (10, false, false),
    ])
    func theBodyIsCutAtItsLimit(limit: Int, keeps: Bool, truncated: Bool) async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789")
        let response = try await http.send(
            ClientRequest("GET", server.url(), maximumBodyBytes: limit, keepsBodyBeyondLimit: keeps))
        #expect(response.status == 200)
        #expect(response.truncated == truncated)
        #expect(response.body == Array("0123456789".utf8.prefix(limit)))
    }

    @Test func aBodyWithoutEndIsCut() async throws {
        let server = try ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.send("HTTP/1.1 200 OK\r\n\r\n")
            while peer.send(String(repeating: "x", count: 10_000)) {}
        }
        let response = try await http.send(
            ClientRequest("GET", server.url(), maximumBodyBytes: 16_384, keepsBodyBeyondLimit: true))
        #expect(response.truncated)
        #expect(response.body.count == 16_384)
        let refused = await failure(of: ClientRequest("GET", server.url(), maximumBodyBytes: 16_384))
        #expect(refused?.kind == .tooLarge)
    }

    @Test(arguments: [
        "garbage\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: banana\r\n\r\n",
        "",
    ])
    func aBrokenAnswerIsAProtocolViolation(answer: String) async throws {
        let server = try ScriptedServer.answering(answer)
        let error = await failure(of: ClientRequest("GET", server.url()))
        #expect(error?.kind == .protocolViolation)
        #expect(error?.remoteAddress == "127.0.0.1")
    }

    @Test func aHeaderWithoutEndIsTooLarge() async throws {
        let server = try ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.send("HTTP/1.1 200 OK\r\n")
            while peer.send("X-Filler: \(String(repeating: "x", count: 5_000))\r\n") {}
        }
        #expect(await failure(of: ClientRequest("GET", server.url()))?.kind == .tooLarge)
    }

    @Test func aPeerThatDoesNotAnswerIsATimeout() async throws {
        let server = try ScriptedServer { $0.waitForEnd() }
        let error = await failure(of: ClientRequest("GET", server.url(), totalTimeout: .milliseconds(80)))
        #expect(error?.kind == .timeout)
        #expect(error?.remoteAddress == "127.0.0.1")
    }

    @Test func aPeerThatStopsInTheMiddleIsATimeout() async throws {
        let server = try ScriptedServer { peer in
            guard peer.request() != nil else { return }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            peer.waitForEnd()
        }
        #expect(
            await failure(of: ClientRequest("GET", server.url(), totalTimeout: .milliseconds(80)))?.kind == .timeout)
    }

    @Test func aPortWithoutListenerIsAConnectError() async throws {
        let port = try ScriptedServer { _ in }.port
        // The server is gone with the statement, so the port is free.
        #expect(await failure(of: ClientRequest("GET", "http://127.0.0.1:\(port)/"))?.kind == .connect)
    }

    @Test func aNameThatDoesNotExistIsADNSError() async {
        // ".invalid" never exists (RFC 6761), and this client asks nobody: the name is too long for any.
        let label = String(repeating: "a", count: 64)
        #expect(await failure(of: ClientRequest("GET", "http://\(label).invalid/"))?.kind == .dns)
    }

    @Test func aPeerWithoutTLSIsATLSError() async throws {
        let server = try ScriptedServer { peer in
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.waitForEnd()
        }
        #expect(await failure(of: ClientRequest("GET", "https://127.0.0.1:\(server.port)/"))?.kind == .tls)
    }

    @Test(arguments: ["", "x", "ftp://127.0.0.1/", "file:///etc/hostname", "http://", "http://a b/"])
    func aWrongURLIsNotDialled(url: String) async {
        #expect(await failure(of: ClientRequest("GET", url))?.kind == .invalidURL)
    }

    @Test(arguments: [
        HeaderLine("X-A", "1\r\nX-B: 2"), HeaderLine("X-A", "1\nX"), HeaderLine("X-A", "a\u{0}"), HeaderLine("", "1"),
        HeaderLine("X A", "1"), HeaderLine("X-A:", "1"), HeaderLine("X-A\r\nX-B", "1"), HeaderLine("Ä", "1"),
    ])
    func aHeaderThatWouldBeTwoIsNotSent(line: HeaderLine) async {
        #expect(
            await failure(of: ClientRequest("GET", "http://127.0.0.1:1/", headers: [line]))?.kind == .invalidRequest)
    }

    @Test(arguments: ["", "get", "GET /x HTTP/1.1\r\nHost: y\r\n\r\nGET", "GE T"])
    func aMethodIsOneWord(method: String) async {
        #expect(await failure(of: ClientRequest(method, "http://127.0.0.1:1/"))?.kind == .invalidRequest)
    }
}
