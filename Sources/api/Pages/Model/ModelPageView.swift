import Deployment
import Model
import Store

/// Everything that the page of one model shows, as plain values. Same view, same bytes.
struct ModelPageView: Sendable {
    /// The members of one kind of a model's family.
    struct Branch: Sendable {
        let relation: Relation
        let count: Int
        let downloads: Family.Sum
        /// By downloads, the most first; only of the one that is unfolded.
        let members: [Standing]
    }

    /// The family that the model belongs to, and the root's own listing where there is one.
    struct Kin: Sendable {
        let family: Family
        let rootListing: Standing?
        let branches: [Branch]
    }

    /// Why a model is not in the newest snapshot, as far as that is known.
    struct Absence: Sendable {
        let lastSeen: Timestamp?
        /// What asking for it alone came to.
        let error: String?
    }

    var address: ModelAddress
    var standing: Standing
    /// Models of the snapshot.
    var total: Int
    var snapshot: Snapshot
    var epoch: Epoch?
    var baselines: DeltaBaselines
    /// All snapshots of the kept history, oldest first.
    var points: [HistoryPoint]
    /// Of this model, the newest first.
    var anomalies: [AnomalyRecord]
    /// Set where the newest snapshot does not have the model: its figures are then its last known ones.
    var absence: Absence?
    var kin: Kin?
    var profile: ScoreProfile
    var profiles: [ScoreProfile]
    var caps: ScoreCaps
    var theme: Theme
    var now: Timestamp
    var assets: AssetCatalog

    var listing: Listing { standing.listing }

    /// How many tenths the score has changed by since a snapshot. The history has those of the usual profile alone.
    func scoreChange(since baseline: SnapshotReference?) -> Int32? {
        guard hasScoreHistory, let baseline, let total = standing.scores.total,
            let before = points.first(where: { $0.snapshot.id == baseline.id })?.total
        else { return nil }
        return total.count - before.count
    }

    var hasScoreHistory: Bool { profile.name == ScoreProfiles.defaultName }

    /// The points that the chart shows.
    var shown: [HistoryPoint] {
        let start = snapshot.observedAt - .days(Int64(address.days))
        let recent = points.filter { $0.snapshot.observedAt >= start }
        // Before its first observation there is no gap: the model was not there yet.
        guard let first = recent.firstIndex(where: \.isListed) else { return [] }
        return Array(recent[first...])
    }

    func chart() -> Chart {
        let values: [Double?] = shown.map { point in
            switch address.metric {
            case .downloads: point.downloads.map(Double.init)
            case .likes: point.likes.map(Double.init)
            case .score: point.total?.value
            case .rank: point.rank.map(Double.init)
            }
        }
        let start = shown.first?.snapshot.observedAt ?? snapshot.observedAt
        let pins = numbered.filter { $0.record.openedAt >= start && $0.record.openedAt <= snapshot.observedAt }
            .map { Chart.Pin(number: $0.number, at: $0.record.openedAt) }
        return Chart(
            label: "\(address.metric.words) of \(listing.id.name)", scale: address.metric.scale,
            moments: shown.map(\.snapshot.observedAt),
            series: [Chart.Series(name: address.metric.words, values: values)], pins: pins)
    }

    /// The anomalies with their numbers on the chart: the oldest is 1.
    var numbered: [(number: Int, record: AnomalyRecord)] {
        anomalies.enumerated().map { (anomalies.count - $0.offset, $0.element) }
    }
}
