import HTTPClient
import Model
import Store
import TestKit
import Testing
import Webhooks

@testable import notifier

/// Receivers as they are found in the world, each a socket on this machine that says every byte: what becomes of the
/// delivery, and what the log says of it.
@Suite(.timeLimit(.minutes(10))) struct ReceiverZooTests {
    /// What a receiver does with one connection.
    enum Animal: String, CaseIterable, CustomTestStringConvertible {
        case answers200, answers204, answers500, answers404, answers410, answers301, answers308
        case asksForSeconds, asksForTheMoon, asksForADate, asksForNonsense, isOverloaded, isABadGateway
        case saysNothing, dripsItsAnswer, dripsItsHeader, answersHugely, answersForEver
        case closesAtOnce, resets, diesInTheHeader, diesInTheBody, saysGarbage, isNotTLS
        case hasALongLine, hasHeadersForEver

        var testDescription: String { rawValue }
    }

    private struct Expected {
        var errorClass: String?
        var status: Int?
        var state = Delivery.State.pending
        /// Until the next attempt.
        var wait: Duration? = .seconds(5)
        /// For how long nothing at all is sent.
        var silence: Duration?
        var retryAfter: Duration?
        /// How much of the answer is kept.
        var kept: Int?
        var isTruncated = false

        /// The receiver gets at least a minute.
        static func throttled(_ errorClass: String, _ status: Int?, isTruncated: Bool = false) -> Expected {
            Expected(
                errorClass: errorClass, status: status, wait: .seconds(60), silence: .seconds(60),
                isTruncated: isTruncated)
        }
    }

    private static func live(_ animal: Animal, _ peer: Peer, _ now: Timestamp) {
        guard animal != .closesAtOnce else { return }
        if animal == .isNotTLS {
            peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            return
        }
        guard peer.request() != nil else { return }
        switch animal {
        case .answers200: peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        case .answers204: peer.send("HTTP/1.1 204 No Content\r\n\r\n")
        case .answers500: answer(peer, 500)
        case .answers404: answer(peer, 404)
        case .answers410: answer(peer, 410)
        case .answers301: answer(peer, 301, "Location: http://127.0.0.1:1/elsewhere\r\n")
        case .answers308: answer(peer, 308, "Location: /in\r\n")
        case .asksForSeconds: answer(peer, 429, "Retry-After: 90\r\n")
        case .asksForTheMoon: answer(peer, 503, "Retry-After: 864000\r\n")
        case .asksForADate: answer(peer, 429, "Retry-After: \(httpDate(now + .seconds(100)))\r\n")
        case .asksForNonsense: answer(peer, 429, "Retry-After: soon\r\n")
        case .isOverloaded: answer(peer, 503)
        case .isABadGateway: answer(peer, 502)
        case .saysNothing: peer.waitForEnd()
        case .dripsItsAnswer:
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            drip(peer)
        case .dripsItsHeader:
            peer.send("HTTP/1.1 200 OK\r\nX-Slow: ")
            drip(peer)
        case .answersHugely:
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
            flood(peer, 50_000_000)
        case .answersForEver:
            peer.send("HTTP/1.1 202 Accepted\r\n\r\n")
            flood(peer, .max)
        case .resets: peer.reset()
        case .diesInTheHeader: peer.send("HTTP/1.1 200 OK\r\nContent-")
        case .diesInTheBody: peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        case .saysGarbage: peer.send("220 smtp.example.com ESMTP\r\n250 OK\r\n\r\n")
        case .hasALongLine: answer(peer, 200, "X-Long: \(String(repeating: "x", count: 300_000))\r\n")
        case .hasHeadersForEver:
            peer.send("HTTP/1.1 200 OK\r\n")
            while peer.send(String(repeating: "X-More: \(String(repeating: "x", count: 1_000))\r\n", count: 10)) {}
        case .closesAtOnce, .isNotTLS: break
        }
    }

    private static func expected(of animal: Animal) -> Expected {
        switch animal {
        case .answers200: Expected(status: 200, state: .succeeded, wait: nil, kept: 2)
        case .answers204: Expected(status: 204, state: .succeeded, wait: nil, kept: 0)
        case .answers500: Expected(errorClass: "http_5xx", status: 500)
        case .answers404: Expected(errorClass: "http_4xx", status: 404)
        case .answers410: Expected(errorClass: "http_4xx", status: 410, state: .failed, wait: nil)
        case .answers301: Expected(errorClass: "http_3xx", status: 301)
        case .answers308: Expected(errorClass: "http_3xx", status: 308)
        case .asksForSeconds:
            Expected(
                errorClass: "http_4xx", status: 429, wait: .seconds(99), silence: .seconds(90),
                retryAfter: .seconds(90))
        case .asksForTheMoon:
            Expected(
                errorClass: "http_5xx", status: 503, wait: .seconds(120), silence: .seconds(120),
                retryAfter: .seconds(864_000))
        case .asksForADate:
            Expected(
                errorClass: "http_4xx", status: 429, wait: .seconds(110), silence: .seconds(100),
                retryAfter: .seconds(100))
        case .asksForNonsense: .throttled("http_4xx", 429)
        case .isOverloaded: .throttled("http_5xx", 503)
        case .isABadGateway: .throttled("http_5xx", 502)
        case .saysNothing: .throttled("timeout", nil)
        case .dripsItsAnswer, .dripsItsHeader: .throttled("timeout", 200, isTruncated: true)
        case .answersHugely: Expected(status: 200, state: .succeeded, wait: nil, kept: 16_384, isTruncated: true)
        case .answersForEver: Expected(status: 202, state: .succeeded, wait: nil, kept: 16_384, isTruncated: true)
        case .closesAtOnce, .resets, .saysGarbage: Expected(errorClass: "protocol")
        case .diesInTheHeader: Expected(errorClass: "protocol", status: 200, kept: 0, isTruncated: true)
        case .diesInTheBody: Expected(errorClass: "protocol", status: 200, kept: 4, isTruncated: true)
        case .hasALongLine, .hasHeadersForEver: Expected(errorClass: "too_large", status: 200, isTruncated: true)
        case .isNotTLS: Expected(errorClass: "tls")
        }
    }

    @Test(arguments: Animal.allCases)
    func eachGetsItsTreatment(animal: Animal) async throws {
        let moment = ManualTime().now()
        let server = try ScriptedServer { peer in Self.live(animal, peer, moment) }
        let block = try #require(CIDR("127.0.0.0/8"))
        let scheme = animal == .isNotTLS ? "https" : "http"
        let rig = try DeliveryRig(
            url: "\(scheme)://127.0.0.1:\(server.port)/in", allowHTTP: true, policy: AddressPolicy(allowing: [block]),
            client: HTTPClient(userAgent: "test", maximumConnections: 2, perHost: 2))
        let id = try rig.emit()
        #expect(try await rig.work())

        let expected = Self.expected(of: animal)
        let (delivery, attempt) = (try rig.delivery(id), try #require(try rig.attempts(id).first))
        #expect(attempt.errorClass == expected.errorClass && attempt.status == expected.status)
        #expect((attempt.errorMessage == nil) == (expected.errorClass == nil))
        // As the client measured it: how long this test waited for its turn is no receiver's doing.
        #expect(attempt.steps.total < 60_000, "hard limit on time")
        #expect(delivery.state == expected.state && delivery.attempts == 1)
        #expect(delivery.nextAttemptAt.map { $0 - rig.time.now() } == expected.wait)
        #expect(attempt.nextAttemptAt == delivery.nextAttemptAt && attempt.retryAfter == expected.retryAfter)
        #expect(try rig.stored().throttledUntil.map { $0 - rig.time.now() } == expected.silence)
        if let kept = expected.kept { #expect(attempt.responseBody?.count == kept) }
        if animal == .dripsItsAnswer { #expect(attempt.responseBody?.allSatisfy { $0 == UInt8(ascii: "x") } == true) }
        #expect(attempt.isTruncated == expected.isTruncated && attempt.address == "127.0.0.1")
        #expect(try rig.stored().state == (animal == .answers410 ? .disabled : .active))
        #expect(try rig.stored().health.consecutiveFailures == (expected.errorClass == nil ? 0 : 1))
        #expect(server.connections == 1, "nothing is followed and nothing is repeated at once")
    }

    private static func answer(_ peer: Peer, _ status: Int, _ header: String = "") {
        peer.send("HTTP/1.1 \(status) x\r\n\(header)Content-Length: 0\r\n\r\n")
    }

    private static func drip(_ peer: Peer) {
        while peer.isOpen(after: .seconds(1)), peer.send("x") {}
    }

    private static func flood(_ peer: Peer, _ count: Int) {
        let part = [UInt8](repeating: 0x78, count: 1 << 16)
        var sent = 0
        while sent < count, peer.send(part) { sent += part.count }
    }

    /// The preferred form of RFC 9110, section 5.6.7.
    private static func httpDate(_ moment: Timestamp) -> String {
        let text = moment.rfc3339
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.prefix(10).split(separator: "-")
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let day = days[Int(moment.milliseconds / 86_400_000 % 7)]
        return "\(day), \(parts[2]) \(months[(Int(parts[1]) ?? 1) - 1]) \(parts[0]) \(text.dropFirst(11).prefix(8)) GMT"
    }
}
