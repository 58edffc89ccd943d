import Testing

@testable import helicarrier

@Suite struct ReplayFaultTests {
    @Test(arguments: [
        (["429:5"], 5, [ReplayFaults.Kind.quota]), (["429:5"], 4, []), (["429:5"], 10, [.quota]),
        (["429-edge:2", "truncate:3"], 6, [.edge, .truncate]), (["500:1"], 1, [.internalError]),
        (["503:1"], 7, [.unavailable]), (["wrong-types:2"], 2, [.wrongTypes]), (["duplicate:1"], 3, [.duplicate]),
        ([], 1, []),
    ])
    func everySoManyth(words: [String], answer: Int, kinds: [ReplayFaults.Kind]) throws {
        #expect(try ReplayFaults(words).kinds(at: answer) == Set(kinds))
    }

    @Test(arguments: [
        "429", "429:0", "429:x", "teapot:1", "slow", "slow:100000", "foreign-next:1", "", ":", "429:1:2",
    ])
    func refused(word: String) {
        #expect(throws: UsageError.self) { try ReplayFaults([word]) }
    }

    @Test func othersAreSwitches() throws {
        let faults = try ReplayFaults(["foreign-next", "slow:20"])
        #expect(faults.foreignNext)
        #expect(faults.delay == .milliseconds(20))
    }

    @Test func aWindowCountsDownAndBeginsAgain() {
        var window = FixedWindow(quota: 2, length: 300)
        #expect(window.take(at: 1_000) == .init(isAllowed: true, remaining: 1, secondsLeft: 300))
        #expect(window.take(at: 2_500) == .init(isAllowed: true, remaining: 0, secondsLeft: 299))
        #expect(window.take(at: 300_999) == .init(isAllowed: false, remaining: 0, secondsLeft: 1))
        #expect(window.take(at: 301_000) == .init(isAllowed: true, remaining: 1, secondsLeft: 300))
    }
}
