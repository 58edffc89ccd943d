import HTTPServer
import Testing

/// Clients that take and do not give. Each test asks whether another client is served beside them.
@Suite struct ServerCrowdTests {
    /// A body that never ends and that nobody reads.
    private struct Flood: BodyStream {
        func next() async -> [UInt8]? { [UInt8](repeating: 7, count: 64 << 10) }
    }

    private static func isServed(_ port: UInt16) throws -> Bool {
        let client = try RawConnection(port: port)
        client.request("GET", "/slow/one")
        return try client.answer().status == 200
    }

    @Test func aThousandIdleConnectionsDoNotStopOthers() async throws {
        let live = try LiveServer()
        let port = live.port
        let served = try await onThread {
            let idle = try (0..<1_000).map { _ in try RawConnection(port: port) }
            var served = try Self.isServed(port)
            for client in idle.prefix(50) {
                client.request("GET", "/fast")
                served = try client.answer().status == 200 && served
            }
            return try Self.isServed(port) && served
        }
        #expect(served)
        await live.server.stop(within: .milliseconds(50))
    }

    @Test func readersThatDoNotReadDoNotStopOthers() async throws {
        let live = try LiveServer([
            Route(.get, "/flood", immediate: { _, _ in Response(status: 200, body: .stream(Flood())) })
        ])
        let port = live.port
        let served = try await onThread {
            let slow = try (0..<100).map { _ in try RawConnection(port: port) }
            for client in slow { client.request("GET", "/flood") }
            return try (0..<20).allSatisfy { _ in try Self.isServed(port) }
        }
        #expect(served)
        await live.server.stop(within: .milliseconds(50))
    }

    @Test func requestsThatNeverEndDoNotStopOthers() async throws {
        let live = try LiveServer()
        let port = live.port
        let served = try await onThread {
            let half = try (0..<300).map { _ in try RawConnection(port: port) }
            for (number, client) in half.enumerated() {
                let body = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nb"
                client.send(number.isMultiple(of: 2) ? "GET /fa" : body)
            }
            return try (0..<20).allSatisfy { _ in try Self.isServed(port) }
        }
        #expect(served)
        await live.server.stop(within: .milliseconds(50))
    }

    @Test func aFloodOfBadRequestsDoesNotStopOthers() async throws {
        let live = try LiveServer()
        let port = live.port
        let served = try await onThread {
            var served = true
            for _ in 0..<10 {
                for _ in 0..<50 {
                    let bad = try RawConnection(port: port)
                    bad.send("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\nGET \0 nonsense\r\n\r\n")
                }
                served = try Self.isServed(port) && served
            }
            return served
        }
        #expect(served)
        await live.server.stop(within: .milliseconds(50))
    }
}
