import Deployment
import HTTPServer
import Model
import SQLite
import Store
import Synchronization
import TestKit
import Testing

@testable import api

@Suite struct RateLimiterTests {
    private static let limit = RateLimit(requests: 100, window: .minutes(1))
    private static let start = Timestamp(milliseconds: 1_777_884_199_965)

    private func limiter(_ database: Database) -> RateLimiter {
        RateLimiter { account, wanted, unspent, limit, now in
            try? await database.write { db throws(SQLiteError) in
                try db.takeRate(
                    account, wanted: wanted, unspent: unspent, requests: limit.requests, window: limit.window, now: now)
            }
        }
    }

    @Test(arguments: [1, 2, 5])
    func allProcessesTogetherGrantTheLimitAndNoMore(processes: Int) async throws {
        let place = try TemporaryDatabase()
        let limiters = try (0..<processes).map { _ in limiter(try Database(path: place.path)) }
        var granted = 0
        for round in 0..<400 {
            let verdict = await limiters[round % processes].charge("token a", Self.limit, now: Self.start)
            granted += verdict.isGranted ? 1 : 0
        }
        #expect(granted == 100)
        let other = await limiters[0].charge("token b", Self.limit, now: Self.start)
        #expect(other.isGranted, "another account has its own")
    }

    @Test func aMinuteOfRequestsNeverHoldsMoreThanTheLimitPlusWhatComesBack() async throws {
        let place = try TemporaryDatabase()
        let limiters = try (0..<3).map { _ in limiter(try Database(path: place.path)) }
        var granted: [Int64] = []
        var random = SplitMix64(seed: 3)
        for step in 0..<3_000 {
            let now = Self.start + .milliseconds(Int64(step) * 100)
            let one = limiters[Int.random(in: 0..<3, using: &random)]
            if await one.charge("a", Self.limit, now: now).isGranted { granted.append(Int64(step) * 100) }
        }
        // 300 s at 100 a minute, and the burst of the beginning.
        #expect(granted.count <= 600 && granted.count > 400)
        for (place, moment) in granted.enumerated() where place >= 200 {
            #expect(moment - granted[place - 200] >= 55_000, "a stretch of a minute has at most a burst and its minute")
        }
    }

    /// Who asks now and then pays for what they ask, however much of a slice is over; what is free costs nothing.
    @Test func whatIsNotSpentComesBack() async throws {
        let place = try TemporaryDatabase()
        let limiter = limiter(try Database(path: place.path))
        let slow = RateLimit(requests: 1_600, window: .days(1))
        for number in 0..<100 {
            let now = Self.start + .seconds(Int64(number) * 6)
            let verdict = await limiter.charge("a", slow, now: now)
            let wanted = 1_600 - number - 1
            // One comes back in 54 s.
            #expect((wanted...(wanted + number / 9 + 1)).contains(verdict.remaining), "\(number): \(verdict.remaining)")
        }
        let before = await limiter.charge("a", slow, now: Self.start + .seconds(600)).remaining
        for number in 0..<50 {
            let now = Self.start + .seconds(600 + Int64(number) * 6)
            #expect(limiter.giveBack("a", await limiter.charge("a", slow, now: now)).remaining >= before)
        }
    }

    @Test func aSliceIsManyRequestsSoTheDatabaseIsAskedSeldom() async throws {
        let place = try TemporaryDatabase()
        let database = try Database(path: place.path)
        let asked = Mutex(0)
        let counted = RateLimiter { account, wanted, unspent, limit, now in
            asked.withLock { $0 += 1 }
            return try? await database.write { db throws(SQLiteError) in
                try db.takeRate(
                    account, wanted: wanted, unspent: unspent, requests: limit.requests, window: limit.window, now: now)
            }
        }
        let large = RateLimit(requests: 10_000, window: .minutes(1))
        for _ in 0..<5_000 { _ = await counted.charge("a", large, now: Self.start) }
        #expect(asked.withLock { $0 } < 100)
    }

    @Test func aDatabaseThatIsBusyTurnsNobodyAway() async {
        let limiter = RateLimiter { _, _, _, _, _ in nil }
        #expect(await limiter.charge("a", Self.limit, now: Self.start).isGranted)
    }

    @Test(arguments: [
        ("127.0.0.1", "address 127.0.0.1"), ("2001:db8:1:2:3:4:5:6", "address 2001:db8:1:2::"),
        ("2001:db8::1", "address 2001:db8:0:0::"), ("::1", "address 0:0:0:0::"),
    ])
    func aNetworkIsCountedAsOne(address: String, account: String) {
        let request = Request(.get, "/", remoteAddress: address)
        #expect(Caller.unknown(request, plan: nil).account == account)
    }
}
