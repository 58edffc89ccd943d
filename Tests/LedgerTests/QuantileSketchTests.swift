import Ledger
import TestKit
import Testing

/// The sketch keeps its promise of 1 %, and what is taken away was never there.
@Suite struct QuantileSketchTests {
    static func values(_ seed: UInt64) -> [Int64] {
        var random = SplitMix64(seed: seed)
        let kind = Int.random(in: 0..<4, using: &random)
        return (0..<Int.random(in: 1...3_000, using: &random)).map { _ in
            switch kind {
            case 0: Int64.random(in: 0...50, using: &random)
            case 1: Int64.random(in: 0...10_000_000, using: &random)
            case 2: Int64(1) << Int64.random(in: 0..<63, using: &random)
            default: Int64.random(in: 0...1, using: &random) * Int64.random(in: 0...Int64.max, using: &random)
            }
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func quantilesAreWithinOnePercent(seed: UInt64) throws {
        let values = Self.values(seed)
        var sketch = QuantileSketch()
        for value in values { sketch.add(value) }
        let sorted = values.sorted()
        for part in [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1] {
            let exact = try #require(ExactQuantile.of(sorted, part))
            let found = try #require(sketch.quantile(part))
            #expect(abs(found - exact) <= exact * 0.010_000_1, "\(part): \(found) for \(exact)")
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func mergedInAnyOrderAndTakenAwayItIsTheSame(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let values = Self.values(seed)
        var (whole, left, right, other) = (
            QuantileSketch(), QuantileSketch(), QuantileSketch(), QuantileSketch()
        )
        for value in values {
            whole.add(value)
            if Bool.random(using: &random) { left.add(value) } else { right.add(value) }
        }
        for value in Self.values(seed &+ 1_000) { other.add(value) }
        var merged = right
        merged += other
        merged += left
        merged -= other
        #expect(merged == whole)
        for value in values.shuffled(using: &random) { merged.add(value, times: -1) }
        #expect(merged == QuantileSketch())
        #expect(QuantileSketch(bytes: whole.bytes) == whole)
    }

    @Test(arguments: [[], [0x80], [1], [1, 0x80, 0x80], [UInt8](repeating: 0xFF, count: 40)] as [[UInt8]])
    func garbageIsReadWithoutHarm(bytes: [UInt8]) {
        _ = QuantileSketch(bytes: bytes).quantile(0.5)
    }

    @Test func exactQuantilesInterpolate() {
        #expect(ExactQuantile.of([], 0.5) == nil)
        #expect(ExactQuantile.of([10], 0.99) == 10)
        #expect(ExactQuantile.of([10, 20], 0.5) == 15)
        #expect(ExactQuantile.of([0, 10, 20, 30, 40], 0.95) == 38)
    }
}
