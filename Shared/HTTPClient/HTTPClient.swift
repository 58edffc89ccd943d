import Synchronization

/// A client for HTTP/1.1 and HTTP/2 over libcurl: any number of calls at once on one thread of its own.
///
/// Connections are kept and reused. Calls beyond the limits on connections wait, and that wait counts towards their
/// total time-out. A call ends at once when its task is cancelled.
package final class HTTPClient: Sendable {
    private let loop: TransferLoop
    private let lastID = Atomic<UInt64>(0)

    /// `authorities` is a file of certificates to trust instead of the system's bundle; those of the folder that
    /// libcurl was built with (Debian's has all of the system's) are trusted still.
    package init(userAgent: String, maximumConnections: Int, perHost: Int, authorities: String? = nil) {
        precondition(maximumConnections >= 1 && perHost >= 1, "a client needs a connection")
        loop = TransferLoop(
            TransferLoop.Rules(
                userAgent: userAgent, authorities: authorities, connections: maximumConnections,
                connectionsPerHost: perHost))
    }

    deinit {
        loop.stop()
    }

    /// Makes one call. Any status is a response; an error means that there is none.
    package func send(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
        if let fault = request.fault() { throw fault }
        let id = lastID.add(1, ordering: .relaxed).newValue
        let call = PendingCall()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let submission = Submission(id: id, request: request) { continuation.resume(returning: $0) }
                if call.submit({ loop.submit(submission) }) == false {
                    submission.complete(.failure(ClientError(.cancelled, "the task was cancelled")))
                }
            }
        } onCancel: {
            call.cancel { loop.cancel(id) }
        }
        return try result.get()
    }

    /// Ends every call that is running as `cancelled`, and the thread. Later calls are `cancelled` at once.
    package func shutdown() {
        loop.stop()
    }
}

/// Orders the submission of a call and its cancellation, which may come first.
private final class PendingCall: Sendable {
    private enum State {
        case new
        case submitted
        case cancelled
    }

    private let state = Mutex(State.new)

    /// False when the call was cancelled before.
    func submit(_ action: () -> Void) -> Bool {
        state.withLock { state in
            guard case .new = state else { return false }
            state = .submitted
            action()
            return true
        }
    }

    func cancel(_ action: () -> Void) {
        state.withLock { state in
            if case .submitted = state { action() }
            state = .cancelled
        }
    }
}
