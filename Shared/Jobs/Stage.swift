package import Model
package import SQLite
package import Store
package import Telemetry

/// One step of the pipeline. A stage computes; the ``Worker`` commits.
///
/// Because a stage returns its writes instead of doing them, they are stored in the same transaction that ends
/// the job, and a test can check them without a database.
package protocol Stage: Sendable {
    associatedtype Work: JobKind
    func run(_ work: Work, _ context: JobContext) async throws(JobFailure) -> StageResult
}

/// What a stage is told about the run beside its payload.
package struct JobContext: Sendable {
    package let job: JobID
    package let attempt: Int
    package let isLastAttempt: Bool
    package let worker: String
    package let traceParent: String?
    package let log: Logger

    package init(
        job: JobID, attempt: Int = 1, isLastAttempt: Bool = false, worker: String = "test", traceParent: String? = nil,
        log: Logger
    ) {
        self.job = job
        self.attempt = attempt
        self.isLastAttempt = isLastAttempt
        self.worker = worker
        self.traceParent = traceParent
        self.log = log
    }
}

/// What a run wants stored, and what comes next; all of it in one transaction with the end of the job.
package struct StageResult: Sendable {
    package var end: JobEnd
    package var writes: [any Write]
    package var next: [NewJob]
    /// Listeners to wake beside those of the next jobs' stages.
    package var wakes: Set<String>

    package init(
        end: JobEnd = .done, writes: [any Write] = [], next: [NewJob] = [], wakes: Set<String> = []
    ) {
        self.end = end
        self.writes = writes
        self.next = next
        self.wakes = wakes
    }
}
