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

    func run(_ work: PublishFeed, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let history: FeedHistory
        do throws(SQLiteError) {
            let names = curated.map(\.id.text)
            history = try await database.read { db throws(SQLiteError) in
                try FeedHistory.load(
                    work.feed, curated: work.feed == "hub" ? names : [], thresholds: thresholds, from: db)
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        guard let newest = history.newest, let columns = history.columns else {
            throw .permanent("missing", "the feed \(work.feed) has no scored snapshot")
        }
        let moment = now()
        var result = StageResult(wakes: ["api"])
        result.writes.append(publication(of: newest, columns, history, at: moment))
        if let found = history.anomalies {
            result.writes.append(SaveAnomalies(feed: work.feed, judged: found.judged, withdrawn: found.withdrawn))
        }
        result.writes.append(Query<Void>.reportComponent("scoreCompute", status: "ok", lastError: nil, now: moment))
        guard work.feed == "hub" else { return result }
        result.writes.append(document(of: newest, history, at: moment))
        if history.origin == .upstream, let event = SnapshotCreated(newest).event(at: moment, context.traceParent) {
            result.writes.append(EmitEvent(event, now: moment))
            result.wakes.insert(StageName.notify.rawValue)
        }
        return result
    }

    private func publication(
        of newest: Snapshot, _ columns: SnapshotColumns, _ history: FeedHistory, at moment: Timestamp
    ) -> SavePublication {
        let scoring = Scoring(caps: profiles.caps, weights: profile.weights)
        let ranked = RankedScores(columns, byName: history.byName, scoring: scoring)
        let deltas = history.deltas(columns, ranks: ranked.ranks)
        let standings = columns.keys.indices.map { index in
            NewStanding(
                model: columns.keys[index], rank: Int(ranked.ranks[index]), scores: ranked.scores[index],
                deltas: deltas[index], familyRoot: nil, anomaly: history.anomalies?.newest[index] ?? Anomaly())
        }
        let baselines = history.baselines
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
            standings: standings, now: moment)
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
