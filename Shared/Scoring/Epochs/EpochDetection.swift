import Glibc

/// Finds refreshes of the upstream's `downloads` counters in the data itself.
///
/// The Hub refreshes nearly all counters together about once a day, at no announced time; between two
/// refreshes they stand still. So two adjacent snapshots tell whether one lies between them.
package enum EpochDetection {
    /// Compares the `downloads` of two adjacent snapshots of one feed.
    ///
    /// One merge join and two linear selections. The result depends on the pairs alone, not on how models
    /// are keyed.
    package static func step(from earlier: CounterColumn, to later: CounterColumn) -> EpochStep {
        var returns: [Double] = []
        returns.reserveCapacity(min(earlier.keys.count, later.keys.count))
        var changed = 0
        forEachShared(earlier.keys, later.keys) { left, right in
            let before = earlier.values[left]
            let after = later.values[right]
            guard before >= 0, after >= 0, before > 0 || after > 0 else { return }
            if before == after {
                returns.append(0)
            } else {
                changed += 1
                returns.append(log((Double(after) + 1) / (Double(before) + 1)))
            }
        }
        let cohort = returns.count
        let median = returns.reorderingMedian() ?? 0
        for index in returns.indices { returns[index] = abs(returns[index] - median) }
        return EpochStep(
            cohort: cohort, changed: changed, median: median, deviation: returns.reorderingMedian() ?? 0)
    }
}
