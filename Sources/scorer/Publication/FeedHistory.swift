import Deployment
import Model
import SQLite
import Scoring
import Store

/// What is known of a feed when its newest snapshot is published, read in one view of the database.
struct FeedHistory: Sendable {
    private(set) var snapshots: [Snapshot] = []
    private(set) var origin = Origin.import
    private(set) var epochs = EpochHistory()
    private(set) var baselines: Baselines?
    private(set) var columns: SnapshotColumns?
    /// The root of each model's family, for those that are not their own.
    private(set) var familyRoots: [UInt32: ModelID] = [:]
    private(set) var ranked: RankedScores?
    private(set) var outcomes: [String: CuratedOutcome] = [:]
    private(set) var anomalies: AnomalyFindings?
    /// Places in the snapshot before the newest, where its changes are told.
    private(set) var placesBefore = CounterColumn.empty
    /// Whether the newest snapshot's event has been written before.
    private(set) var isTold = false
    private var firstSeen: [Int64] = []
    private var deltaColumns: DeltaColumns?

    var newest: Snapshot? { snapshots.last }

    /// Days between the oldest kept snapshot and the newest, rounded up.
    var days: Int {
        guard let first = snapshots.first, let last = snapshots.last else { return 0 }
        return Int(((last.observedAt - first.observedAt).milliseconds + 86_399_999) / 86_400_000)
    }

    static func load(
        _ feed: String, curated: [String], scoring: Scoring, thresholds: AnomalyThresholds,
        last: LastVerdicts.Verdict?, from db: borrowing Connection
    ) throws(SQLiteError) -> FeedHistory {
        var history = FeedHistory()
        let all = try db.run(.scoredSnapshots(feed: feed))
        guard let newest = all.last else { return history }
        history.snapshots = all.filter { $0.observedAt >= newest.observedAt - Snapshot.history }
        history.origin = try db.run(.snapshotOrigin(key: newest.key)).first ?? .import
        history.epochs = FeedDays.epochs(of: history.snapshots, try db.run(.steps(feed: feed)))
        let baselines = Baselines(
            newest: SnapshotPoint(newest), snapshots: history.snapshots.map { SnapshotPoint($0) },
            epochs: history.epochs.epochs)
        history.baselines = baselines
        let columns = try SnapshotColumns.load(newest.key, from: db)
        history.columns = columns
        history.familyRoots = try Self.familyRoots(newest, from: db)
        history.ranked = try RankedScores.load(newest, columns, scoring: scoring, from: db)
        try db.each(.firstSeen(snapshot: newest.key)) { history.firstSeen.append($0.firstSeen) }
        history.deltaColumns = try history.loadDeltaColumns(columns, baselines, from: db)
        history.anomalies = try AnomalyFindings.load(
            feed, all, models: columns.keys, thresholds: thresholds, last: last, from: db)
        if history.origin == .upstream, let before = history.snapshots.dropLast().last {
            history.isTold = try !db.run(.toldEvent(originKey: SnapshotCreated.originKey(newest))).isEmpty
            history.placesBefore = try CounterColumn.ranks(of: before.key, from: db)
        }
        try history.loadOutcomes(curated, newest, from: db)
        return history
    }

    private static func familyRoots(
        _ snapshot: Snapshot, from db: borrowing Connection
    ) throws(SQLiteError) -> [UInt32: ModelID] {
        let children = try db.run(.parents(snapshot: snapshot.key))
        let roots = FamilyRoots.find(Dictionary(uniqueKeysWithValues: children.map { ($0.id, $0.parent) }))
        var found = [UInt32: ModelID](minimumCapacity: children.count)
        for child in children { found[child.model] = roots[child.id].flatMap { $0 == child.id ? nil : $0 } }
        return found
    }

    /// Loads each baseline's column once, and none that is not used.
    private func loadDeltaColumns(
        _ newest: SnapshotColumns, _ baselines: Baselines, from db: borrowing Connection
    ) throws(SQLiteError) -> DeltaColumns {
        var columns = DeltaColumns(
            keys: newest.keys, firstSeen: firstSeen, likes: newest.likesColumn, ranks: .empty)
        var read: [Int64: (downloads: CounterColumn, likes: CounterColumn)] = [:]
        for point in Set(
            [
                baselines.current, baselines.downloads24h, baselines.downloads7d, baselines.likes24h,
                baselines.likes7d,
            ].compactMap(\.usable))
        {
            read[point.key] = try CounterColumn.counters(of: point.key, from: db)
        }
        func column(_ baseline: Baseline) -> (downloads: CounterColumn, likes: CounterColumn) {
            baseline.usable.flatMap { read[$0.key] } ?? (.empty, .empty)
        }
        columns.downloadsCurrent = column(baselines.current).downloads
        columns.downloads24h = column(baselines.downloads24h).downloads
        columns.downloads7d = column(baselines.downloads7d).downloads
        columns.likes24h = column(baselines.likes24h).likes
        columns.likes7d = column(baselines.likes7d).likes
        if let point = baselines.likes24h.usable { columns.ranks24h = try CounterColumn.ranks(of: point.key, from: db) }
        return columns
    }

    private mutating func loadOutcomes(
        _ curated: [String], _ newest: Snapshot, from db: borrowing Connection
    ) throws(SQLiteError) {
        guard !curated.isEmpty else { return }
        var moved: [String: String] = [:]
        for error in try db.run(.upstreamErrors(key: newest.key)) {
            outcomes[error.model] = .error(error.message)
            moved[error.model] = error.movedTo
        }
        for model in curated {
            // A model that was renamed has its listing under the id of now.
            let id = moved[model] ?? model
            guard let listing = try db.run(.curatedListing(snapshot: newest.key, model: id)).first else { continue }
            outcomes[model] = .ready(
                CuratedFigures(
                    downloads: listing.downloads, likes: listing.likes, lastModified: listing.lastModified))
        }
    }

    /// The deltas of the newest snapshot's models, parallel to its columns.
    func deltas(_ newest: SnapshotColumns, ranks: [Int32]) -> [Deltas] {
        guard let baselines, var columns = deltaColumns else { return [] }
        columns.ranks = CounterColumn(keys: newest.keys, values: ranks.map(Int64.init))
        return baselines.deltas(columns)
    }
}

extension Baseline {
    /// The snapshot that the publication names, trusted or not.
    var point: SnapshotPoint? {
        switch self {
        case .at(let point), .withheld(let point, _): point
        case .missing: nil
        }
    }
}
