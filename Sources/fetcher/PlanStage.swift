import Jobs
import Model
import SQLite
import Store

/// Starts one observation of the Hub: a refresh and the job for its first page.
struct PlanStage: Stage {
    /// A refresh that has been fetching for longer has been forgotten by its pages; a new one takes its place. So it
    /// does where no job of a page is left.
    private static let longestRefresh = Duration.hours(6)

    let database: Database
    /// `nil` where the deployment has no upstream.
    let hub: HubAddress?
    /// Pages of each listing that one refresh reads.
    let pagesPerListing: Int
    /// Curated models, asked for one by one where no listing has them.
    let curated: [String]
    /// How the whole Hub is walked; `nil` where it is not.
    var sweep: Sweep?
    let now: @Sendable () -> Timestamp

    func run(_ work: PlanRefresh, _ context: JobContext) async throws(JobFailure) -> StageResult {
        guard let hub, let first = hub.listings.first else {
            return StageResult(end: .cancelled(reason: "HELICARRIER_HUB_URL is off"))
        }
        let walk = work.feed == Sweep.feed ? sweep : nil
        guard work.feed == "hub" || walk != nil else {
            throw .permanent("feed", "only the feed hub is fetched, and \(Sweep.feed) with HELICARRIER_SWEEP")
        }
        let moment = now()
        let known = try await known(work.feed)
        let running = known.running
        if let newest = running.last, newest.isWorkedOn,
            moment - newest.startedAt < walk?.longest ?? Self.longestRefresh
        {
            return StageResult(end: .cancelled(reason: "the refresh \(newest.id) is still under way"))
        }
        if let walk, let reason = walk.reasonToWait(last: known.last, epoch: known.epoch, now: moment) {
            return StageResult(end: .cancelled(reason: reason))
        }
        var writes: [any Write] = running.map { stale in
            Query<Void>.setRefreshState(
                stale.id, state: "failed",
                error: stale.isWorkedOn ? "was not finished in time" : "the job of its next page was given up",
                endedAt: moment)
        }
        writes.append(Query<Void>.registerFeed(work.feed, now: moment))
        writes.append(
            Query<String>.startRefresh(
                feed: work.feed, origin: .upstream, observedAt: moment, state: "fetching", now: moment))
        let refresh = Snapshot.id(feed: work.feed, observedAt: moment)
        if let walk {
            let page = FetchPage(
                refresh: refresh, number: 1, url: hub.everything, pagesLeft: Sweep.mostPages - 1,
                pace: walk.pace(pages: known.calls).milliseconds)
            return StageResult(writes: writes, next: [page.job(priority: Sweep.priority)])
        }
        let page = FetchPage(
            refresh: refresh, number: 1, url: first, pagesLeft: pagesPerListing - 1,
            listings: Array(hub.listings.dropFirst()), models: curated)
        return StageResult(writes: writes, next: [page.job()])
    }

    /// What the database knows of a feed's observations.
    private struct Known: Sendable {
        let running: [(id: String, startedAt: Timestamp, isWorkedOn: Bool)]
        var last: Sweep.Last?
        var epoch: Timestamp?
        var calls: Int?
    }

    private func known(_ feed: String) async throws(JobFailure) -> Known {
        do throws(SQLiteError) {
            return try await database.read { db throws(SQLiteError) in
                var known = Known(running: try db.run(.fetchingRefreshes(feed: feed)))
                guard feed == Sweep.feed else { return known }
                known.last = try db.run(.newestUpstreamRefresh(feed: feed)).first.map {
                    // One that is still being fetched has been forgotten by its pages when this is asked.
                    Sweep.Last(startedAt: $0.startedAt, isFailed: ["failed", "fetching"].contains($0.state))
                }
                known.epoch = try db.run(.newestEpoch(feed: "hub")).first
                known.calls = try db.run(.newestCalls(feed: feed)).first
                return known
            }
        } catch {
            throw .transient("database", "\(error)")
        }
    }
}
