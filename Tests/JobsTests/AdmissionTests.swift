import Jobs
import Model
import Store
import Testing

/// Which waiting deliveries start, without a database.
@Suite struct AdmissionTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func state(_ change: (inout AdmissionState) -> Void = { _ in }) -> AdmissionState {
        var state = AdmissionState(state: .active, maxInFlight: 4, ratePerSecond: 100)
        change(&state)
        return state
    }

    private func waiting(_ dues: [Int64]) -> [WaitingDelivery] {
        dues.enumerated().map { place, due in
            WaitingDelivery(
                id: "\(place)", attempts: 0, trigger: .scheduled, dueAt: now + .milliseconds(due))
        }
    }

    @Test(
        arguments: [
            ([], 0, 0, nil), ([0], 0, 1, nil), ([-5, 0, 0], 0, 3, nil), ([0, 0, 0, 0, 0], 0, 4, nil),
            ([0, 0, 0], 3, 1, nil), ([0, 0], 4, 0, nil), ([0, 0], 9, 0, nil), ([0, 700], 0, 1, 700), ([20], 0, 0, 20),
        ] as [([Int64], Int, Int, Int64?)])
    func noMoreStartThanThereIsRoomFor(dues: [Int64], underWay: Int, starts: Int, next: Int64?) {
        let admission = Admission(state { $0.underWay = underWay }, waiting: waiting(dues), now: now)
        #expect(admission.starting.map(\.id) == (0..<starts).map { "\($0)" })
        #expect(admission.nextStart == next.map { now + .milliseconds($0) })
    }

    @Test(arguments: [(1, 1), (2, 2), (10, 10), (1_000, 32)])
    func aSecondsWorthStartsAtOnceThenOneInEachInterval(rate: Int, burst: Int) {
        var state = state { ($0.ratePerSecond, $0.maxInFlight) = (rate, 64) }
        let admission = Admission(state, waiting: waiting([Int64](repeating: 0, count: 65)), now: now)
        #expect(admission.starting.count == burst)
        guard rate < 64 else { return }
        state.bucket = admission.bucket
        #expect(admission.nextStart == now + .milliseconds(Int64((1_000 + rate - 1) / rate)))
        var (moment, started) = (now, 0)
        for _ in 0..<3 {
            moment = Admission(state, waiting: waiting([0]), now: moment).nextStart ?? moment
            let next = Admission(state, waiting: waiting([0]), now: moment)
            started += next.starting.count
            state.bucket = next.bucket
        }
        #expect(started == 3)
        #expect((moment - now).milliseconds >= Int64(3_000 / rate), "no faster than the rate")
    }

    /// Whatever a subscription asks for, places of its pool are left to the others, and more so while it fails.
    @Test(arguments: [(0, 32), (1, 4), (19, 4)])
    func oneSubscriptionNeverHoldsAllPlaces(failures: Int, starts: Int) {
        let state = state { ($0.ratePerSecond, $0.maxInFlight, $0.consecutiveFailures) = (1_000, 64, failures) }
        let dues = [Int64](repeating: 0, count: 65)
        #expect(Admission(state, waiting: waiting(dues), now: now).starting.count == starts)
    }

    @Test(
        arguments: [
            (5_000, nil, 5_000), (nil, 3_000, 3_000), (5_000, 3_000, 5_000), (2_000, 3_000, 3_000),
        ] as [(Int64?, Int64?, Int64)])
    func nothingStartsWhileTheReceiverHasTime(throttled: Int64?, breaker: Int64?, next: Int64) {
        let held = state {
            $0.throttledUntil = throttled.map { now + .milliseconds($0) }
            $0.breakerUntil = breaker.map { now + .milliseconds($0) }
        }
        let admission = Admission(held, waiting: waiting([0, 0]), now: now)
        #expect(admission.starting.isEmpty && admission.nextStart == now + .milliseconds(next))
        let later = Admission(held, waiting: waiting([9_000]), now: now)
        #expect(later.nextStart == now + .milliseconds(9_000), "it is not due before")
    }

    @Test(arguments: [0, 1])
    func halfOpenOneStarts(underWay: Int) {
        let halfOpen = state { ($0.breakerUntil, $0.underWay) = (now, underWay) }
        let admission = Admission(halfOpen, waiting: waiting([0, 0, 0]), now: now)
        #expect(admission.starting.count == 1 - underWay)
    }

    @Test(arguments: [0, 1])
    func inOrderOneStarts(underWay: Int) {
        let ordered = state { ($0.isOrdered, $0.underWay) = (true, underWay) }
        #expect(Admission(ordered, waiting: waiting([0]), now: now).starting.count == 1 - underWay)
        #expect(Admission.room(in: ordered, now: now) == 1 - underWay)
    }

    @Test func aDisabledSubscriptionHasNoRoom() {
        #expect(Admission.room(in: state { $0.state = .disabled }, now: now) == 0)
    }
}
