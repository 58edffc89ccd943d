import Jobs
import Model

/// Work that is nothing but the cost of the queue: a number, and text to make the payload as long as wished.
struct NoWork: JobKind {
    static let name = "no-work"
    static let stage = StageName.notify
    static let retry = RetryPolicy(attempts: 3, firstWait: .seconds(1), longestWait: .seconds(60))
    /// How many jobs a worker takes at a time; a kind says it once, so it is read from the command line here.
    static let concurrency = Options.ofProcess.batch

    let number: Int
    let text: String

    /// The payload's length as JSON: `{"number":0,"text":""}` is what it has without any text.
    static func filling(_ bytes: Int) -> String {
        String(repeating: "x", count: max(0, bytes - 22))
    }
}

/// A stage that answers at once, and says when it was asked.
struct NoStage: Stage {
    let started: @Sendable (NoWork) -> Void

    func run(_ work: NoWork, _ context: JobContext) async throws(JobFailure) -> StageResult {
        started(work)
        return StageResult()
    }
}
