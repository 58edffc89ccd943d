import Model
import Scoring
import TestKit
import Testing

@testable import Scoring

@Suite struct RankingTests {
    @Test func theHighestTotalIsFirstAndEqualOnesGoByIdBytewise() {
        let ids = ["b/x", "a/x", "B/x", "ä/x", "a-/x", "z/x"].map(ModelID.init)
        let totals = [500, 500, 500, 500, 500, 999].map { Tenths($0) }
        #expect(Ranking.ranks(totals: totals, ids: ids) == [5, 4, 2, 6, 3, 1])
    }

    @Test func withoutATotalAModelComesBehindThoseWithNothing() {
        let ids = ["a/x", "b/x", "c/x", "d/x"].map(ModelID.init)
        #expect(Ranking.ranks(totals: [nil, Tenths(0), nil, Tenths(7)], ids: ids) == [3, 2, 4, 1])
    }

    @Test func nothingHasNoPlaces() {
        #expect(Ranking.ranks(totals: [], ids: []).isEmpty)
    }

    @Test(arguments: UInt64(0)..<50)
    func isAPermutationOfThePlacesThatSortingGives(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let count = Int.random(in: 0...200, using: &generator)
        let ids = (0..<count).shuffled(using: &generator).map { ModelID("owner-\($0 % 7)/model-\($0)") }
        let totals = (0..<count).map { _ in Tenths(Int32.random(in: 0...20, using: &generator) * 50) }
        let ranks = Ranking.ranks(totals: totals, ids: ids)
        #expect(ranks == order(totals, ids))
        #expect(Set(ranks).count == count)
    }

    private func order(_ totals: [Tenths], _ ids: [ModelID]) -> [Int32] {
        let best = totals.indices.sorted { left, right in
            totals[left] == totals[right]
                ? [UInt8](ids[left].text.utf8).lexicographicallyPrecedes([UInt8](ids[right].text.utf8))
                : totals[left] > totals[right]
        }
        var ranks = [Int32](repeating: 0, count: totals.count)
        for (place, index) in best.enumerated() { ranks[index] = Int32(place) + 1 }
        return ranks
    }
}
