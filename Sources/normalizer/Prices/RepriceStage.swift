import Jobs
import Ledger
import Model

/// Computes the costs of sessions anew, a batch for each job.
struct RepriceStage: Stage {
    let prices: PriceDesk
    let now: @Sendable () -> Timestamp

    func run(_ work: RepriceSessions, _ context: JobContext) async throws(JobFailure) -> StageResult {
        StageResult(
            writes: [RepriceBatch(work, prices: prices, job: context.job, now: now())],
            wakes: [StageName.normalize.rawValue, StageName.score.rawValue])
    }
}
