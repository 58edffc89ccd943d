import Glibc

/// A thread of its own for code that blocks.
///
/// Not a dispatch queue: Dispatch counts such a thread as one of its few, and adds others only by the second.
@safe package struct DedicatedThread: Sendable {
    private let handle: pthread_t

    /// What the new thread runs, on its way there.
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Starts at once.
    package init(_ body: @escaping @Sendable () -> Void) {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        precondition(status == 0, "the system refuses another thread")
        self.handle = handle
    }

    /// Waits for the end of the thread. Either this or ``detach()``, once.
    package func join() {
        _ = pthread_join(handle, nil)
    }

    /// Lets the thread end by itself.
    package func detach() {
        _ = pthread_detach(handle)
    }
}
