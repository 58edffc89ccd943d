import HTTPClient
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import notifier

/// Which deliveries get a job, and of which kind.
@Suite struct FairStartTests {
    private func kinds(_ rig: DeliveryRig) throws -> [String] {
        try rig.place.open().storedJobs().filter { $0.state == .ready }.map(\.kind)
    }

    @Test func noMoreThanTheSubscriptionMayHaveUnderWay() async throws {
        let rig = try DeliveryRig(changed: { $0.maxInFlight = 3 })
        let ids = try (0..<10).map { _ in try rig.emit() }
        #expect(try kinds(rig).count == 3)
        rig.answer(.status(200))
        #expect(try await rig.work())
        #expect(try kinds(rig).count == 3, "the place of the one that ended is taken")
        for _ in 0..<9 { rig.answer(.status(200)) }
        while try await rig.work() {}
        for id in ids { #expect(try rig.delivery(id).state == .succeeded) }
    }

    @Test func noFasterThanItsRate() async throws {
        let rig = try DeliveryRig(changed: { ($0.ratePerSecond, $0.maxInFlight) = (2, 64) })
        for _ in 0..<5 {
            _ = try rig.emit()
            rig.answer(.status(200))
        }
        while try await rig.work() {}
        #expect(rig.sent.count == 2)
        for seconds in 1...3 {
            rig.time.advance(by: .milliseconds(500))
            while try await rig.work() {}
            #expect(rig.sent.count == 2 + seconds)
        }
    }

    @Test func whatMayHangNeverTakesThePlacesOfFirstAttempts() async throws {
        let rig = try DeliveryRig()
        _ = try rig.emit()
        #expect(try kinds(rig) == [DeliverWebhook.name])
        rig.answer(.status(500))
        try await rig.work()
        _ = try rig.emit()
        #expect(try kinds(rig) == [RetryWebhook.name], "its receiver failed the last time")
        rig.answer(.status(200))
        try await rig.work()
        _ = try rig.emit()
        #expect(try kinds(rig) == [DeliverWebhook.name], "it has recovered")
        rig.time.advance(by: .seconds(6))
        rig.answer(.status(200), .status(200))
        while try await rig.work() {}
        let pending = Query<Int>("SELECT count(*) FROM delivery WHERE state = 'pending'") { $0.count(0) }
        #expect(try rig.place.open().run(pending) == [0])
    }

    @Test func inOrderOneThatFailsHoldsUpThoseBehindIt() async throws {
        let rig = try DeliveryRig(changed: { $0.isOrdered = true })
        let ids = try (0..<3).map { _ in try rig.emit() }
        rig.answer(.status(500))
        #expect(try await rig.work())
        #expect(try await rig.work() == false, "those behind it wait")
        rig.time.advance(by: .seconds(6))
        rig.answer(.status(200), .status(200), .status(200))
        while try await rig.work() {}
        let events = try ids.map { try rig.delivery($0).event }
        #expect(rig.sent.compactMap { $0.header("webhook-id") } == [events[0]] + events)
    }

    @Test func inOrderOneThatHasFailedForGoodLetsTheNextGo() async throws {
        let rig = try DeliveryRig(changed: { $0.isOrdered = true })
        let (first, second) = (try rig.emit(), try rig.emit())
        for _ in 1...10 {
            rig.answer(.status(500))
            #expect(try await rig.work())
            #expect(try rig.delivery(second).attempts == 0)
            rig.time.advance(by: .hours(30))
        }
        #expect(try rig.delivery(first).state == .failed)
        rig.answer(.status(200))
        #expect(try await rig.work())
        #expect(try rig.delivery(second).state == .succeeded)
    }

    @Test func inOrderATestGoesFirst() async throws {
        let rig = try DeliveryRig(changed: { $0.isOrdered = true })
        _ = try rig.emit()
        rig.answer(.status(500))
        try await rig.work()
        let test = try rig.emit(trigger: .test)
        rig.answer(.status(204))
        #expect(try await rig.work())
        #expect(try rig.delivery(test).state == .succeeded)
    }

    private func due(_ rig: DeliveryRig) -> DueDeliveries {
        DueDeliveries(
            database: rig.database, kept: .days(30), log: .silent, now: rig.time.now, ring: {}, pause: { _ in })
    }

    @Test func whatWaitsForTimeStartsByItself() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        rig.answer(.status(500))
        try await rig.work()
        let start = rig.time.now()
        #expect(try await due(rig).startDue() == start + .seconds(5))
        #expect(try rig.delivery(id).job == nil)
        rig.time.advance(by: .seconds(5))
        _ = try await due(rig).startDue()
        #expect(try rig.delivery(id).job != nil)
        #expect(try await due(rig).startDue() == nil)
    }

    @Test(
        arguments: [
            ("cancelled", Delivery.State.cancelled), ("dead", .failed), ("done", .pending), ("gone", .pending),
        ])
    func aDeliveryWhoseJobWasLostIsNotForgotten(end: String, state: Delivery.State) async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        let connection = try rig.place.open()
        if end == "gone" {
            try connection.runScript("DELETE FROM job")
        } else {
            try connection.runScript(
                "UPDATE job SET state = '\(end)', finished_at_ms = 1, unique_held = 0, lease_until_ms = NULL")
        }
        try await due(rig).upkeep()
        let delivery = try rig.delivery(id)
        #expect(delivery.state == state)
        #expect((delivery.job != nil) == (state == .pending), "it has a new job where it goes on")
    }

    @Test func aDisabledSubscriptionCancelsWhatWaits() async throws {
        let rig = try DeliveryRig(changed: { $0.maxInFlight = 1 })
        let ids = try (0..<600).map { _ in try rig.emit() }
        rig.answer(.status(410))
        try await rig.work()
        _ = try await due(rig).startDue()
        for id in [ids[1], ids[599]] { #expect(try rig.delivery(id).state == .cancelled) }
        #expect(try await due(rig).startDue() == nil)
    }

    @Test func endedDeliveriesGoAfterAMonthAndOthersStay() async throws {
        let rig = try DeliveryRig()
        let (old, waiting) = (try rig.emit(), try rig.emit())
        rig.answer(.status(200), .status(503))
        try await rig.work()
        try await rig.work()
        rig.time.advance(by: .days(31))
        let connection = try rig.place.open()
        try connection.run(
            Query<Void>.addSubscriptionKey(
                SubscriptionKey(id: "key_old", secret: DeliveryRig.oldSecret), of: DeliveryRig.subscription,
                createdAt: rig.time.now() - .days(9), expiresAt: rig.time.now() - .days(8)))
        try await due(rig).upkeep()
        #expect(try connection.run(.delivery(id: old)).isEmpty && rig.attempts(old).isEmpty)
        #expect(try rig.delivery(waiting).state == .pending)
        #expect(try rig.eventTypes().count == 2, "the newest events are what tells a repetition")
        #expect(
            try connection.run(Query("SELECT id FROM subscription_key") { $0.text(0) }) == ["key_1"],
            "a secret that signs no more is not kept")
    }
}
