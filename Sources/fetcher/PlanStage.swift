import Jobs
import Model
import SQLite
import Store

/// Starts one observation of the Hub: a refresh and the job for its first page.
struct PlanStage: Stage {
    /// A refresh that has been fetching for longer has been forgotten by its pages; a new one takes its place.
    private static let longestRefresh = Duration.hours(6)

    let database: Database
    /// `nil` where the deployment has no upstream.
    let hub: HubAddress?
    /// Pages of each listing that one refresh reads.
    let pagesPerListing: Int
    /// Curated models, asked for one by one where no listing has them.
    let curated: [String]
    let now: @Sendable () -> Timestamp

    func run(_ work: PlanRefresh, _ context: JobContext) async throws(JobFailure) -> StageResult {
        guard let hub, let first = hub.listings.first else {
            return StageResult(end: .cancelled(reason: "HELICARRIER_HUB_URL is off"))
        }
        guard work.feed == "hub" else { throw .permanent("feed", "only the feed hub is fetched") }
        let moment = now()
        let running: [(id: String, startedAt: Timestamp)]
        do throws(SQLiteError) {
            running = try await database.run(.fetchingRefreshes(feed: work.feed))
        } catch {
            throw .transient("database", "\(error)")
        }
        if let newest = running.last, moment - newest.startedAt < Self.longestRefresh {
            return StageResult(end: .cancelled(reason: "the refresh \(newest.id) is still under way"))
        }
        var writes: [any Write] = running.map { stale in
            Query<Void>.setRefreshState(stale.id, state: "failed", error: "was not finished in time", endedAt: moment)
        }
        writes.append(Query<Void>.registerFeed(work.feed, now: moment))
        writes.append(
            Query<String>.startRefresh(
                feed: work.feed, origin: .upstream, observedAt: moment, state: "fetching", now: moment))
        let page = FetchPage(
            refresh: Snapshot.id(feed: work.feed, observedAt: moment), number: 1, url: first,
            pagesLeft: pagesPerListing - 1, listings: Array(hub.listings.dropFirst()), models: curated)
        return StageResult(writes: writes, next: [page.job()])
    }
}
