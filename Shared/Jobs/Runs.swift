import Model
import Synchronization

/// The runs under way in a worker, so that one whose job was taken away can be stopped.
final class Runs: Sendable {
    private struct Run {
        let task: Task<StageResult, Never>
        let since: ContinuousClock.Instant
    }

    private let tasks = Mutex<[JobID: Run]>([:])

    /// Runs `body` to its result; the caller's cancellation reaches it.
    func run(_ id: JobID, _ body: @escaping @Sendable () async -> StageResult) async -> StageResult {
        let task = Task { await body() }
        tasks.withLock { $0[id] = Run(task: task, since: .now) }
        defer { tasks.withLock { $0[id] = nil } }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    var ids: Set<JobID> { tasks.withLock { Set($0.keys) } }

    /// How long the oldest has lasted; `nil` where there is none.
    var longest: Duration? {
        let first = tasks.withLock { $0.values.map(\.since).min() }
        return first.map { .now - $0 }
    }

    /// Asks runs to end whose result will not be stored.
    func cancel(_ lost: Set<JobID>) {
        let tasks = tasks.withLock { tasks in lost.compactMap { tasks[$0]?.task } }
        for task in tasks { task.cancel() }
    }
}
