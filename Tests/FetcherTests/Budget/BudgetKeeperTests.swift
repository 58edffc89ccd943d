import Deployment
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import fetcher

@Suite struct BudgetKeeperTests {
    private static let longest = Duration.seconds(10)

    private func keeper(
        _ place: TemporaryDatabase, _ time: ManualTime, _ text: String
    ) throws -> BudgetKeeper {
        BudgetKeeper(
            database: try place.database(), budget: try #require(CallBudget(setting: text)), clock: time.sinceBoot,
            now: time.now, longestCall: Self.longest)
    }

    private func call(_ keeper: BudgetKeeper) async throws -> Bool {
        guard case .granted(let call) = try await keeper.reserve() else { return false }
        try await keeper.settle(call)
        return true
    }

    @Test func afterTheLastCallTheKeeperSaysHowLongToWait() async throws {
        let (place, time) = (try TemporaryDatabase(), ManualTime())
        let keeper = try keeper(place, time, "2/1m")
        #expect(try await call(keeper))
        time.advance(by: .seconds(20))
        #expect(try await call(keeper))
        time.advance(by: .seconds(10))
        let answer = try await keeper.reserve()
        guard case .denied(let wait, let reason) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(reason == "budget of 2 calls used up")
        time.advance(by: wait - .milliseconds(2))
        #expect(try await call(keeper) == false)
        time.advance(by: .milliseconds(2))
        #expect(try await call(keeper))
        #expect(try await call(keeper) == false, "the second call is still inside the minute")
    }

    @Test func theStrictestRuleCounts() async throws {
        let (place, time) = (try TemporaryDatabase(), ManualTime())
        let keeper = try keeper(place, time, "100/1s,3/1h")
        for _ in 0..<3 { #expect(try await call(keeper)) }
        time.advance(by: .seconds(2))
        #expect(try await keeper.reserve() != .granted(4))
        time.advance(by: .hours(1))
        #expect(try await call(keeper))
    }

    @Test func aCallThatNeverEndedCountsUntilItCannotBeMadeAnyMore() async throws {
        let (place, time) = (try TemporaryDatabase(), ManualTime())
        _ = try await keeper(place, time, "1/1m").reserve()
        let restarted = try keeper(place, time, "1/1m")
        time.advance(by: .minutes(1) + .milliseconds(1))
        #expect(try await call(restarted) == false)
        time.advance(by: Self.longest)
        #expect(try await call(restarted))
    }

    @Test func aClockThatIsSetFreesNothing() async throws {
        let (place, time) = (try TemporaryDatabase(), ManualTime())
        let keeper = try keeper(place, time, "1/1h")
        #expect(try await call(keeper))
        time.setClock(to: time.now() + .days(30))
        #expect(try await call(keeper) == false)
    }

    @Test func whileTheUpstreamIsBlockedNobodyCalls() async throws {
        let (place, time) = (try TemporaryDatabase(), ManualTime())
        let keepers = [try keeper(place, time, "9/1h"), try keeper(place, time, "9/1h")]
        let until = time.now() + .seconds(30)
        try place.open().run(Query<Void>.blockUpstream(until: until, reason: "quota"))
        try place.open().run(Query<Void>.blockUpstream(until: until - .seconds(9), reason: "shorter"))
        for keeper in keepers {
            #expect(try await keeper.reserve() == .denied(wait: .seconds(30), reason: "quota"))
        }
        time.advance(by: .seconds(30))
        for keeper in keepers { #expect(try await call(keeper)) }
    }

    /// Calls are made at any moment between their reservation and their end; some ends are never written.
    @Test(arguments: UInt64(1)...12)
    func noStretchEverHoldsMoreThanTheBudget(seed: UInt64) async throws {
        var chance = SplitMix64(seed: seed)
        let (place, time) = (try TemporaryDatabase(), ManualTime())
        let calls = Int.random(in: 1...4, using: &chance)
        let window = Int64.random(in: 5...30, using: &chance)
        let text = "\(calls)/\(window)s,\(calls * 3)/\(window * 5)s"
        var keepers = [try keeper(place, time, text), try keeper(place, time, text)]
        var open: [(id: Int64, reserved: Int64)] = []
        var made: [Int64] = []
        for _ in 0..<250 {
            let which = Int.random(in: 0..<2, using: &chance)
            switch Int.random(in: 0..<10, using: &chance) {
            case 0: keepers[which] = try keeper(place, time, text)
            case 1...5:
                if case .granted(let id) = try await keepers[which].reserve() { open.append((id, time.sinceBoot())) }
            case 6, 7:
                guard !open.isEmpty else { continue }
                let ended = open.remove(at: Int.random(in: 0..<open.count, using: &chance))
                made.append(Int64.random(in: ended.reserved...time.sinceBoot(), using: &chance))
                if Int.random(in: 0..<4, using: &chance) > 0 { try await keepers[which].settle(ended.id) }
            default: time.advance(by: .milliseconds(Int64.random(in: 1...4_000, using: &chance)))
            }
            // A call is cut off after its longest time, whether its end is written or not.
            let limit = time.sinceBoot() - Self.longest.milliseconds
            for late in open where late.reserved <= limit {
                made.append(Int64.random(in: late.reserved...late.reserved + Self.longest.milliseconds, using: &chance))
            }
            open.removeAll { $0.reserved <= limit }
        }
        made.sort()
        #expect(made.count > calls)
        for (start, end) in zip(made, made.dropFirst(calls)) { #expect(end - start >= window * 1_000) }
        for (start, end) in zip(made, made.dropFirst(calls * 3)) { #expect(end - start >= window * 5_000) }
    }
}
