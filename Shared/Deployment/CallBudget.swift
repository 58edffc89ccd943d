import Daemon
import Model

/// How many calls all fetchers together may make: for each rule, no stretch of its length ever holds more than its
/// number of calls. Written as `300/5m,20000/1d`.
package struct CallBudget: Setting, Equatable, Sendable {
    /// One limit over one length of time.
    package struct Rule: Equatable, Sendable {
        package let calls: Int
        package let window: Duration

        package init(calls: Int, window: Duration) {
            self.calls = calls
            self.window = window
        }
    }

    package static let expectation = "limits such as 300/5m,20000/1d (windows in s, m, h or d)"
    package static let standard = CallBudget(rules: [
        Rule(calls: 300, window: .minutes(5)), Rule(calls: 20_000, window: .days(1)),
    ])
    package let rules: [Rule]

    package init(rules: [Rule]) {
        self.rules = rules
    }

    package init?(setting text: String) {
        var rules: [Rule] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: "/", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
            guard words.count == 2, words[0].utf8.allSatisfy({ (48...57).contains($0) }), let calls = Int(words[0]),
                (1...1_000_000).contains(calls),
                let window = Period(setting: words[1])
            else { return nil }
            rules.append(Rule(calls: calls, window: window.duration))
        }
        self.init(rules: rules)
    }

    /// The longest window: calls older than it count nowhere.
    package var longestWindow: Duration { rules.map(\.window).max() ?? .zero }
}
