import HTTPClient
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing
import Webhooks

@testable import notifier

@Suite struct VerificationTests {
    static let challenge = "c2VjcmV0IGNoYWxsZW5nZQ"

    private func rig() throws -> DeliveryRig {
        try DeliveryRig(state: .pending, challenge: Self.challenge)
    }

    private func ask(_ rig: DeliveryRig) throws -> String {
        try rig.emit(type: WebhookEvent.verification, data: "{\"challenge\":\"\(Self.challenge)\"}")
    }

    @Test(arguments: [
        "{\"challenge\":\"c2VjcmV0IGNoYWxsZW5nZQ\"}", " {\"ok\":true, \"challenge\" : \"c2VjcmV0IGNoYWxsZW5nZQ\"}\n",
    ])
    func anEchoMakesTheSubscriptionActive(body: String) async throws {
        let rig = try rig()
        let id = try ask(rig)
        rig.answer(.status(200, body: body))
        try await rig.work()
        let stored = try rig.stored()
        #expect(stored.state == .active && stored.challenge == nil && stored.version == 2)
        #expect(try rig.delivery(id).state == .succeeded)
    }

    @Test(arguments: [
        "", "c2VjcmV0IGNoYWxsZW5nZQ", "{}", "{\"challenge\":\"\"}", "{\"challenge\":null}", "{\"challenge\":\"other\"}",
        "[\"c2VjcmV0IGNoYWxsZW5nZQ\"]", "{\"challenge\":\"c2VjcmV0IGNoYWxsZW5nZQ\"",
        "{\"challenge\":\"c2VjcmV0IGNoYWxsZW5nZQ \"}",
    ])
    func aSuccessWithoutTheEchoIsAFailedAttempt(body: String) async throws {
        let rig = try rig()
        let id = try ask(rig)
        rig.answer(.status(200, body: body))
        try await rig.work()
        #expect(try rig.stored().state == .pending)
        #expect(try rig.delivery(id).state == .pending)
        let attempt = try #require(try rig.attempts(id).first)
        #expect(attempt.errorClass == "protocol" && attempt.status == 200)

        rig.time.advance(by: .seconds(6))
        rig.answer(.status(200, body: "{\"challenge\":\"\(Self.challenge)\"}"))
        try await rig.work()
        #expect(try rig.stored().state == .active, "the next attempt may do better")
    }

    @Test(arguments: [201, 202, 204, 301, 400, 500])
    func onlyA2xxWithTheEchoCounts(status: Int) async throws {
        let rig = try rig()
        _ = try ask(rig)
        rig.answer(.status(status, body: "{\"challenge\":\"\(Self.challenge)\"}"))
        try await rig.work()
        #expect(try rig.stored().state == ((200...299).contains(status) ? .active : .pending))
    }

    @Test func aTestEventToAPendingSubscriptionDoesNotActivateIt() async throws {
        let rig = try rig()
        let id = try rig.emit(type: WebhookEvent.test, trigger: .test)
        rig.answer(.status(200, body: "{\"challenge\":\"\(Self.challenge)\"}"))
        try await rig.work()
        #expect(try rig.delivery(id).state == .succeeded)
        #expect(try rig.stored().state == .pending)
    }

    @Test func beforeTheEchoNoEventIsSent() async throws {
        let rig = try rig()
        let id = try rig.emit()
        #expect(try await rig.work() == false)
        _ = try ask(rig)
        rig.answer(.status(200, body: "{\"challenge\":\"\(Self.challenge)\"}"), .status(200))
        #expect(try await rig.work())
        #expect(try rig.delivery(id).state == .pending && rig.stored().state == .active)
        #expect(try await rig.work())
        #expect(try rig.delivery(id).state == .succeeded)
    }

    /// An old challenge that failed waits for its next attempt; in an ordered subscription nothing waits for it.
    @Test func anOldChallengeHoldsUpNoOrderedSubscription() async throws {
        let rig = try DeliveryRig(state: .pending, challenge: Self.challenge) { $0.isOrdered = true }
        let old = try ask(rig)
        rig.answer(.status(500))
        #expect(try await rig.work())
        let version = try rig.stored().version
        _ = try rig.place.open().run(
            .enableSubscription(id: DeliveryRig.subscription, version: version, challenge: nil, now: rig.time.now()))
        let ids = try [rig.emit(), rig.emit()]
        rig.answer(.status(200), .status(200))
        for id in ids {
            #expect(try await rig.work())
            #expect(try rig.delivery(id).state == .succeeded)
        }
        rig.time.advance(by: .minutes(6))
        try await rig.work()
        #expect(try rig.delivery(old).state == .cancelled && rig.sent.count == 3)
    }

    @Test func aChallengeThatIsNoLongerAskedForIsNotSent() async throws {
        let rig = try rig()
        let id = try rig.emit(type: WebhookEvent.verification, data: "{\"challenge\":\"of another URL\"}")
        try await rig.work()
        #expect(rig.sent.isEmpty)
        #expect(try rig.delivery(id).state == .cancelled)
    }
}
