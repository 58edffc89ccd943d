import Crypto
import HTTPClient
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing
import Webhooks

@testable import notifier

@Suite struct DeliverStageTests {
    @Test func aSuccessEndsDeliveryAndJobTogether() async throws {
        let rig = try DeliveryRig()
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let id = try rig.emit(traceParent: trace)
        rig.answer(.status(204, [HeaderLine("Server", "x"), HeaderLine("Set-Cookie", "a=b")], body: "thanks"))
        #expect(try await rig.work())

        let delivery = try rig.delivery(id)
        #expect(delivery.state == .succeeded && delivery.attempts == 1 && delivery.endedAt == rig.time.now())
        #expect(delivery.nextAttemptAt == nil)
        #expect(try rig.job().state == .done)
        let attempt = try #require(try rig.attempts(id).first)
        #expect(attempt.number == 1 && attempt.status == 204 && attempt.errorClass == nil)
        #expect(attempt.keys == ["key_1"] && attempt.worker == "notify-test" && attempt.traceParent == trace)
        #expect(attempt.address == "93.184.216.34")
        #expect(attempt.url == "https://hooks.example.com/in?…", "a query may hold a token")
        #expect(attempt.responseBody == [UInt8]("thanks".utf8))
        #expect(attempt.responseHeaders == [DeliveryAttempt.Line("server", "x")], "cookies are not kept")
        #expect(try await rig.work() == false)
    }

