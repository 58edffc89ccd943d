import TestKit

@testable import Scoring

/// A feed's counters by model, as a test thinks of them.
typealias Counters = [UInt32: Int64]

extension CounterColumn {
    init(_ counters: Counters) {
        let keys = counters.keys.sorted()
        self.init(keys: keys, values: keys.map { counters[$0] ?? CounterColumn.unknown })
    }
}

extension SplitMix64 {
    /// Up to `most` models with keys that two draws often share, some of them at 0, some unknown.
    mutating func counters(atMost most: Int) -> Counters {
        var counters: Counters = [:]
        for _ in 0..<Int.random(in: 0...most, using: &self) {
            let key = UInt32.random(in: 0..<UInt32(most) + 1, using: &self)
            counters[key] =
                switch Int.random(in: 0..<10, using: &self) {
                case 0: CounterColumn.unknown
                case 1, 2: 0
                case 3, 4: Int64.random(in: 0...1_000_000_000, using: &self)
                default: Int64.random(in: 0...20, using: &self)
                }
        }
        return counters
    }
}
