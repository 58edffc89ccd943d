import Jobs
import Model
import SQLite
import Store

// What is different about the pages of a walk over the whole Hub.
extension FetchStage {
    /// The job of a page that comes next: of a walk after a pause, and behind what is more urgent.
    func continued(_ work: FetchPage) -> NewJob {
        guard let pace = work.pace else { return work.job() }
        return work.job(priority: Sweep.priority, runAt: now() + .milliseconds(pace))
    }

    /// A walk that has come to its end. Without one of its pages all models behind it would look as if they had gone,
    /// so then there is no snapshot.
    func endWalk(_ work: FetchPage, isWhole: Bool, into result: inout StageResult) {
        guard isWhole else {
            return fail(work, "page \(work.number) is not followed: the walk has no end", into: &result)
        }
        result.next = [NormalizeRefresh(refresh: work.refresh).job(priority: Sweep.priority)]
        result.writes.append(Query<Void>.setRefreshState(work.refresh, state: "fetched"))
    }

    /// The counters moved during a walk: what it has belongs to the day before, and its cursor to an order of then.
    func overtaken(_ work: FetchPage) -> StageResult {
        let reason = "the counters moved during the walk"
        var result = StageResult(end: .cancelled(reason: reason))
        result.writes.append(
            Query<Void>.setRefreshState(work.refresh, state: "failed", error: reason, endedAt: now()))
        return result
    }

    private func fail(_ work: FetchPage, _ reason: String, into result: inout StageResult) {
        result.writes.append(
            Query<Void>.setRefreshState(work.refresh, state: "failed", error: reason, endedAt: now()))
        result.end = .dead(errorClass: "upstream", reason: reason)
    }
}
