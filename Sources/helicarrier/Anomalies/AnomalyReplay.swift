import Deployment
import Model
import SQLite
import Scoring
import Store

/// The kept history of a feed, judged day by day as the scorer would have, under several sets of thresholds at once.
struct AnomalyReplay: Equatable, Sendable {
    /// How many models of one day each rule picks out, under one set of thresholds.
    struct Counts: Equatable, Sendable {
        /// Each of the three rules for downloads by itself.
        var cohort = 0
        var own = 0
        var change = 0
        /// All three together: what would be flagged.
        var downloads = 0
        var velocity = 0
    }

    /// One epoch of the history.
    struct Day: Equatable, Sendable {
        let epoch: SnapshotReference
        var state: AnomalyState
        /// Models with enough history.
        var models = 0
        /// Parallel to the sets of thresholds.
        var counts: [Counts]
    }

    let days: [Day]

    var evaluated: [Day] { days.filter { $0.state == .evaluated } }
    var withheld: [Day] { days.filter { $0.state == .suspectEpoch } }

    static func load(
        _ feed: String, _ sets: [AnomalyThresholds], from db: borrowing Connection
    ) throws(SQLiteError) -> AnomalyReplay {
        let snapshots = try db.run(.scoredSnapshots(feed: feed))
        let history = FeedDays.epochs(of: snapshots, try db.run(.steps(feed: feed)))
        let feedDays = FeedDays(history.epochs)
        var days = history.epochs.map { epoch in
            Day(
                epoch: epoch.snapshot, state: epoch.state == .suspect ? .suspectEpoch : .insufficientHistory,
                counts: Array(repeating: Counts(), count: sets.count))
        }
        var judged: [AnomalyFiguring.JudgedDay] = []
        var places: [Int] = []
        for day in feedDays.days {
            guard let place = days.firstIndex(where: { $0.epoch == day.pair.later.snapshot }) else { continue }
            let cohort = try feedDays.cohort(of: day, from: db)
            if cohort.verdict == .settled {
                judged.append(AnomalyFiguring.JudgedDay(day, cohort: cohort))
                places.append(place)
            } else {
                days[place].state = .suspectEpoch
            }
        }
        guard let first = sets.first else { return AnomalyReplay(days: days) }
        // The floors, which the scores depend on, are the same in all sets.
        try feedDays.eachModel(on: judged, first, from: db) { found in
            days[places[found.day]].count(found.figures, sets)
        }
        return AnomalyReplay(days: days)
    }
}

extension AnomalyReplay.Day {
    mutating func count(_ figures: AnomalyFigures, _ sets: [AnomalyThresholds]) {
        for (index, thresholds) in sets.enumerated() {
            let anomaly = thresholds.judge(figures)
            guard anomaly.state == .evaluated else { return }
            if index == 0 { models += 1 }
            state = .evaluated
            let rules = thresholds.downloads
            if abs(figures.cohortZ ?? 0) > rules.cohortZ { counts[index].cohort += 1 }
            if abs(figures.ownZ ?? 0) > rules.ownZ { counts[index].own += 1 }
            if (figures.downloadsChange ?? 0).magnitude >= rules.minChange { counts[index].change += 1 }
            if anomaly.downloads == true { counts[index].downloads += 1 }
            if anomaly.velocity == true { counts[index].velocity += 1 }
        }
    }
}
