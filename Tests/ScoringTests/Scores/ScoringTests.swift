import Deployment
import Model
import Scoring
import TestKit
import Testing

@testable import Scoring

@Suite struct ScoringTests {
    private let caps = ScoreCaps(downloads: 250_000_000, likes: 15_000, trendingScore: 3_000)

    private func scoring(_ adoption: Int = 450, _ ecosystem: Int = 350, _ velocity: Int = 200) throws -> Scoring {
        let weights = try #require(ScoreWeights(adoption: adoption, ecosystem: ecosystem, velocity: velocity))
        return Scoring(caps: caps, weights: weights)
    }

    @Test(
        arguments: [
            (0, 0), (1, 36), (16_168, 501), (1_300_000, 728), (236_334_438, 997), (250_000_000, 1_000),
            (9_000_000_000, 1_000), (-5, 0),
        ] as [(Double, Int32)])
    func adoptionIsLogarithmicUpToItsCap(downloads: Double, tenths: Int32) {
        #expect(Scoring.component(downloads, cap: caps.downloads) == Tenths(tenths))
    }

    @Test(arguments: [nil, Double.nan])
    func anUnknownCounterHasNoComponent(value: Double?) {
        #expect(Scoring.component(value, cap: 100) == nil)
    }

    @Test func trendingScoresNeedNotBeWhole() {
        #expect(Scoring.component(11.2, cap: caps.trendingScore) == Tenths(312))
        #expect(Scoring.component(.infinity, cap: caps.trendingScore) == Tenths(1_000))
    }

    @Test(
        arguments: [
            // 450·501 + 350·200 + 200·100 = 315,450 → 315.45 → 315
            (501, 200, 100, 315),
            // 450·1 + 350·0 + 200·0 = 450 → 0.45 → 0
            (1, 0, 0, 0),
            // 450·0 + 350·0 + 200·5 = 1,000 → 1
            (0, 0, 5, 1),
            // 450·2 + 350·2 + 200·2 = 2,000 → 2
            (2, 2, 2, 2),
            // 450·10 = 4,500 → 4.5 → 5: halves go up
            (10, 0, 0, 5),
            // 350·10 + 200·5 = 4,500 → 5
            (0, 10, 5, 5),
            (1_000, 1_000, 1_000, 1_000),
        ] as [(Int32, Int32, Int32, Int32)])
    func theTotalIsWholeArithmeticOnTenths(a: Int32, e: Int32, v: Int32, total: Int32) throws {
        let made = try scoring().total(adoption: Tenths(a), ecosystem: Tenths(e), velocity: Tenths(v))
        #expect(made == Tenths(total))
    }

    @Test func theWeightOfAnUnknownComponentIsSharedByTheOthers() throws {
        let scoring = try scoring()
        #expect(scoring.total(adoption: Tenths(800), ecosystem: nil, velocity: nil) == Tenths(800))
        // (350·600 + 200·100) / 550 = 418.18…
        #expect(scoring.total(adoption: nil, ecosystem: Tenths(600), velocity: Tenths(100)) == Tenths(418))
    }

    @Test func whereNothingIsKnownThereIsNoTotal() throws {
        #expect(
            try scoring().scores(downloads: nil, likes: nil, trendingScore: nil)
                == Scores(adoption: nil, ecosystem: nil, velocity: nil, total: nil))
        // What is known has no weight.
        #expect(try scoring(1_000, 0, 0).total(adoption: nil, ecosystem: Tenths(900), velocity: nil) == nil)
    }

    @Test(arguments: UInt64(0)..<100)
    func totalsLieBetweenTheirComponents(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let adoption = Int.random(in: 0...1_000, using: &generator)
        let ecosystem = Int.random(in: 0...(1_000 - adoption), using: &generator)
        let scoring = try scoring(adoption, ecosystem, 1_000 - adoption - ecosystem)
        let parts = (0..<3).map { _ in Tenths(Int32.random(in: 0...1_000, using: &generator)) }
        let total = try #require(scoring.total(adoption: parts[0], ecosystem: parts[1], velocity: parts[2]))
        let least = try #require(parts.min())
        let greatest = try #require(parts.max())
        #expect((least...greatest).contains(total))
    }
}
