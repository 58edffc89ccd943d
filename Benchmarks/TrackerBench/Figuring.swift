import BenchClient
import Daemon
import Deployment
import JSON
import Model
import SQLite
import Scoring
import Store

/// What the parts of scoring and publishing take by themselves, on the month that `fill` has made and the scorer has
/// finished; the product's own code, one part after the other in one process.
enum Figuring {
    @Sendable static func figure(_ options: Options, _ answer: inout JSONWriter) async throws {
        let folder = DeploymentFolder(path: options.config)
        let profiles = try folder.scoreProfiles()
        guard let profile = profiles[ScoreProfiles.defaultName] else { throw NoProfile() }
        let scoring = Scoring(caps: profiles.caps, weights: profile.weights)
        let connection = try Connection(path: options.path, durability: .normal, readOnly: true)
        let snapshots = try connection.run(.scoredSnapshots(feed: "hub"))
        guard let newest = snapshots.last, let before = snapshots.dropLast().last else { throw NoHistory() }
        var parts = Parts()
        let now = try parts.time("read") { try CounterColumn.counters(of: newest.key, from: connection) }
        let earlier = try parts.time("read again") { try CounterColumn.counters(of: before.key, from: connection) }
        _ = parts.time("epochs") { EpochDetection.step(from: earlier.downloads, to: now.downloads) }
        let scores = parts.time("scores") {
            now.downloads.values.indices.map { place in
                scoring.scores(
                    downloads: now.downloads.values[place], likes: now.likes.values[place], trendingScore: 0)
            }
        }
        let byName = try parts.time("order of ids") {
            try connection.run(.modelsByName(snapshot: newest.key, isMost: true))
        }
        let ranks = parts.time("ranks") { Self.ranks(of: scores, now.downloads.keys, byName: byName) }
        let epochs = FeedDays.epochs(of: snapshots, try connection.run(.steps(feed: "hub")))
        let baselines = Baselines(
            newest: SnapshotPoint(newest), snapshots: snapshots.map { SnapshotPoint($0) }, epochs: epochs.epochs)
        let columns = Self.columns(now, earlier, ranks)
        let deltas = parts.time("deltas") { baselines.deltas(columns) }
        let days = FeedDays(epochs.epochs)
        var judged = 0
        try parts.time("anomalies") {
            guard let day = days.days.last else { return }
            let cohort = try days.cohort(of: day, from: connection)
            guard cohort.verdict == .settled else { return }
            let thresholds = try folder.anomalyThresholds()
            try days.eachModel(on: [AnomalyFiguring.JudgedDay(day, cohort: cohort)], thresholds, from: connection) {
                judged += thresholds.judge($0.figures).state == .evaluated ? 1 : 0
            }
        }
        answer.field("models", Int64(now.downloads.keys.count))
        answer.field("epochs", Int64(epochs.epochs.count))
        answer.field("judged", Int64(judged))
        answer.field("known deltas", Int64(deltas.count { $0.downloads24h.value != nil }))
        answer.key("took")
        answer.beginObject()
        for (name, took) in parts.took {
            answer.key(text: name)
            answer.integer(took)
        }
        answer.endObject()
    }

    private static func ranks(of scores: [Scores], _ keys: [UInt32], byName: [UInt32]) -> [Int32] {
        var places = [UInt32](repeating: 0, count: Int(keys.last ?? 0) + 1)
        for (place, key) in keys.enumerated() { places[Int(key)] = UInt32(place) }
        return Ranking.ranks(totals: scores.map(\.total), idOrder: byName.map { places[Int($0)] })
    }

    private static func columns(
        _ now: (downloads: CounterColumn, likes: CounterColumn),
        _ earlier: (downloads: CounterColumn, likes: CounterColumn), _ ranks: [Int32]
    ) -> DeltaColumns {
        let keys = now.downloads.keys
        let places = CounterColumn(keys: keys, values: ranks.map(Int64.init))
        var columns = DeltaColumns(
            keys: keys, firstSeen: [Int64](repeating: 0, count: keys.count), likes: now.likes, ranks: places)
        columns.downloadsCurrent = now.downloads
        columns.downloads24h = earlier.downloads
        columns.downloads7d = earlier.downloads
        columns.likes24h = earlier.likes
        columns.likes7d = earlier.likes
        columns.ranks24h = places
        return columns
    }

    private struct Parts {
        private(set) var took: [(name: String, took: Int64)] = []

        mutating func time<Result, Fault: Error>(
            _ name: String, _ body: () throws(Fault) -> Result
        ) throws(Fault) -> Result {
            let began = microseconds()
            let result = try body()
            took.append((name, microseconds() - began))
            return result
        }
    }
}

/// The database has not two scored days.
struct NoHistory: Error {}
