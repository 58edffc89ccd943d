import Deployment
import Jobs
import Model
import SQLite
import Scoring
import Store

/// Computes the newest state of a feed for readers: deltas against named baselines, standings, the v3 document, and
/// the event that says so.
struct PublishStage: Stage {
    let database: Database
    let profiles: ScoreProfiles
    let profile: ScoreProfile
    let thresholds: AnomalyThresholds
    let curated: [CuratedSource]
    let now: @Sendable () -> Timestamp
    private let lastVerdicts = LastVerdicts()

    init(
        database: Database, profiles: ScoreProfiles, profile: ScoreProfile, thresholds: AnomalyThresholds,
        curated: [CuratedSource], now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.profiles = profiles
        self.profile = profile
        self.thresholds = thresholds
        self.curated = curated
        self.now = now
    }

    func run(_ work: PublishFeed, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let history: FeedHistory
        do throws(SQLiteError) {
            let (names, last) = (curated.map(\.id.text), lastVerdicts[work.feed])
            history = try await database.read { db throws(SQLiteError) in
                try FeedHistory.load(
                    work.feed, curated: work.feed == "hub" ? names : [],
                    scoring: Scoring(caps: profiles.caps, weights: profile.weights), thresholds: thresholds,
                    last: last, from: db)
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        guard let newest = history.newest, let columns = history.columns, let ranked = history.ranked else {
            throw .permanent("missing", "the feed \(work.feed) has no scored snapshot")
        }
        lastVerdicts[work.feed] = history.anomalies?.judgement.map {
            LastVerdicts.Verdict(snapshot: newest.key, epoch: $0)
        }
        let moment = now()
        var result = StageResult(next: [PruneFeed(feed: work.feed).job(priority: -5)], wakes: ["api"])
        if newest.readyCount >= PackHistory.least { result.next.append(PackFeed(feed: work.feed).job(priority: -6)) }
        result.writes.append(publication(of: newest, columns, ranked, history, at: moment))
        if let found = history.anomalies {
            result.writes.append(SaveAnomalies(feed: work.feed, judged: found.judged, withdrawn: found.withdrawn))
        }
        result.writes.append(Query<Void>.reportComponent("scoreCompute", status: "ok", lastError: nil, now: moment))
        guard work.feed == "hub" else { return result }
        result.writes.append(document(of: newest, history, at: moment))
        let places = CounterColumn(keys: columns.keys, values: ranked.ranks.map(Int64.init))
        let isTold = history.origin == .upstream
        let events = ModelEvents(newest, at: moment, context.traceParent)
        result.writes.append(TellLicenses(snapshot: newest, events: isTold ? events : nil, now: moment))
        guard isTold else { return result }
        result.writes += try await told(newest, places, history, events, context.traceParent, at: moment)
        result.wakes.insert(StageName.notify.rawValue)
        return result
    }

    /// The events of a snapshot that was fetched: recorded ones that are imported tell nobody anything.
    private func told(
        _ newest: Snapshot, _ places: CounterColumn, _ history: FeedHistory, _ events: ModelEvents,
        _ traceParent: String?, at moment: Timestamp
    ) async throws(JobFailure) -> [EmitEvent] {
        // A snapshot that has been told may get another one before it, by an import; what it told stands.
        let changes = ModelChanges(from: history.isTold ? .empty : history.placesBefore, to: places)
        let spokenOf = Set(
            changes.added.map(\.model) + changes.removed.map(\.model) + changes.moved.map(\.model)
                + (history.anomalies.map { ($0.opened + $0.closed).map(\.model) } ?? []))
        let names: [UInt32: ModelID]
        do throws(SQLiteError) {
            names = try await database.read { db throws(SQLiteError) in
                var names: [UInt32: ModelID] = [:]
                for model in spokenOf { names[model] = try db.run(.modelName(model)).first }
                return names
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        var all = [SnapshotCreated(newest).event(at: moment, traceParent)].compactMap(\.self)
        all += events.of(changes, names: names)
        if let found = history.anomalies { all += events.of(found, names: names) }
        return all.map { EmitEvent($0, now: moment) }
    }

    private func publication(
        of newest: Snapshot, _ columns: SnapshotColumns, _ ranked: RankedScores, _ history: FeedHistory,
        at moment: Timestamp
    ) -> SavePublication {
        let deltas = history.deltas(columns, ranks: ranked.ranks)
        let (baselines, anomalies) = (history.baselines, history.anomalies)
        return SavePublication(
            snapshot: newest, epochState: history.epochs.state,
            baselines: BaselineKeys(
                epoch: baselines?.current.point?.key, downloads24h: baselines?.downloads24h.point?.key,
                downloads7d: baselines?.downloads7d.point?.key, likes24h: baselines?.likes24h.point?.key,
                likes7d: baselines?.likes7d.point?.key),
            historyDays: history.days, snapshotCount: history.snapshots.count,
            profile: (
                profile.name, profile.version,
                [profile.weights.adoption, profile.weights.ecosystem, profile.weights.velocity]
            ),
            count: columns.keys.count, now: moment
        ) { index in
            NewStanding(
                model: columns.keys[index], rank: Int(ranked.ranks[index]), scores: ranked.scores[index],
                deltas: deltas[index], familyRoot: history.familyRoots[columns.keys[index]],
                anomaly: anomalies?.newest[index] ?? Anomaly())
        }
    }

    private func document(of newest: Snapshot, _ history: FeedHistory, at moment: Timestamp) -> Query<Void> {
        let snapshot = V3Snapshot(
            updatedAt: newest.observedAt,
            curated: curated.map { source in
                (source, history.outcomes[source.id.text] ?? .error("Not in the newest snapshot"))
            })
        return .saveDocument(
            "v3/snapshot", body: snapshot.document(), snapshot: newest.id, updatedAt: newest.observedAt)
    }
}
