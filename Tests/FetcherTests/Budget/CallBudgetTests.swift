import Deployment
import Model
import Testing

@testable import fetcher

@Suite struct CallBudgetTests {
    typealias Rule = CallBudget.Rule

    @Test(arguments: [
        ("300/5m,20000/1d", [Rule(calls: 300, window: .minutes(5)), Rule(calls: 20_000, window: .days(1))]),
        ("1/1s", [Rule(calls: 1, window: .seconds(1))]), ("7/90s", [Rule(calls: 7, window: .seconds(90))]),
        ("10/2h", [Rule(calls: 10, window: .hours(2))]),
        (
            " 10 / 2h , 1/1s ",
            [
                Rule(calls: 10, window: .hours(2)), Rule(calls: 1, window: .seconds(1)),
            ]
        ), ("1000000/1d", [Rule(calls: 1_000_000, window: .days(1))]),
    ])
    func limitsAreRead(text: String, rules: [Rule]) {
        #expect(CallBudget(setting: text)?.rules == rules)
    }

    @Test(arguments: [
        "", ",", "300", "300/", "/5m", "300/5", "300/m", "0/5m", "-1/5m", "1.5/5m", "300/0m", "300/-5m", "300/5w",
        "300/5m,", ",300/5m", "300/5m;20000/1d", "300/5m/1", "1000001/1d", "99999999999999999999/1d", "a/b", "300/1.5m",
        "+300/5m", "300/99999999999d",
    ])
    func whatIsNoLimitIsRefused(text: String) {
        #expect(CallBudget(setting: text) == nil)
    }

    @Test func theLongestWindowIsHowLongCallsAreRemembered() {
        #expect(CallBudget.standard.longestWindow == .days(1))
        #expect(CallBudget(rules: []).longestWindow == .zero)
    }
}
