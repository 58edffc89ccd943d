// Dispatch's types are not marked `Sendable` on Linux; this file alone relies on its queues being so.
@unsafe @preconcurrency import Dispatch

/// A serial executor with a thread to block on, so that waiting for the disk holds up no other task.
/// (`DispatchSerialQueue` does not exist on Linux.)
final class BlockingQueue: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        queue.async {
            unsafe unowned.runSynchronously(on: self.asUnownedSerialExecutor())
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }
}
