import Jobs
import Model
import SQLite
import Store

/// A kind of work whose only purpose is the trace that it leaves.
protocol Traced: JobKind {
    /// Whether a run asks for another job.
    var follows: Bool { get }
}

extension Traced {
    static var stage: StageName { .fetch }
    /// More attempts than a scenario has faults: none of these jobs dies of them.
    static var retry: RetryPolicy {
        RetryPolicy(attempts: 50, firstWait: .milliseconds(20), longestWait: .milliseconds(100))
    }
    static var concurrency: Int { Orders.ofProcess.slots }
}

/// What tests enqueue.
struct Toil: Traced {
    static let name = "toil"
    let follows: Bool
}

/// What a ``Toil`` asks for.
struct Echo: Traced {
    static let name = "echo"
    var follows: Bool { false }
}

/// What comes back with the clock.
struct Tick: Traced {
    static let name = "tick"
    var follows: Bool { false }
}

/// Takes its time, and leaves one row for each attempt that is kept.
struct TracedStage<Work: Traced>: Stage {
    func run(_ work: Work, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let orders = Orders.ofProcess
        do {
            try await Task.sleep(for: orders.workTime / 2)
            orders.strike?.pass(.inWork)
            try await Task.sleep(for: orders.workTime / 2)
        } catch {
            throw .interrupted
        }
        return StageResult(
            writes: [Self.effect(of: context, ballast: orders.ballast)],
            next: work.follows ? [Echo().job()] : [])
    }

    private static func effect(of context: JobContext, ballast: Int) -> Query<Void> {
        Query<Void>(
            "INSERT INTO effect (job, attempt, worker, ballast) VALUES (?1, ?2, ?3, zeroblob(?4))",
            [.integer(context.job.rawValue), .integer(context.attempt), .text(context.worker), .integer(ballast)])
    }
}
