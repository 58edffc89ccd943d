import Deployment
import Model
import TestKit
import Testing

@testable import Scoring

@Suite struct ProfileRankingTests {
    private static let caps = ScoreCaps(downloads: 250_000_000, likes: 15_000, trendingScore: 3_000)

    /// From stored components, any profile gives what scoring the counters under it would have given.
    @Test(arguments: UInt64(0)..<30)
    func everyProfileIsThatOfItsCounters(seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        let adoption = Int.random(in: 0...1_000, using: &chance)
        let ecosystem = Int.random(in: 0...1_000 - adoption, using: &chance)
        let custom = try #require(
            ScoreWeights(adoption: adoption, ecosystem: ecosystem, velocity: 1_000 - adoption - ecosystem))
        let stored = Scoring(
            caps: Self.caps, weights: try #require(ScoreWeights(adoption: 450, ecosystem: 350, velocity: 200)))
        let scoring = Scoring(caps: Self.caps, weights: custom)
        var (components, direct, ids) = ([Scores](), [Int32](), [ModelID]())
        for model in 0..<Int.random(in: 1...200, using: &chance) {
            let downloads = Int.random(in: 0..<8, using: &chance) == 0 ? nil : Int64.random(in: 0...9, using: &chance)
            let likes = Bool.random(using: &chance) ? Int64.random(in: 0...20_000, using: &chance) : nil
            components.append(stored.scores(downloads: downloads, likes: likes, trendingScore: 2))
            direct.append(scoring.scores(downloads: downloads, likes: likes, trendingScore: 2).total?.count ?? -1)
            ids.append(ModelID("m/\(UInt32.random(in: 0..<1_000, using: &chance))-\(model)"))
        }
        let ranking = scoring.ranking(of: components, idOrder: Ranking.idOrder(of: ids))
        #expect(ranking.totals.map { $0?.count ?? -1 } == direct)
        let sorted = ids.indices.sorted { (direct[$1], ids[$0]) < (direct[$0], ids[$1]) }
        #expect(sorted.map { ranking.ranks[$0] } == Array(1...Int32(ids.count)))
    }
}
