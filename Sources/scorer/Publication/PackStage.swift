import Jobs
import Model
import SQLite
import Store

/// Packs the history of a large feed, a few blocks a run, so that nobody waits long for the write lock.
struct PackStage: Stage {
    let database: Database
    var least = PackHistory.least
    var batch = PackHistory.batch

    func run(_ work: PackFeed, _ context: JobContext) async throws(JobFailure) -> StageResult {
        do throws(SQLiteError) {
            guard try await !database.run(.packable(feed: work.feed, least: least)).isEmpty else {
                return StageResult()
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        return StageResult(
            writes: [PackHistory(feed: work.feed, least: least, batch: batch)],
            next: [PackFeed(feed: work.feed).job(priority: -6)])
    }
}
