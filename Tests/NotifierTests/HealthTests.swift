import HTTPClient
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing
import Webhooks

@testable import notifier

/// What a receiver that fails, and recovers, does to its subscription; and that others are told.
@Suite struct HealthTests {
    /// A second subscription, which hears what operators should hear.
    private func watch(_ rig: DeliveryRig) throws {
        let connection = try rig.place.open()
        try connection.run(
            Query<Void>.addSubscription(
                Subscription(
                    id: "sub_2", url: "https://ops.example.com/", types: ["subscription.*"], state: .active,
                    allowHTTP: false, description: nil, challenge: nil, createdAt: rig.time.now())))
        try connection.run(
            Query<Void>.addSubscriptionKey(
                SubscriptionKey(id: "key_2", secret: DeliveryRig.oldSecret), of: "sub_2", createdAt: rig.time.now()))
        // What it hears is looked at, and not sent.
        try connection.run(Query<Void>.throttleSubscription(id: "sub_2", until: rig.time.now() + .days(900)))
    }

    private func told(_ rig: DeliveryRig) throws -> [String] {
        try rig.place.open().run(
            Query(
                """
                SELECT event.type FROM delivery JOIN event ON event.id = event_id
                 WHERE subscription_id = 'sub_2' ORDER BY position
                """
            ) { $0.text(0) })
    }

    /// Fails a delivery of its own, so that waits between its attempts do not matter.
    private func fail(_ rig: DeliveryRig, _ answer: DeliveryRig.Answer = .status(500)) async throws {
        let id = try rig.emit(trigger: .test)
        rig.answer(answer)
        #expect(try await rig.work())
        #expect(try rig.delivery(id).state != .pending, "a test is tried once")
    }

    @Test func twentyFailuresOverFiveDaysDisable() async throws {
        let rig = try DeliveryRig()
        for number in 1...20 {
            if number == 20 { try watch(rig) }
            #expect(try rig.stored().state == .active)
            try await fail(rig)
            #expect(try rig.stored().health.consecutiveFailures == number)
            rig.time.advance(by: .hours(7))
        }
        let stored = try rig.stored()
        #expect(stored.state == .disabled && stored.disabledReason?.contains("20 attempts in a row") == true)
        #expect(stored.health.failingNotice == 100)
        let events = try rig.eventTypes().filter { $0 != "model.added" }
        #expect(events == [String](repeating: "subscription.failing", count: 4) + ["subscription.disabled"])
        #expect(try told(rig) == ["subscription.failing", "subscription.disabled"], "those that were told at the end")
    }

    @Test func oneSuccessBeginsAnewAndIsToldWhereFailuresWere() async throws {
        let rig = try DeliveryRig()
        try watch(rig)
        for _ in 1...12 {
            try await fail(rig)
            rig.time.advance(by: .hours(12))
        }
        try await fail(rig, .status(200))
        try await fail(rig, .status(200))
        #expect(try told(rig) == ["subscription.failing", "subscription.recovered"])
        let health = try rig.stored().health
        #expect(health.consecutiveFailures == 0 && health.failingSince == nil && health.failingNotice == 0)
    }

    /// Who disables a receiver that answers has told of no failure.
    @Test func whatNeverFailedDoesNotRecover() async throws {
        let rig = try DeliveryRig()
        try watch(rig)
        try DisableSubscription(DeliveryRig.subscription, reason: "wanted", traceParent: nil, now: rig.time.now())
            .apply(to: rig.place.open())
        let version = try rig.stored().version
        _ = try rig.place.open().run(
            .enableSubscription(id: DeliveryRig.subscription, version: version, challenge: nil, now: rig.time.now()))
        try await fail(rig, .status(200))
        #expect(try told(rig) == ["subscription.disabled"])
        #expect(try rig.stored().health.failingNotice == 0)
    }

    @Test func aReplayDoesNotCount() async throws {
        let rig = try DeliveryRig()
        for _ in 1...30 {
            let id = try rig.emit(trigger: .replay, counts: false)
            // Nothing is scripted, so this and what is due of the others fails.
            while try await rig.work() {}
            #expect(try rig.attempts(id).first?.counts == false)
            #expect(try rig.attempts(id).first?.errorClass == "connect")
            rig.time.advance(by: .hours(20))
        }
        let stored = try rig.stored()
        #expect(stored.health == SubscriptionHealth() && stored.state == .active)
    }

    @Test func theBreakerOpensAndOneAttemptClosesIt() async throws {
        let rig = try DeliveryRig()
        for _ in 1...10 { try await fail(rig) }
        #expect(try rig.stored().health.breaker(at: rig.time.now()) == .open)
        let waiting = [try rig.emit(), try rig.emit(), try rig.emit()]
        #expect(try await rig.work() == false, "nothing is sent")
        rig.time.advance(by: .seconds(29))
        #expect(try await rig.work() == false)
        rig.time.advance(by: .seconds(1))
        rig.answer(.status(500))
        #expect(try await rig.work())
        #expect(try await rig.work() == false, "it failed: another half a minute")
        rig.time.advance(by: .seconds(30))
        rig.answer(.status(200))
        #expect(try await rig.work())
        #expect(try rig.stored().health.breaker(at: rig.time.now()) == .closed)
        rig.answer(.status(200), .status(200))
        while try await rig.work() {}
        for id in waiting { #expect(try rig.delivery(id).state == .succeeded) }
    }

    @Test func halfOpenOnlyOneIsUnderWay() async throws {
        let rig = try DeliveryRig()
        for _ in 1...10 { try await fail(rig) }
        for _ in 1...5 { _ = try rig.emit() }
        rig.time.advance(by: .seconds(30))
        let connection = try rig.place.open()
        try AdmitDeliveries(of: DeliveryRig.subscription, now: rig.time.now()).apply(to: connection)
        try AdmitDeliveries(of: DeliveryRig.subscription, now: rig.time.now()).apply(to: connection)
        #expect(try connection.run(.admissionState(of: DeliveryRig.subscription)).first?.underWay == 1)
    }

    @Test func whatWasLetInBeforeTheReceiverAskedForTimeWaitsAsWell() async throws {
        let rig = try DeliveryRig()
        let (first, second) = (try rig.emit(), try rig.emit())
        #expect(try rig.delivery(second).job != nil)
        rig.answer(.status(503))
        try await rig.work()
        #expect(try await rig.work(), "its job runs")
        #expect(rig.sent.count == 1, "and sends nothing")
        #expect(try rig.delivery(second).job == nil && rig.delivery(second).attempts == 0)
        rig.time.advance(by: .seconds(61))
        rig.answer(.status(200), .status(200))
        while try await rig.work() {}
        #expect(try rig.delivery(first).state == .succeeded && rig.delivery(second).state == .succeeded)
    }
}
