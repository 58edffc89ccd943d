import Model
import Testing

@testable import notifier

@Suite struct DeliveryScheduleTests {
    static let planned: [Duration] = [
        .seconds(5), .seconds(300), .seconds(1_800), .seconds(7_200), .seconds(18_000), .seconds(36_000),
        .seconds(50_400), .seconds(72_000), .seconds(86_400),
    ]

    @Test(arguments: zip(1...9, planned))
    func theMiddleOfTheJitterIsThePlannedWait(attempt: Int, wait: Duration) throws {
        let found = try #require(DeliverySchedule.wait(afterAttempt: attempt, pause: .none, chance: 0.5))
        #expect(abs((found - wait).milliseconds) <= 1)
    }

    @Test(arguments: zip(1...9, planned))
    func waitsAreSpreadByAFifthToBothSides(attempt: Int, wait: Duration) throws {
        let least = try #require(DeliverySchedule.wait(afterAttempt: attempt, pause: .none, chance: 0))
        let most = try #require(DeliverySchedule.wait(afterAttempt: attempt, pause: .none, chance: 0.999_999))
        #expect(abs((least - wait * 0.8).milliseconds) <= 1)
        #expect(most <= wait * 1.2 && most > wait * 1.199)
    }

    @Test(arguments: [DeliverySchedule.Pause.none, .asked(for: nil), .asked(for: .hours(1))])
    func nothingFollowsTheTenthAttempt(pause: DeliverySchedule.Pause) {
        #expect(DeliverySchedule.attempts == 10)
        #expect(DeliverySchedule.wait(afterAttempt: 9, pause: pause, chance: 0) != nil)
        #expect(DeliverySchedule.wait(afterAttempt: 10, pause: pause, chance: 0) == nil)
        #expect(DeliverySchedule.wait(afterAttempt: 11, pause: pause, chance: 0) == nil)
    }

    @Test func allWaitsTogetherAreAboutThreeDays() {
        let sum = DeliverySchedule.waits.reduce(.zero, +)
        #expect(sum == .hours(75) + .minutes(35) + .seconds(5))
    }

    /// Attempt, `Retry-After`, shortest and longest wait in seconds.
    @Test(arguments: [
        (1, nil, 60, 72), (1, 0, 60, 72), (1, 10, 60, 72), (1, 60, 60, 72), (1, 90, 90, 108), (1, 115, 115, 120),
        (1, 120, 120, 120), (1, 86_400, 120, 120), (2, nil, 240, 360), (2, 5, 300, 360), (2, 400, 400, 480),
        (2, 10_000, 600, 600), (9, 1, 86_400, 103_680), (9, 1_000_000, 172_800, 172_800),
    ])
    func aReceiverThatAsksForTimeGetsItWithinBounds(
        attempt: Int, asked: Int64?, least: Int64, most: Int64
    ) throws {
        let pause = DeliverySchedule.Pause.asked(for: asked.map { .seconds($0) })
        for chance in [0, 0.1, 0.25, 0.5, 0.75, 0.999_999] {
            let wait = try #require(DeliverySchedule.wait(afterAttempt: attempt, pause: pause, chance: chance))
            #expect(wait >= .seconds(least) && wait <= .seconds(most), "chance \(chance)")
        }
    }

    @Test(
        arguments: [
            (DeliverySchedule.Pause.none, nil), (.asked(for: nil), 60), (.asked(for: .seconds(1)), 60),
            (.asked(for: .seconds(90)), 90), (.asked(for: .hours(9)), 120),
        ] as [(DeliverySchedule.Pause, Int64?)])
    func allOfASubscriptionIsSilentForAWhile(pause: DeliverySchedule.Pause, seconds: Int64?) {
        #expect(DeliverySchedule.silence(for: pause) == seconds.map { .seconds($0) })
    }
}
