/// How far a value stands from the middle of others: 0.6745 · (x − median) / MAD, after Iglewicz and Hoaglin (1993).
///
/// 0.6745 is the third quartile of the normal distribution, so that for normal data the score is in standard
/// deviations. Median and MAD do not move when a few of the others are wild, which mean and standard deviation do.
struct ModifiedZ: Equatable, Sendable {
    private static let scale = 0.6745

    let median: Double
    /// The median absolute deviation from the median.
    let deviation: Double

    init(median: Double, deviation: Double) {
        self.median = median
        self.deviation = deviation
    }

    /// Of at least one value; reorders them.
    init(reordering values: inout [Double]) {
        median = values.reorderingMedian() ?? 0
        for index in values.indices { values[index] = abs(values[index] - median) }
        deviation = values.reorderingMedian() ?? 0
    }

    /// - Parameter floor: the least deviation; without it the smallest change of what never moved would be endless.
    func score(_ value: Double, floor: Double = 0) -> Double {
        Self.scale * (value - median) / max(deviation, floor)
    }
}
