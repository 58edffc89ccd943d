package import Model
package import SQLite

/// One model's place in a snapshot that is being published.
package struct NewStanding: Equatable, Sendable {
    package let model: UInt32
    package let rank: Int
    package let scores: Scores
    package let deltas: Deltas
    /// The root of the model's family; `nil` where that is the model itself.
    package let familyRoot: ModelID?
    package let anomaly: Anomaly

    package init(model: UInt32, rank: Int, scores: Scores, deltas: Deltas, familyRoot: ModelID?, anomaly: Anomaly) {
        self.model = model
        self.rank = rank
        self.scores = scores
        self.deltas = deltas
        self.familyRoot = familyRoot
        self.anomaly = anomaly
    }
}

/// The keys of the snapshots that a publication's deltas are taken between.
package struct BaselineKeys: Equatable, Sendable {
    package var epoch: Int64?
    package var downloads24h: Int64?
    package var downloads7d: Int64?
    package var likes24h: Int64?
    package var likes7d: Int64?

    package init(
        epoch: Int64? = nil, downloads24h: Int64? = nil, downloads7d: Int64? = nil, likes24h: Int64? = nil,
        likes7d: Int64? = nil
    ) {
        self.epoch = epoch
        self.downloads24h = downloads24h
        self.downloads7d = downloads7d
        self.likes24h = likes24h
        self.likes7d = likes7d
    }
}

