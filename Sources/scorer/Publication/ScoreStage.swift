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
            facts = try await database.read { db throws(SQLiteError) in try Facts.load(work.snapshot, from: db) }
        } catch {
            throw .transient("database", "\(error)")
        }
        guard let snapshot = facts.snapshot, let columns = facts.columns else {
            throw .permanent("missing", "there is no snapshot \(work.snapshot)")
        }
        let ranked = RankedScores(columns, byName: facts.byName, scoring: scoring)
        var writes: [any Write] = [
            SaveScores(
                snapshot: snapshot.key, models: columns.keys, scores: ranked.scores, ranks: ranked.ranks)
        ]
        if let (earlier, counters) = facts.before {
            writes.append(Query<Void>.saveStep(Self.step(from: earlier, counters, to: snapshot, columns)))
        }
        if let (later, counters) = facts.after {
            writes.append(Query<Void>.saveStep(Self.step(from: snapshot, columns, to: later, counters)))
        }
        writes.append(Query<Void>.markScored(key: snapshot.key, at: now()))
        return StageResult(writes: writes, next: [PublishFeed(feed: snapshot.feed).job()])
    }

    private static func step(
        from earlier: Snapshot, _ before: SnapshotColumns, to later: Snapshot, _ after: SnapshotColumns
    ) -> StoredStep {
        let step = EpochDetection.step(from: before.downloadsColumn, to: after.downloadsColumn)
        return StoredStep(
            snapshot: later.key, previous: earlier.key, verdict: step.verdict.word,
            reason: step.verdict.doubt?.rawValue,
            cohort: step.cohort, changed: step.changed, median: step.median, deviation: step.deviation)
    }

    /// What is read from the database, in one view of it.
    private struct Facts: Sendable {
        var snapshot: Snapshot?
        var columns: SnapshotColumns?
        var byName: [UInt32] = []
        var before: (Snapshot, SnapshotColumns)?
        var after: (Snapshot, SnapshotColumns)?

        static func load(_ id: String, from db: borrowing Connection) throws(SQLiteError) -> Facts {
            var facts = Facts()
            guard let snapshot = try db.run(.snapshot(id: id)).first else { return facts }
            facts.snapshot = snapshot
            facts.columns = try SnapshotColumns.load(snapshot.key, from: db)
            facts.byName = try db.run(.modelsByName(snapshot: snapshot.key))
            if let earlier = try db.run(.snapshotBefore(key: snapshot.key)).first {
                facts.before = (earlier, try SnapshotColumns.load(earlier.key, from: db))
            }
            if let later = try db.run(.snapshotAfter(key: snapshot.key)).first {
                facts.after = (later, try SnapshotColumns.load(later.key, from: db))
            }
            return facts
        }
    }
}
