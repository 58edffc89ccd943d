import Deployment
import Model
import SQLite
import Scoring
import Store
import Synchronization

/// What this process has said of each feed, so that a snapshot which shows no new epoch need not be judged by thirty
/// days of history again: most snapshots of a day show none, and reading that history is half of a publication.
///
/// It is kept in memory alone. A process that starts, perhaps with other thresholds or other code, judges once anew.
final class LastVerdicts: Sendable {
    struct Verdict: Equatable, Sendable {
        /// The snapshot whose standings hold what was said.
        let snapshot: Int64
        let epoch: JudgedEpoch
    }

    private let known = Mutex<[String: Verdict]>([:])

    subscript(feed: String) -> Verdict? {
        get { known.withLock { $0[feed] } }
        set { known.withLock { $0[feed] = newValue } }
    }
}

extension LastVerdicts.Verdict {
    /// Above this share of models that were not spoken of, all are judged anew, range by range.
    private static let fewOf = 50

    /// What was said of these models; those that the other snapshot lacks are judged one by one.
    /// - Returns: `nil` where the standings are gone, or lack too many.
    func repeated(
        for models: [UInt32], _ day: FeedDays.Day, _ days: FeedDays, _ thresholds: AnomalyThresholds,
        from db: borrowing Connection
    ) throws(SQLiteError) -> [Anomaly]? {
        var said = [Anomaly](repeating: Anomaly(), count: models.count)
        var (missing, place, next) = ([Int](), 0, 0)
        try db.each(.standingAnomalies(snapshot: snapshot)) { row in
            while place < models.count, models[place] < row.model { place += 1 }
            guard place < models.count, models[place] == row.model else { return }
            missing += next..<place
            said[place] = row.anomaly
            next = place + 1
        }
        missing += next..<models.count
        guard missing.count <= models.count / Self.fewOf else { return nil }
        if missing.isEmpty { return said }
        let cohort = try days.cohort(of: day, from: db)
        guard cohort.verdict == .settled else { return nil }
        let places = Dictionary(uniqueKeysWithValues: missing.map { (models[$0], $0) })
        try days.eachModel(
            of: missing.map { models[$0] }, on: [AnomalyFiguring.JudgedDay(day, cohort: cohort)], thresholds, from: db
        ) { found in
            if let place = places[found.model] { said[place] = thresholds.judge(found.figures) }
        }
        return said
    }
}

extension FeedDays {
    /// What a verdict on a day rests on.
    func judged(_ day: Day, by thresholds: AnomalyThresholds) -> JudgedEpoch {
        let epoch = day.pair.later.snapshot
        return JudgedEpoch(
            at: epoch.observedAt, epoch: epoch.id, thresholdsVersion: thresholds.version, evidence: evidence(of: day))
    }
}
