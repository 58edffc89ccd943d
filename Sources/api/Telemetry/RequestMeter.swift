import HTTPServer
import Synchronization

/// Counts answered requests by route template, method and status, with how long they took.
final class RequestMeter: Sendable {
    /// Upper bounds of the duration buckets, in seconds.
    static let bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// What tells one line of the count from another; few values each.
    struct Key: Hashable, Comparable, Sendable {
        let route: String
        let method: String
        let status: Int

        static func < (left: Key, right: Key) -> Bool {
            (left.route, left.method, left.status) < (right.route, right.method, right.status)
        }
    }

    /// The requests of one key: how many, how long together, and how many within each bound.
    struct Tally: Sendable {
        var count = 0
        var seconds = 0.0
        var within = [Int](repeating: 0, count: RequestMeter.bounds.count)
    }

    private let tallies = Mutex<[Key: Tally]>([:])

    func observe(_ exchange: Exchange) {
        let key = Key(
            route: exchange.route ?? "none", method: exchange.method.rawValue, status: exchange.status)
        let parts = exchange.duration.components
        let seconds = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
        tallies.withLock { tallies in
            var tally = tallies[key] ?? Tally()
            tally.count += 1
            tally.seconds += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { tally.within[index] += 1 }
            tallies[key] = tally
        }
    }

    var count: Int { tallies.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    var all: [(key: Key, tally: Tally)] {
        tallies.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
