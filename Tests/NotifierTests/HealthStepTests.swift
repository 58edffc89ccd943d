import Model
import Store
import Testing

@testable import notifier

/// What attempts change in what is known of a receiver, without a database.
@Suite struct HealthStepTests {
    private let start = Timestamp(milliseconds: 1_800_000_000_000)

    private func failed(
        _ health: SubscriptionHealth, at moment: Timestamp, recent: (attempts: Int, failures: Int) = (0, 0)
    ) -> HealthStep {
        HealthStep(health, failed: true, startedAt: moment, recent: recent, now: moment)
    }

    private func succeeded(_ health: SubscriptionHealth, at moment: Timestamp) -> HealthStep {
        HealthStep(health, failed: false, startedAt: moment, recent: (0, 0), now: moment)
    }

    /// Failures evenly over a time: what is told, and whether the last one disables.
    private func run(_ count: Int, over length: Duration) -> (told: [Int], isHopeless: Bool) {
        var (health, told, isHopeless) = (SubscriptionHealth(), [Int](), false)
        for number in 0..<count {
            let step = failed(health, at: start + length * number / max(1, count - 1))
            health = step.health
            told += step.failing
            isHopeless = step.isHopeless
        }
        return (told, isHopeless)
    }

    @Test(
        arguments: [
            (19, Duration.days(30), [50, 70, 90], false), (20, .days(5), [50, 70, 90, 100], true),
            (20, .seconds(5 * 86_400 - 1), [50, 70, 90], false), (21, .days(5), [50, 70, 90, 100], true),
            (1_000, .hours(1), [], false), (1_000, .hours(60), [50], false), (1, .zero, [], false),
            (10, .days(5), [50], false), (9, .days(50), [], false), (14, .days(5), [50, 70], false),
        ] as [(Int, Duration, [Int], Bool)])
    func bothManyFailuresAndALongTimeAreNeeded(count: Int, length: Duration, told: [Int], isHopeless: Bool) {
        let outcome = run(count, over: length)
        #expect(outcome.told == told && outcome.isHopeless == isHopeless)
    }

    @Test func aLeapTellsEachStepOnce() {
        var health = SubscriptionHealth()
        health.consecutiveFailures = 19
        health.failingSince = start - .days(6)
        let step = failed(health, at: start)
        #expect(step.failing == [50, 70, 90, 100] && step.isHopeless)
    }

    @Test(arguments: [0, 50, 70, 90, 100])
    func aSuccessForgetsFailuresAndTellsARecoveryOnlyOfWhatWasTold(notice: Int) {
        var health = SubscriptionHealth()
        (health.consecutiveFailures, health.failingSince, health.failingNotice) = (12, start - .days(3), notice)
        let step = succeeded(health, at: start)
        #expect(step.isRecovered == (notice > 0))
        #expect(step.health.consecutiveFailures == 0 && step.health.failingSince == nil)
        #expect(step.health.failingNotice == 0 && step.health.lastSuccessAt == start)
        #expect(succeeded(step.health, at: start).isRecovered == false)
    }

    @Test func oneThatWasEnabledAgainIsToldOfAnew() {
        var health = SubscriptionHealth()
        health.failingNotice = 100
        #expect(succeeded(health, at: start).isRecovered, "it had been disabled")
        var told: [Int] = []
        for number in 0..<20 {
            let step = failed(health, at: start + .hours(7) * number)
            health = step.health
            told += step.failing
            #expect(step.isHopeless == (number == 19))
        }
        #expect(told == [50, 70, 90, 100])
    }

    @Test(
        arguments: [
            (9, 9, false), (10, 10, true), (10, 7, true), (10, 6, false), (100, 70, true), (100, 69, false),
            (1_000, 699, false), (1, 1, false),
        ])
    func theBreakerOpensWhenMostOfManyFail(attempts: Int, failures: Int, opens: Bool) {
        let step = failed(SubscriptionHealth(), at: start, recent: (attempts, failures))
        #expect(step.health.breaker(at: start) == (opens ? .open : .closed))
        #expect(step.health.breakerUntil == (opens ? start + .seconds(30) : nil))
    }

    @Test func halfOpenOneAttemptDecides() {
        let open = failed(SubscriptionHealth(), at: start, recent: (10, 10)).health
        let later = start + .seconds(30)
        #expect(open.breaker(at: later) == .halfOpen)
        let closed = succeeded(open, at: later).health
        #expect(closed.breaker(at: later) == .closed && closed.breakerSince == later, "the window begins anew")
        let again = failed(open, at: later, recent: (0, 0)).health
        #expect(again.breakerUntil == later + .seconds(30))
    }

    @Test func whatWasSentBeforeItOpenedDoesNotMoveIt() {
        let open = failed(SubscriptionHealth(), at: start, recent: (10, 10)).health
        #expect(failed(open, at: start + .seconds(1), recent: (11, 11)).health.breakerUntil == open.breakerUntil)
        #expect(succeeded(open, at: start + .seconds(1)).health.breakerUntil == open.breakerUntil)
    }
}