    @Test func theRequestIsWhatReceiversExpect() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit(traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        rig.answer(.status(200))
        try await rig.work()
        let request = try #require(rig.sent.first)
        let event = try rig.delivery(id).event
        #expect(request.method == "POST" && request.url == "https://hooks.example.com/in?token=secret")
        #expect(request.header("webhook-id") == event)
        #expect(request.header("webhook-timestamp") == "\(rig.time.now().milliseconds / 1_000)")
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("user-agent") == "helicarrier/\(Release.version)")
        #expect(request.header("traceparent")?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
        #expect(
            request.pinnedAddress == PinnedAddress(host: "hooks.example.com", port: 443, address: "93.184.216.34"))
        #expect(request.connectTimeout == .seconds(5) && request.totalTimeout <= .seconds(15))
        #expect(request.maximumBodyBytes == 16_384 && request.keepsBodyBeyondLimit && !request.acceptsCompression)
        let kept = try #require(try rig.attempts(id).first).requestHeaders
        #expect(kept.contains(DeliveryAttempt.Line("webhook-signature", "‹redacted›")))
        #expect(!kept.contains { $0.value.contains("v1,") })
    }

    @Test func eachAttemptIsSignedWithItsOwnTimeAndTheSameID() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        rig.answer(.status(500), .status(200))
        try await rig.work()
        rig.time.advance(by: .seconds(6))
        try await rig.work()
        let sent = rig.sent
        #expect(sent.count == 2)
        #expect(Set(sent.map { $0.header("webhook-id") }).count == 1)
        #expect(Set(sent.map { $0.header("webhook-timestamp") }).count == 2)
        #expect(Set(sent.map { $0.header("webhook-signature") }).count == 2)
        #expect(sent[0].body == sent[1].body)
        #expect(try rig.delivery(id).state == .succeeded && rig.delivery(id).attempts == 2)
    }

    @Test func aFailureIsTriedAgainByTheSchedule() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        rig.answer(.failure(ClientError(.connect, "refused", remoteAddress: "93.184.216.34")))
        try await rig.work()
        let due = rig.time.now() + .seconds(5)
        let delivery = try rig.delivery(id)
        #expect(delivery.state == .pending && delivery.attempts == 1 && delivery.nextAttemptAt == due)
        #expect(try delivery.job == nil && rig.job().state == .done, "the job was the attempt")
        let attempt = try #require(try rig.attempts(id).first)
        #expect(attempt.errorClass == "connect" && attempt.errorMessage == "refused" && attempt.nextAttemptAt == due)
        #expect(try rig.stored().throttledUntil == nil)
        rig.time.advance(by: .seconds(4))
        #expect(try await rig.work() == false, "it is not due yet")
    }

    @Test func afterTheTenthAttemptItHasFailed() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        for number in 1...10 {
            rig.answer(.status(500))
            #expect(try await rig.work(), "attempt \(number)")
            rig.time.advance(by: .hours(30))
        }
        #expect(try rig.delivery(id).state == .failed && rig.delivery(id).attempts == 10)
        #expect(try rig.attempts(id).map(\.number) == Array(1...10))
        #expect(try rig.attempts(id).last?.nextAttemptAt == nil)
        #expect(try rig.job().state == .done, "a receiver that fails is no fault of ours")
        #expect(try await rig.work() == false)
    }

    @Test(
        arguments: [
            (DeliveryRig.Answer.status(429, [HeaderLine("Retry-After", "90")]), 90, 99),
            (.status(503), 60, 60), (.failure(ClientError(.timeout, "slow")), 60, 60),
        ] as [(DeliveryRig.Answer, Int64, Int64)])
    func aReceiverThatAsksForTimeIsLeftInPeace(
        answer: DeliveryRig.Answer, silence: Int64, wait: Int64
    ) async throws {
        let rig = try DeliveryRig()
        let (first, start) = (try rig.emit(), rig.time.now())
        rig.answer(answer)
        try await rig.work()
        #expect(try rig.delivery(first).nextAttemptAt == start + .seconds(wait))
        #expect(try rig.stored().throttledUntil == start + .seconds(silence))

        let second = try rig.emit()
        #expect(try await rig.work() == false)
        #expect(rig.sent.count == 1, "other deliveries wait too")
        #expect(try rig.delivery(second).attempts == 0 && rig.attempts(second).isEmpty)
        #expect(try rig.delivery(second).job == nil, "what waits has no job")
        rig.time.advance(by: .seconds(silence))
        rig.answer(.status(200), .status(200))
        // The first may be due by now as well.
        while try await rig.work() {}
        #expect(try rig.delivery(second).state == .succeeded)
    }

    @Test func aReceiverThatIsGoneDisablesItsSubscription() async throws {
        let rig = try DeliveryRig()
        let (first, second) = (try rig.emit(), try rig.emit())
        rig.answer(.status(410))
        try await rig.work()
        #expect(try rig.delivery(first).state == .failed)
        let stored = try rig.stored()
        #expect(stored.state == .disabled && stored.disabledReason?.contains("410") == true && stored.version == 2)
        try await rig.work()
        #expect(try rig.delivery(second).state == .cancelled)
        #expect(rig.sent.count == 1)
        #expect(try rig.eventTypes().last == "subscription.disabled")
    }

    @Test func nothingIsSentForWhatHasEnded() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        try rig.place.open().run(
            Query<Void>.endDelivery(id: id, state: .cancelled, attempts: 0, now: rig.time.now()))
        try await rig.work()
        #expect(rig.sent.isEmpty)
        #expect(try rig.job().state == .done)
    }

    @Test func nothingIsSentForADeletedSubscription() async throws {
        let rig = try DeliveryRig()
        _ = try rig.emit()
        try rig.place.open().runScript("PRAGMA foreign_keys = ON; DELETE FROM subscription")
        try await rig.work()
        #expect(rig.sent.isEmpty)
        #expect(try rig.job().state == .cancelled)
    }

    @Test func duringARotationBothKeysSignTheCurrentOneFirst() async throws {
        let rig = try DeliveryRig()
        let end = rig.time.now() + .hours(1)
        let connection = try rig.place.open()
        for (id, secret, expiry) in [
            ("key_0", DeliveryRig.oldSecret, end), ("key_dead", DeliveryRig.oldSecret, rig.time.now()),
        ] {
            try connection.run(
                Query<Void>.addSubscriptionKey(
                    SubscriptionKey(id: id, secret: secret), of: DeliveryRig.subscription,
                    createdAt: rig.time.now() - .hours(2), expiresAt: expiry))
        }
        let id = try rig.emit()
        rig.answer(.status(200), .status(200))
        try await rig.work()
        let request = try #require(rig.sent.first)
        let expected = [DeliveryRig.currentSecret, DeliveryRig.oldSecret].compactMap { WebhookKey($0) }.map { key in
            WebhookSigner(keys: [key]).signature(
                id: request.header("webhook-id") ?? "-", timestamp: rig.time.now().milliseconds / 1_000,
                body: request.body ?? [])
        }
        #expect(expected.count == 2)
        #expect(request.header("webhook-signature") == expected.joined(separator: " "))
        let keys = try #require(try rig.attempts(id).first).keys
        #expect(keys == ["key_1", "key_0"])

        rig.time.advance(by: .hours(1))
        let later = try rig.emit()
        try await rig.work()
        #expect(try rig.attempts(later).first?.keys == ["key_1"], "the old key's time is over")
    }

    @Test func aKeyThatCannotBeReadEndsTheDeliveryQuietly() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        try rig.place.open().runScript("UPDATE subscription_key SET secret = 'nonsense'")
        try await rig.work()
        #expect(rig.sent.isEmpty)
        #expect(try rig.delivery(id).state == .cancelled)
    }

    @Test func attemptsTakeTurnsAmongTheAddresses() async throws {
        let rig = try DeliveryRig(names: ["hooks.example.com": ["93.184.216.34", "2606:2800:220:1::1"]])
        _ = try rig.emit()
        rig.answer(.status(500), .status(500), .status(500))
        for _ in 0..<3 {
            try await rig.work()
            rig.time.advance(by: .hours(1))
        }
        #expect(
            rig.sent.map { $0.pinnedAddress?.address } == ["93.184.216.34", "2606:2800:220:1::1", "93.184.216.34"])
        #expect(rig.asked.count == 3, "each attempt asks anew")
    }
}
