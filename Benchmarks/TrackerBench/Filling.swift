import BenchClient
import Daemon
import Deployment
import JSON
import Jobs
import Model
import SQLite
import Scoring
import Store

/// Makes the state that a deployment has after a month: written straight into the tables, because a month of a whole
/// Hub would take hours through the pipeline. Days of large feeds are packed as the scorer packs them, but for the last
/// three, which readers may still page through. The newest day is left to the product's own processes.
enum Filling {
    @Sendable static func fill(_ options: Options, _ answer: inout JSONWriter) async throws {
        let started = microseconds()
        _ = try options.location.open(now: SystemClock.now())
        let connection = try Connection(path: options.path, durability: .normal)
        let hub = MadeUpHub(models: options.models, days: options.days, newest: SystemClock.now() - .hours(1))
        let profiles = try DeploymentFolder(path: options.config).scoreProfiles()
        guard let profile = profiles[ScoreProfiles.defaultName] else { throw NoProfile() }
        let scoring = Scoring(caps: profiles.caps, weights: profile.weights)
        try connection.run(.registerFeed("hub", now: hub.moment(0)))
        try cards(hub, connection)
        let byName = try connection.run(Query<Int>("SELECT id FROM model ORDER BY name") { $0.count(0) - 1 })
        var month = Month(hub: hub, scoring: scoring, byName: byName)
        for day in 0..<hub.days {
            try connection.transaction { db throws(SQLiteError) in try month.save(day, db) }
            _ = try connection.checkpoint()
        }
        try connection.transaction { db throws(SQLiteError) in try month.saveVerdicts(db) }
        _ = try connection.checkpoint()
        answer.field("rows", Int64(month.rows))
        answer.field("took", microseconds() - started)
    }

    /// Models have their place plus 1 as number. One transaction for some of them, so that the log stays short.
    private static func cards(_ hub: MadeUpHub, _ connection: borrowing Connection) throws {
        for start in stride(from: 0, to: hub.models, by: 100_000) {
            try connection.transaction { db throws(SQLiteError) in
                for model in start..<min(hub.models, start + 100_000) {
                    let listing = hub.listing(model)
                    try db.run(Rows.model(model, listing.id.text))
                    try db.run(Rows.card(model, listing, from: hub.moment(hub.firstDay(model)), to: hub.newest))
                }
            }
            _ = try connection.checkpoint()
        }
    }
}

/// The configuration has no profile by the name of the usual one.
struct NoProfile: Error {}

/// A month that is written day by day.
private struct Month {
    let hub: MadeUpHub
    let scoring: Scoring
    /// All models in the order of their ids.
    let byName: [Int]
    private var counters: MadeUpCounters
    private var before = CounterColumn.empty
    private var snapshots: [Snapshot] = []
    private(set) var rows = 0
    /// Days that are not packed.
    private static let inRows = 3

    init(hub: MadeUpHub, scoring: Scoring, byName: [Int]) {
        self.hub = hub
        self.scoring = scoring
        self.byName = byName
        counters = MadeUpCounters(hub)
    }

    mutating func save(_ day: Int, _ db: borrowing Connection) throws(SQLiteError) {
        if day > 0 { counters.goOn(to: day) }
        let isPacked = hub.models >= PackHistory.least && day + Self.inRows < hub.days
        let models = (0..<hub.models).filter { hub.isListed($0, on: day) }
        let moment = hub.moment(day)
        let id = Snapshot.id(feed: "hub", observedAt: moment)
        _ = try db.run(
            .startRefresh(feed: "hub", origin: .upstream, observedAt: moment, state: "normalized", now: moment))
        let key = Int64(day + 1)
        try db.run(Rows.snapshot(key, id, at: moment, models: models.count))
        for model in models where !isPacked {
            try db.run(
                Rows.listing(
                    key, model, counters.downloads[model], counters.likes[model], counters.trending(model, on: day)))
        }
        rows += models.count
        if day + 1 == hub.days {
            _ = try db.enqueue(ScoreSnapshot(snapshot: id).job(), now: SystemClock.now())
        } else {
            try score(day, models, key, isPacked: isPacked, db)
        }
    }

    /// As the scorer would have left it.
    private mutating func score(
        _ day: Int, _ models: [Int], _ key: Int64, isPacked: Bool, _ db: borrowing Connection
    ) throws(SQLiteError) {
        let numbers = models.map { UInt32($0 + 1) }
        let scores = models.map { model in
            scoring.scores(
                downloads: counters.downloads[model], likes: counters.likes[model],
                trendingScore: counters.trending(model, on: day))
        }
        var places = [Int32](repeating: -1, count: hub.models)
        for (place, model) in models.enumerated() { places[model] = Int32(place) }
        let order = byName.compactMap { places[$0] < 0 ? nil : UInt32(places[$0]) }
        let ranks = Ranking.ranks(totals: scores.map(\.total), idOrder: order)
        if isPacked {
            try pack(day, models, key, scores, ranks, db)
        } else {
            try SaveScores(snapshot: key, models: numbers, scores: scores, ranks: ranks).apply(to: db)
        }
        try db.run(.markScored(key: key, at: hub.moment(day)))
        let now = CounterColumn(keys: numbers, values: models.map { counters.downloads[$0] })
        if day > 0 { try db.run(.saveStep(StoredStep(from: key - 1, before, to: key, now))) }
        before = now
        if let snapshot = try db.run(.snapshot(key: key)).first { snapshots.append(snapshot) }
    }

    private func pack(
        _ day: Int, _ models: [Int], _ key: Int64, _ scores: [Scores], _ ranks: [Int32], _ db: borrowing Connection
    ) throws(SQLiteError) {
        var entries: [HistoryBlock.Entry] = []
        for (place, model) in models.enumerated() {
            let number = UInt32(model + 1)
            if let before = entries.last, HistoryBlock.first(of: before.model) != HistoryBlock.first(of: number) {
                try db.run(Query<Void>.saveBlock(HistoryBlock(entries), of: key))
                entries.removeAll(keepingCapacity: true)
            }
            entries.append(
                HistoryBlock.Entry(
                    model: number, downloads: counters.downloads[model], likes: counters.likes[model],
                    trendingScore: counters.trending(model, on: day), total: Int64(scores[place].total?.count ?? 0),
                    rank: Int64(ranks[place])))
        }
        if !entries.isEmpty { try db.run(Query<Void>.saveBlock(HistoryBlock(entries), of: key)) }
        try db.run(Rows.packed(key))
    }

    /// Earlier days have been judged, and nothing stood out: what did is replaced as soon as it is judged again.
    func saveVerdicts(_ db: borrowing Connection) throws(SQLiteError) {
        let days = FeedDays(FeedDays.epochs(of: snapshots, try db.run(.steps(feed: "hub"))).epochs)
        let judged = days.days.map { day in
            let epoch = day.pair.later.snapshot
            return (
                JudgedEpoch(
                    at: epoch.observedAt, epoch: epoch.id, thresholdsVersion: 1, evidence: days.evidence(of: day)),
                [AnomalyMark]()
            )
        }
        try SaveAnomalies(feed: "hub", judged: judged, withdrawn: []).apply(to: db)
    }
}

extension StoredStep {
    fileprivate init(from earlier: Int64, _ before: CounterColumn, to later: Int64, _ after: CounterColumn) {
        let step = EpochDetection.step(from: before, to: after)
        self.init(
            snapshot: later, previous: earlier, verdict: step.verdict.word, reason: step.verdict.doubt?.rawValue,
            cohort: step.cohort, changed: step.changed, median: step.median, deviation: step.deviation)
    }
}
