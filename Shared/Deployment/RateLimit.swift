import Daemon
import Model

/// How many requests may be made in a stretch of time, written as `600/1m`. They may come all at once, and come back
/// evenly over the stretch.
package struct RateLimit: Setting, Equatable, Sendable {
    package static let expectation = "a number of requests and a length of time such as 600/1m, at most 1d"
    /// So much that it is in nobody's way, and still a limit that clients can be told of.
    package static let generous = RateLimit(requests: 6_000_000, window: .minutes(1))

    package let requests: Int
    package let window: Duration

    package init(requests: Int, window: Duration) {
        precondition(requests > 0 && window > .zero)
        self.requests = requests
        self.window = window
    }

    package init?(setting text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 2, words[0].utf8.allSatisfy({ (48...57).contains($0) }), let requests = Int(words[0]),
            (1...100_000_000).contains(requests), let window = Period(setting: String(words[1])),
            window.duration >= .seconds(1), window.duration <= .days(1)
        else { return nil }
        self.init(requests: requests, window: window.duration)
    }

    package var seconds: Int64 { window.components.seconds }

    /// As people read it: 600 requests in 60 s.
    package var text: String { "\(requests) requests in \(seconds) s" }
}
