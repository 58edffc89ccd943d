import Jobs
import Model
import SQLite
import Store

/// Keeps a feed's history to its window, one small batch a run, so that nobody waits long for the write lock.
///
/// The file does not shrink: SQLite uses the freed pages for the next snapshots, and a rolling history needs as many as
/// it frees.
struct PruneStage: Stage {
    let database: Database
    var batch = PruneHistory.batch
    let now: @Sendable () -> Timestamp

    func run(_ work: PruneFeed, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let moment = now()
        let edge: Timestamp?
        let isMore: Bool
        do throws(SQLiteError) {
            (edge, isMore) = try await database.read { db throws(SQLiteError) in
                guard let newest = try db.run(.newestPublication(feed: work.feed)).first else { return (nil, false) }
                let edge = newest.snapshot.observedAt - Snapshot.history
                return (edge, try !db.run(.prunable(feed: work.feed, before: edge, now: moment)).isEmpty)
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        // A feed that was never published has no window.
        guard let edge else { return StageResult() }
        return StageResult(
            writes: [PruneHistory(feed: work.feed, before: edge, now: moment, batch: batch)],
            next: isMore ? [PruneFeed(feed: work.feed).job(priority: -5)] : [])
    }
}
