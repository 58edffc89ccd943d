import Deployment
import Model
import Scoring
import Testing

@testable import Scoring
@testable import scorer

extension RecordedFeed {
    /// The scores and ranks of one snapshot under one profile, parallel to its keys.
    struct Ranked {
        let scores: [Scores]
        let ranks: CounterColumn
    }

    func ranked(_ observation: Observation, by scoring: Scoring) -> Ranked {
        let keys = observation.downloads.keys
        let scores = keys.indices.map { index in
            scoring.scores(
                downloads: known(observation.downloads.values[index]), likes: known(observation.likes.values[index]),
                trendingScore: observation.trendingScores[keys[index]])
        }
        let ranks = Ranking.ranks(totals: scores.map(\.total), ids: keys.map { ids[Int($0)] })
        return Ranked(scores: scores, ranks: CounterColumn(keys: keys, values: ranks.map(Int64.init)))
    }

    /// The baselines of the newest snapshot.
    func baselines() throws -> Baselines {
        let newest = try #require(observations.last)
        return Baselines(newest: newest.point, snapshots: observations.map(\.point), epochs: history().epochs)
    }

    /// The deltas of the newest snapshot's models.
    func deltas(_ baselines: Baselines, by scoring: Scoring) throws -> [Deltas] {
        let newest = try #require(observations.last)
        let keys = newest.downloads.keys
        var columns = DeltaColumns(
            keys: keys, firstSeen: keys.map { firstSeen[Int($0)] }, likes: newest.likes,
            ranks: ranked(newest, by: scoring).ranks)
        columns.downloadsCurrent = observation(baselines.current)?.downloads ?? .empty
        columns.downloads24h = observation(baselines.downloads24h)?.downloads ?? .empty
        columns.downloads7d = observation(baselines.downloads7d)?.downloads ?? .empty
        columns.likes24h = observation(baselines.likes24h)?.likes ?? .empty
        columns.likes7d = observation(baselines.likes7d)?.likes ?? .empty
        columns.ranks24h = observation(baselines.likes24h).map { ranked($0, by: scoring).ranks } ?? .empty
        return baselines.deltas(columns)
    }

    private func observation(_ baseline: Baseline) -> Observation? {
        baseline.usable.flatMap { point in observations.first { $0.point == point } }
    }

    private func known(_ counter: Int64) -> Int64? {
        counter < 0 ? nil : counter
    }
}
