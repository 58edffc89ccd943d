import Glibc
import TestKit
import Testing

@testable import Scoring

@Suite struct EpochStepTests {
    @Test(arguments: [
        // Cohort, changed, median, deviation.
        (EpochStep(cohort: 0, changed: 0, median: 0, deviation: 0), EpochStep.Verdict.none),
        (EpochStep(cohort: 1_000, changed: 99, median: 0, deviation: 0), .none),
        (EpochStep(cohort: 1_000, changed: 100, median: 0, deviation: 0), .suspect(.partial)),
        (EpochStep(cohort: 1_000, changed: 500, median: 0, deviation: 0.01), .suspect(.partial)),
        (EpochStep(cohort: 1_000, changed: 501, median: 0, deviation: 0.01), .settled),
        (EpochStep(cohort: 1_000, changed: 1_000, median: 0.01, deviation: 0), .suspect(.noSpread)),
        (EpochStep(cohort: 1_000, changed: 990, median: 0.0295, deviation: 0.01), .settled),
        (EpochStep(cohort: 1_000, changed: 990, median: 0.0296, deviation: 0.01), .suspect(.implausibleMedian)),
        (EpochStep(cohort: 1_000, changed: 990, median: -0.0304, deviation: 0.01), .settled),
        (EpochStep(cohort: 1_000, changed: 990, median: -0.0305, deviation: 0.01), .suspect(.implausibleMedian)),
        (EpochStep(cohort: 1, changed: 1, median: 0.01, deviation: 0), .suspect(.noSpread)),
    ])
    func isJudgedByTheContract(step: EpochStep, verdict: EpochStep.Verdict) {
        #expect(step.verdict == verdict)
    }

    @Test func cohortIsBothSidesKnownAndOneAboveZero() {
        let earlier = CounterColumn([1: 0, 2: 0, 3: 10, 4: 7, 5: CounterColumn.unknown, 6: 4, 9: 1])
        let later = CounterColumn([1: 0, 2: 5, 3: 0, 4: 7, 5: 8, 6: CounterColumn.unknown, 8: 1])
        let step = EpochDetection.step(from: earlier, to: later)
        #expect(step.cohort == 3)
        #expect(step.changed == 2)
        #expect(step.changedShare == 2.0 / 3)
    }

    @Test func figuresAreOfTheSmoothedLogReturns() {
        let earlier = CounterColumn([1: 99, 2: 99, 3: 99])
        let later = CounterColumn([1: 99, 2: 109, 3: 49])
        let step = EpochDetection.step(from: earlier, to: later)
        #expect(step.median == 0)
        #expect(abs(step.deviation - 0.095_310_179_804_324_87) < 1e-15, "ln 1.1")
    }

    @Test(arguments: UInt64(0)..<100)
    func agreesWithDictionariesAndSorting(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let earlier = generator.counters(atMost: 80)
        var later = generator.counters(atMost: 80)
        // Mostly quiet, so that all verdicts occur.
        for (key, value) in earlier where Int.random(in: 0..<10, using: &generator) < 7 { later[key] = value }
        var pairs: [(Int64, Int64)] = []
        for (key, before) in earlier {
            guard let after = later[key], before >= 0, after >= 0, before + after > 0 else { continue }
            pairs.append((before, after))
        }
        let step = EpochDetection.step(from: CounterColumn(earlier), to: CounterColumn(later))
        #expect(step.cohort == pairs.count)
        #expect(step.changed == pairs.count { $0.0 != $0.1 })
        let returns = pairs.map { log((Double($0.1) + 1) / (Double($0.0) + 1)) }
        let median = sortedMedian(returns)
        #expect(abs(step.median - median) < 1e-12)
        #expect(abs(step.deviation - sortedMedian(returns.map { abs($0 - median) })) < 1e-12)
    }

    private func sortedMedian(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.indices.last else { return 0 }
        return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
    }

    @Test(arguments: UInt64(0)..<100)
    func doesNotDependOnHowModelsAreKeyed(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let earlier = generator.counters(atMost: 80)
        let later = generator.counters(atMost: 80)
        let names = (0..<UInt32(100)).shuffled(using: &generator)
        func renamed(_ counters: Counters) -> CounterColumn {
            CounterColumn(Counters(uniqueKeysWithValues: counters.map { (names[Int($0.key)], $0.value) }))
        }
        let step = EpochDetection.step(from: CounterColumn(earlier), to: CounterColumn(later))
        #expect(EpochDetection.step(from: renamed(earlier), to: renamed(later)) == step)
    }

    @Test func standsTheLargestCounters() {
        let step = EpochDetection.step(from: CounterColumn([1: 0, 2: .max]), to: CounterColumn([1: .max, 2: .max]))
        #expect(step.cohort == 2)
        #expect(step.median.isFinite)
    }
}
