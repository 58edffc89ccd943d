package import Model
import Store
import Telemetry

/// A kind with the stage that runs it, the stage's type forgotten: what a ``Worker`` is made of.
package struct KindRunner: Sendable {
    package let kind: String
    package let stage: StageName
    package let concurrency: Int
    private let body: @Sendable (ClaimedJob, JobContext) async throws(JobFailure) -> StageResult
    private let retry: RetryPolicy

    package init<S: Stage>(_ stage: S) {
        kind = S.Work.name
        self.stage = S.Work.stage
        concurrency = S.Work.concurrency
        retry = S.Work.retry
        body = { (job: ClaimedJob, context: JobContext) async throws(JobFailure) -> StageResult in
            let work = try S.Work(payload: job.payload, version: job.payloadVersion)
            return try await stage.run(work, context)
        }
    }

    /// Runs a job to its result. Failures become ends by the kind's policy; nothing is thrown.
    func run(
        _ job: ClaimedJob, log: Logger, now: @Sendable () -> Timestamp, chance: @Sendable () -> Double
    ) async -> StageResult {
        let context = JobContext(
            job: job.id, attempt: job.attempt, isLastAttempt: job.attempt >= job.maxAttempts, worker: job.worker,
            traceParent: job.traceParent, log: log)
        // The stop came between the claim and the run.
        if Task.isCancelled { return StageResult(end: .released) }
        do {
            var result = try await body(job, context)
            result.next = result.next.map { next in
                var next = next
                next.parent = next.parent ?? job.id
                next.traceParent = next.traceParent ?? job.traceParent
                return next
            }
            return result
        } catch {
            let policy = RetryPolicy(
                attempts: job.maxAttempts, firstWait: retry.firstWait, longestWait: retry.longestWait)
            return StageResult(end: policy.end(after: error, attempt: job.attempt, now: now(), jitter: chance()))
        }
    }
}