/// Replaces what readers show of a feed, and lets go of publications that no cursor can be pinned to any more.
package struct SavePublication: Write {
    /// Publications of a feed that are kept for readers that page through one: the newest few however old they are, and
    /// those of the last hour as long as they do not have too many rows, and the history of thirty days reaches back to
    /// them and to the week that their changes stand over.
    private static let kept = 3
    private static let keptFor = Duration.hours(1)
    private static let keptRows = 3_000_000
    private static let reach = Duration.days(22)

    private let snapshot: Snapshot
    private let epochState: EpochState
    private let baselines: BaselineKeys
    private let historyDays: Int
    private let snapshotCount: Int
    private let profile: (name: String, version: Int, weights: [Int])
    private let count: Int
    private let standing: @Sendable (Int) -> NewStanding
    private let now: Timestamp

    package init(
        snapshot: Snapshot, epochState: EpochState, baselines: BaselineKeys, historyDays: Int, snapshotCount: Int,
        profile: (name: String, version: Int, weights: [Int]), standings: [NewStanding], now: Timestamp
    ) {
        self.init(
            snapshot: snapshot, epochState: epochState, baselines: baselines, historyDays: historyDays,
            snapshotCount: snapshotCount, profile: profile, count: standings.count, now: now
        ) { standings[$0] }
    }

    /// - Parameter standing: gives the standings one by one as they are stored, by rising model number, so that those
    ///   of a whole Hub need not be in memory.
    package init(
        snapshot: Snapshot, epochState: EpochState, baselines: BaselineKeys, historyDays: Int, snapshotCount: Int,
        profile: (name: String, version: Int, weights: [Int]), count: Int, now: Timestamp,
        standing: @escaping @Sendable (Int) -> NewStanding
    ) {
        self.snapshot = snapshot
        self.epochState = epochState
        self.baselines = baselines
        self.historyDays = historyDays
        self.snapshotCount = snapshotCount
        self.profile = profile
        self.count = count
        self.standing = standing
        self.now = now
    }

    package func apply(to connection: borrowing Connection) throws(SQLiteError) {
        try connection.run(Self.dropStandings(of: snapshot.key))
        try connection.run(publication)
        var values: [Value] = []
        for index in 0..<count {
            bind(standing(index), into: &values)
            try connection.run(Self.save(values))
        }
        for stale in try connection.run(stale) {
            try connection.run(Self.dropStandings(of: stale))
            try connection.run(Query<Void>("DELETE FROM publication WHERE snapshot_key = ?1", [.integer(stale)]))
        }
        try connection.run(ReplacedCards.forget(feed: snapshot.feed))
    }

    private var publication: Query<Void> {
        Query<Void>(
            """
            INSERT INTO publication (snapshot_key, feed_id, published_at_ms, serial, epoch_key, epoch_state,
                                     downloads_24h_key, downloads_7d_key, likes_24h_key, likes_7d_key, history_days,
                                     snapshot_count, profile, profile_version, weight_adoption, weight_ecosystem,
                                     weight_velocity)
            SELECT ?1, feed_id, ?2, (SELECT coalesce(max(serial), 0) + 1 FROM publication), ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                   ?10, ?11, ?12, ?13, ?14, ?15
              FROM snapshot WHERE key = ?1
            ON CONFLICT (snapshot_key) DO UPDATE
               SET published_at_ms = excluded.published_at_ms, serial = excluded.serial,
                   epoch_key = excluded.epoch_key, epoch_state = excluded.epoch_state,
                   downloads_24h_key = excluded.downloads_24h_key, downloads_7d_key = excluded.downloads_7d_key,
                   likes_24h_key = excluded.likes_24h_key, likes_7d_key = excluded.likes_7d_key,
                   history_days = excluded.history_days, snapshot_count = excluded.snapshot_count,
                   profile = excluded.profile, profile_version = excluded.profile_version,
                   weight_adoption = excluded.weight_adoption, weight_ecosystem = excluded.weight_ecosystem,
                   weight_velocity = excluded.weight_velocity
            """,
            [
                .integer(snapshot.key), .integer(now.milliseconds), .integer(baselines.epoch),
                .text(epochState.rawValue), .integer(baselines.downloads24h), .integer(baselines.downloads7d),
                .integer(baselines.likes24h), .integer(baselines.likes7d), .integer(historyDays),
                .integer(snapshotCount), .text(profile.name), .integer(profile.version),
                .integer(profile.weights[0]), .integer(profile.weights[1]), .integer(profile.weights[2]),
            ])
    }

    private static func save(_ values: [Value]) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO standing (key, rank, adoption, ecosystem, velocity, total, downloads_24h, downloads_24h_reason,
                                  downloads_7d, downloads_7d_reason, likes_24h, likes_24h_reason, likes_7d,
                                  likes_7d_reason, rank_change, rank_change_reason, family_root, anomaly_state,
                                  anomaly_downloads, anomaly_velocity, downloads_return, cohort_z, own_z,
                                  downloads_change, own_returns, likes_gained, likes_z, like_days)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24, ?25, ?26, ?27, ?28)
            """, values)
    }

    /// Fills one array again and again: an array for each of millions of rows would cost more than the rows.
    private func bind(_ standing: NewStanding, into values: inout [Value]) {
        let (scores, deltas, anomaly) = (standing.scores, standing.deltas, standing.anomaly)
        values.removeAll(keepingCapacity: true)
        values.append(.integer(snapshot.key << 32 | Int64(standing.model)))
        values.append(.integer(standing.rank))
        values.append(Self.tenths(scores.adoption))
        values.append(Self.tenths(scores.ecosystem))
        values.append(Self.tenths(scores.velocity))
        values.append(.integer(scores.total.map { Int64($0.count) } ?? Standing.noTotal))
        Self.append(deltas.downloads24h, to: &values)
        Self.append(deltas.downloads7d, to: &values)
        Self.append(deltas.likes24h, to: &values)
        Self.append(deltas.likes7d, to: &values)
        Self.append(deltas.rankChange, to: &values)
        values.append(.text(standing.familyRoot?.text))
        values.append(.text(anomaly.state.rawValue))
        values.append(.integer(anomaly.downloads.map { $0 ? 1 : 0 }))
        values.append(.integer(anomaly.velocity.map { $0 ? 1 : 0 }))
        values.append(.real(anomaly.figures.downloadsReturn))
        values.append(.real(anomaly.figures.cohortZ))
        values.append(.real(anomaly.figures.ownZ))
        values.append(.integer(anomaly.figures.downloadsChange))
        values.append(.integer(anomaly.figures.ownReturns))
        values.append(.integer(anomaly.figures.likesGained))
        values.append(.real(anomaly.figures.likesZ))
        values.append(.integer(anomaly.figures.likeDays))
    }

    private static func append(_ delta: Delta, to values: inout [Value]) {
        values.append(.integer(delta.value))
        values.append(.text(delta.reason?.rawValue))
    }

    private static func tenths(_ score: Tenths?) -> Value { .integer(score.map { Int64($0.count) }) }

    private static func dropStandings(of key: Int64) -> Query<Void> {
        Query<Void>("DELETE FROM standing WHERE key >= (?1 << 32) AND key < ((?1 + 1) << 32)", [.integer(key)])
    }

    private var stale: Query<Int64> {
        Query<Int64>(
            """
            SELECT snapshot_key
              FROM (SELECT snapshot_key, published_at_ms, observed_at_ms,
                           row_number() OVER (ORDER BY serial DESC) AS place,
                           sum(ready_count) OVER (ORDER BY serial DESC) AS rows_kept
                      FROM publication
                      JOIN snapshot ON snapshot.key = publication.snapshot_key
                      JOIN feed ON feed.id = publication.feed_id
                     WHERE feed.name = ?1) AS newest_first
             WHERE place > ?2 AND (published_at_ms <= ?3 OR rows_kept > ?4 OR observed_at_ms < ?5)
            """,
            [
                .text(snapshot.feed), .integer(Self.kept), .integer((now - Self.keptFor).milliseconds),
                .integer(Self.keptRows), .integer((snapshot.observedAt - Self.reach).milliseconds),
            ]
        ) { $0.integer(0) }
    }
}
