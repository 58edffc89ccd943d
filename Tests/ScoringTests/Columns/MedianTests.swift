import TestKit
import Testing

@testable import Scoring

@Suite struct MedianTests {
    @Test(
        arguments: [
            ([], nil), ([3], 3), ([1, 2], 1.5), ([2, 1, 3], 2), ([0, 0, 0, 0], 0), ([4, 1, 3, 2], 2.5),
            ([-1, 5, -1], -1),
        ] as [([Double], Double?)])
    func isTheMiddle(values: [Double], expected: Double?) {
        var values = values
        #expect(values.reorderingMedian() == expected)
    }

    @Test(arguments: UInt64(0)..<200)
    func agreesWithSorting(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let distinct = [1, 3, 1_000_000].randomElement(using: &generator) ?? 1
        let values = (0..<Int.random(in: 1...500, using: &generator)).map { _ in
            Double(Int.random(in: 0..<distinct, using: &generator))
        }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        let expected = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        var reordered = values
        #expect(reordered.reorderingMedian() == expected)
        #expect(reordered.sorted() == sorted, "reordering keeps the values")
    }

    @Test(arguments: [
        Array(stride(from: 0.0, to: 20_000, by: 1)), Array(stride(from: 20_000.0, to: 0, by: -1)),
        (0..<20_000).map { Double($0 < 10_000 ? $0 : 20_000 - $0) },
    ])
    func survivesPatternsThatDefeatPivots(values: [Double]) {
        var reordered = values
        let sorted = values.sorted()
        #expect(reordered.reorderingMedian() == (sorted[9_999] + sorted[10_000]) / 2)
    }
}
