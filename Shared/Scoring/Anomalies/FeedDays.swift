package import Model

/// The days of a feed that changes can be judged on, and the snapshots that this takes.
package struct FeedDays: Equatable, Sendable {
    /// One day to judge.
    package struct Day: Equatable, Sendable {
        package let pair: DayPair
        /// Its place in ``FeedDays/pairs``.
        let index: Int
        /// The pairs that make the own history: they end before this day begins and reach back four weeks.
        let history: Range<Int>
    }

    package let pairs: [DayPair]
    /// The snapshots of all pairs, each once, oldest first.
    package let snapshots: [Int64]
    private let places: [Int64: Int]

    package init(_ epochs: [Epoch]) {
        pairs = DayPair.all(of: epochs)
        var snapshots: [Int64] = []
        for pair in pairs {
            for key in [pair.earlier.snapshotKey, pair.later.snapshotKey] where snapshots.last != key {
                snapshots.append(key)
            }
        }
        self.snapshots = snapshots
        places = Dictionary(uniqueKeysWithValues: snapshots.enumerated().map { ($1, $0) })
    }

    /// Every day, oldest first.
    package var days: [Day] {
        pairs.indices.map { index in
            let oldest = pairs[index].at - DayPair.history
            let first = pairs[..<index].firstIndex { $0.earlier.snapshot.observedAt >= oldest } ?? index
            return Day(pair: pairs[index], index: index, history: first..<index)
        }
    }

    /// The places of a pair's snapshots among ``snapshots``.
    func columns(of pair: Int) -> (earlier: Int, later: Int) {
        (places[pairs[pair].earlier.snapshotKey] ?? 0, places[pairs[pair].later.snapshotKey] ?? 0)
    }

    /// What a day is judged by, as moments: the epochs of its history and of itself.
    package func evidence(of day: Day) -> Set<Int64> {
        var moments: Set<Int64> = []
        for pair in pairs[day.history] + [day.pair] {
            moments.insert(pair.earlier.snapshot.observedAt.milliseconds)
            moments.insert(pair.at.milliseconds)
        }
        return moments
    }
}
