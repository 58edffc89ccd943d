import HTTPClient
import HTTPServer
import Model
import Store
import Synchronization
import TestKit
import Testing
import Webhooks

@testable import notifier

/// A stage with the real client, and a receiver on this machine.
@Suite(.timeLimit(.minutes(10))) struct LiveDeliveryTests {
    /// Runs `body` against a receiver that answers as told and keeps what it got.
    private func withReceiver(
        _ answer: @escaping @Sendable (HTTPServer.Request) -> Response,
        _ body: (_ port: UInt16, _ received: @Sendable () -> [HTTPServer.Request]) async throws -> Void
    ) async throws {
        let inbox = Inbox()
        let router = Router([
            Route(.post, "/in") { request, _ in
                inbox.take(request)
                return answer(request)
            }
        ]) { fault, _ in Response(status: fault.status) }
        let server = try Server(router: router)
        let port = try server.start(on: .address(host: "127.0.0.1", port: 0))
        try await body(port) { inbox.requests }
        await server.stop(within: .seconds(1))
    }

    private func rig(port: UInt16, host: String = "127.0.0.1", allowing: String = "127.0.0.0/8") throws -> DeliveryRig {
        let block = try #require(CIDR(allowing))
        return try DeliveryRig(
            url: "http://\(host):\(port)/in?key=1", allowHTTP: true, policy: AddressPolicy(allowing: [block]),
            names: ["hooks.example.com": ["127.0.0.1"]],
            client: HTTPClient(userAgent: "test", maximumConnections: 2, perHost: 2))
    }

    @Test(arguments: ["127.0.0.1", "hooks.example.com"])
    func aDeliveryArrivesAsItWasSigned(host: String) async throws {
        try await withReceiver({ _ in Response(status: 202, text: "ok") }) { port, received in
            let rig = try rig(port: port, host: host)
            let id = try rig.emit()
            try await rig.work()
            #expect(try rig.delivery(id).state == .succeeded)
            let request = try #require(received().first)
            #expect(request.headers.first("Host") == "\(host):\(port)")
            #expect(request.headers.all("user-agent") == ["helicarrier/\(Release.version)"])
            #expect(request.headers.all("content-type") == ["application/json"])
            let key = try #require(WebhookKey(DeliveryRig.currentSecret))
            let expected = WebhookSigner(keys: [key]).signature(
                id: try #require(request.headers.first("webhook-id")),
                timestamp: try #require(Int64(request.headers.first("webhook-timestamp") ?? "")), body: request.body)
            #expect(request.headers.first("webhook-signature") == expected)
            let attempt = try #require(try rig.attempts(id).first)
            #expect(attempt.address == "127.0.0.1" && attempt.httpVersion == "1.1" && attempt.tlsVersion == nil)
            #expect(attempt.responseBody == [UInt8]("ok".utf8))
        }
    }

    @Test func aHugeAnswerIsCutAndASuccess() async throws {
        let huge = String(repeating: "x", count: 5 << 20)
        try await withReceiver({ _ in Response(status: 200, text: huge) }) { port, _ in
            let rig = try rig(port: port)
            let id = try rig.emit()
            try await rig.work()
            let attempt = try #require(try rig.attempts(id).first)
            #expect(attempt.status == 200 && attempt.isTruncated && attempt.responseBody?.count == 16_384)
            #expect(try rig.delivery(id).state == .succeeded)
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        try await withReceiver({ _ in Response(status: 302, headers: [HeaderField("Location", "/in")]) }) {
            port, received in
            let rig = try rig(port: port)
            let id = try rig.emit()
            try await rig.work()
            #expect(try rig.attempts(id).first?.errorClass == "http_3xx")
            #expect(received().count == 1)
        }
    }

    @Test(arguments: ["127.0.0.1", "hooks.example.com"])
    func withoutTheAllowListTheReceiverHearsNothing(host: String) async throws {
        try await withReceiver({ _ in Response(status: 200) }) { port, received in
            let rig = try rig(port: port, host: host, allowing: "192.168.0.0/16")
            let id = try rig.emit()
            try await rig.work()
            #expect(try rig.attempts(id).first?.errorClass == "refused_address")
            #expect(received().isEmpty && rig.sent.isEmpty)
        }
    }

    @Test func aClosedPortIsAFailedConnection() async throws {
        var closed: UInt16 = 0
        try await withReceiver({ _ in Response(status: 200) }) { port, _ in closed = port }
        let rig = try rig(port: closed)
        let id = try rig.emit()
        try await rig.work()
        #expect(try rig.attempts(id).first?.errorClass == "connect")
    }
}

/// What a receiver got.
private final class Inbox: Sendable {
    private let kept = Mutex<[HTTPServer.Request]>([])

    var requests: [HTTPServer.Request] { kept.withLock { $0 } }

    func take(_ request: HTTPServer.Request) { kept.withLock { $0.append(request) } }
}
