import Deployment
import Model
import SQLite
import Scoring
import Store

/// What stands out in a feed when its newest snapshot is published.
///
/// A day is judged when its epoch is the newest, and again when a snapshot of its history arrives late. Verdicts on
/// earlier days stand otherwise, although less and less of their history is kept.
struct AnomalyFindings: Sendable {
    /// Parallel to the models of the newest snapshot.
    private(set) var newest: [Anomaly]
    /// The newest epoch, where it could be judged.
    private(set) var epoch: SnapshotReference?
    /// Whether that epoch was fetched: what is found in recordings is told to nobody.
    private(set) var isTold = false
    /// What the verdicts on the newest epoch rest on, where there are any.
    private(set) var judgement: JudgedEpoch?
    private(set) var judged: [(epoch: JudgedEpoch, marks: [AnomalyMark])] = []
    private(set) var withdrawn: [Timestamp] = []
    /// What the newest epoch flags and the judged one before it did not, and the reverse.
    private(set) var opened: [AnomalyMark] = []
    private(set) var closed: [AnomalyMark] = []

    /// - Parameters:
    ///   - snapshots: all that are kept of the feed, oldest first.
    ///   - models: of the newest snapshot, ascending.
    ///   - last: what this process has said of the feed before.
    static func load(
        _ feed: String, _ snapshots: [Snapshot], models: [UInt32], thresholds: AnomalyThresholds,
        last: LastVerdicts.Verdict? = nil, from db: borrowing Connection
    ) throws(SQLiteError) -> AnomalyFindings {
        let history = FeedDays.epochs(of: snapshots, try db.run(.steps(feed: feed)))
        let days = FeedDays(history.epochs)
        let stored = try db.run(.judgedEpochs(feed: feed))
        var findings = AnomalyFindings(newest: [])
        let newest = days.days.last.flatMap { $0.pair.later == history.newest ? $0 : nil }
        if let newest, let last, last.epoch == days.judged(newest, by: thresholds), stored.contains(last.epoch),
            !days.days.contains(where: { $0 != newest && Self.isDue($0, days, stored) }),
            let said = try last.repeated(for: models, newest, days, thresholds, from: db)
        {
            findings.newest = said
            findings.withdrawn = Self.noLongerDays(stored, days, snapshots)
            try findings.name(newest, from: db)
            findings.judgement = last.epoch
            try findings.compare(feed, stored, now: try db.run(.marks(feed: feed, at: newest.pair.at)), from: db)
            return findings
        }
        var due: [AnomalyFiguring.JudgedDay] = []
        var state = Self.state(of: history)
        for day in days.days where day == newest || Self.isDue(day, days, stored) {
            let cohort = try days.cohort(of: day, from: db)
            if cohort.verdict == .settled {
                due.append(AnomalyFiguring.JudgedDay(day, cohort: cohort))
            } else {
                findings.withdrawn.append(day.pair.at)
                if day == newest { state = .suspectEpoch }
            }
        }
        findings.withdrawn += Self.noLongerDays(stored, days, snapshots)
        let isJudged = newest != nil && due.last?.day == newest
        if isJudged, let newest { try findings.name(newest, from: db) }
        findings.newest = Array(
            repeating: Anomaly(state: isJudged ? .insufficientHistory : state), count: models.count)
        try findings.judge(due, days, models, thresholds, from: db)
        if isJudged, let now = findings.judged.last {
            findings.judgement = now.epoch
            try findings.compare(feed, stored, now: now.marks, from: db)
        }
        return findings
    }

    private mutating func name(_ newest: FeedDays.Day, from db: borrowing Connection) throws(SQLiteError) {
        epoch = newest.pair.later.snapshot
        isTold = try db.run(.snapshotOrigin(key: newest.pair.later.snapshotKey)).first == .upstream
    }

    /// Why nothing can be said of any model, where the newest epoch ends no day. An epoch that is missing, or that lies
    /// further back than a day, is history that is not there; one that is not believed is named so.
    private static func state(of history: EpochHistory) -> AnomalyState {
        guard let newest = history.newest else { return .insufficientHistory }
        if newest.state == .suspect { return .suspectEpoch }
        guard let previous = history.epochs.dropLast().last, previous.state == .suspect else {
            return .insufficientHistory
        }
        return newest.snapshot.observedAt - previous.snapshot.observedAt <= .hours(36)
            ? .suspectEpoch
            : .insufficientHistory
    }

    /// Whether a day has not been judged yet, or not by all that is known of it now.
    private static func isDue(_ day: FeedDays.Day, _ days: FeedDays, _ stored: [JudgedEpoch]) -> Bool {
        guard let known = stored.first(where: { $0.at == day.pair.at }) else { return true }
        return !days.evidence(of: day).isSubset(of: known.evidence)
    }

    /// Judged epochs that end no day any more, because a snapshot that came late lies inside it. Those at the very
    /// beginning of what is kept have only lost the snapshot before them, and stay.
    private static func noLongerDays(
        _ stored: [JudgedEpoch], _ days: FeedDays, _ snapshots: [Snapshot]
    ) -> [Timestamp] {
        guard let oldest = snapshots.first?.observedAt else { return [] }
        let ends = Set(days.pairs.map(\.at))
        return stored.map(\.at).filter { $0 > oldest + .hours(36) && !ends.contains($0) }
    }

    private mutating func judge(
        _ due: [AnomalyFiguring.JudgedDay], _ days: FeedDays, _ models: [UInt32], _ thresholds: AnomalyThresholds,
        from db: borrowing Connection
    ) throws(SQLiteError) {
        var marks = [[AnomalyMark]](repeating: [], count: due.count)
        var newest = self.newest
        var place = 0
        let newestDay = epoch == nil ? nil : due.count - 1
        try days.eachModel(on: due, thresholds, from: db) { found in
            let anomaly = thresholds.judge(found.figures)
            for rule in anomaly.broken {
                marks[found.day].append(AnomalyMark(model: found.model, rule: rule, figures: found.figures))
            }
            guard found.day == newestDay else { return }
            while place < models.count, models[place] < found.model { place += 1 }
            if place < models.count, models[place] == found.model { newest[place] = anomaly }
        }
        self.newest = newest
        judged = zip(due, marks).map { day, marks in (days.judged(day.day, by: thresholds), marks) }
    }

    /// Sets what the newest epoch flags against the judged one before it.
    private mutating func compare(
        _ feed: String, _ stored: [JudgedEpoch], now: [AnomalyMark], from db: borrowing Connection
    ) throws(SQLiteError) {
        guard let moment = judgement?.at else { return }
        let gone = Set(withdrawn)
        let before = (stored.map(\.at) + judged.map(\.epoch.at)).filter { $0 < moment && !gone.contains($0) }
        var earlier: [AnomalyMark] = []
        if let last = before.max() {
            if let again = judged.first(where: { $0.epoch.at == last }) {
                earlier = again.marks
            } else {
                earlier = try db.run(.marks(feed: feed, at: last))
            }
        }
        func lacks(_ marks: [AnomalyMark], _ mark: AnomalyMark) -> Bool {
            !marks.contains { $0.model == mark.model && $0.rule == mark.rule }
        }
        opened = now.filter { lacks(earlier, $0) }
        closed = earlier.filter { lacks(now, $0) }
    }
}
