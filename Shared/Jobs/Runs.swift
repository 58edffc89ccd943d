import Model
import Synchronization

/// The runs under way in a worker, so that one whose job was taken away can be stopped.
final class Runs: Sendable {
    private let tasks = Mutex<[JobID: Task<StageResult, Never>]>([:])

    /// Runs `body` to its result; the caller's cancellation reaches it.
    func run(_ id: JobID, _ body: @escaping @Sendable () async -> StageResult) async -> StageResult {
        let task = Task { await body() }
        tasks.withLock { $0[id] = task }
        defer { tasks.withLock { $0[id] = nil } }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    var ids: Set<JobID> { tasks.withLock { Set($0.keys) } }

    /// Asks runs to end whose result will not be stored.
    func cancel(_ lost: Set<JobID>) {
        let tasks = tasks.withLock { tasks in lost.compactMap { tasks[$0] } }
        for task in tasks { task.cancel() }
    }
}
