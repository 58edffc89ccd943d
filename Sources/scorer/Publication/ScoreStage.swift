import Jobs
import Model
import SQLite
import Scoring
import Store

/// Computes what depends on one snapshot and its neighbours alone, so that snapshots may arrive in any order.
struct ScoreStage: Stage {
    let database: Database
    let scoring: Scoring
    let now: @Sendable () -> Timestamp

    func run(_ work: ScoreSnapshot, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let facts: Facts
        do throws(SQLiteError) {
            facts = try await database.read { db throws(SQLiteError) in
                try Facts.load(work.snapshot, scoring, from: db)
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        guard let snapshot = facts.snapshot, let columns = facts.columns, let ranked = facts.ranked else {
            throw .permanent("missing", "there is no snapshot \(work.snapshot)")
        }
        var writes: [any Write] = [
            SaveScores(
                snapshot: snapshot.key, models: columns.keys, scores: ranked.scores, ranks: ranked.ranks)
        ]
        if let (earlier, counters) = facts.before {
            writes.append(
                Query<Void>.saveStep(Self.step(from: earlier, counters, to: snapshot, columns.downloadsColumn)))
        }
        if let (later, counters) = facts.after {
            writes.append(Query<Void>.saveStep(Self.step(from: snapshot, columns.downloadsColumn, to: later, counters)))
        }
        writes.append(Query<Void>.markScored(key: snapshot.key, at: now()))
        return StageResult(writes: writes, next: [PublishFeed(feed: snapshot.feed).job()])
    }

    private static func step(
        from earlier: Snapshot, _ before: CounterColumn, to later: Snapshot, _ after: CounterColumn
    ) -> StoredStep {
        let step = EpochDetection.step(from: before, to: after)
        return StoredStep(
            snapshot: later.key, previous: earlier.key, verdict: step.verdict.word,
            reason: step.verdict.doubt?.rawValue,
            cohort: step.cohort, changed: step.changed, median: step.median, deviation: step.deviation)
    }

    /// What is read from the database, in one view of it.
    private struct Facts: Sendable {
        var snapshot: Snapshot?
        var columns: SnapshotColumns?
        var ranked: RankedScores?
        var before: (Snapshot, CounterColumn)?
        var after: (Snapshot, CounterColumn)?

        static func load(
            _ id: String, _ scoring: Scoring, from db: borrowing Connection
        ) throws(SQLiteError) -> Facts {
            var facts = Facts()
            guard let snapshot = try db.run(.snapshot(id: id)).first else { return facts }
            facts.snapshot = snapshot
            let columns = try SnapshotColumns.load(snapshot.key, from: db)
            facts.columns = columns
            facts.ranked = try RankedScores.load(snapshot, columns, scoring: scoring, from: db)
            if let earlier = try db.run(.snapshotBefore(key: snapshot.key)).first {
                facts.before = (earlier, try CounterColumn.downloads(of: earlier.key, from: db))
            }
            if let later = try db.run(.snapshotAfter(key: snapshot.key)).first {
                facts.after = (later, try CounterColumn.downloads(of: later.key, from: db))
            }
            return facts
        }
    }
}
