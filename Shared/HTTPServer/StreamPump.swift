import CMicroHTTPD
import Glibc
import Synchronization

/// Moves one ``BodyStream`` into one connection, a chunk at a time.
///
/// libmicrohttpd's thread calls ``read(into:)``. Where no chunk is there, the connection is suspended and a task
/// fetches the next one. The task, the socket watch and the stopping server all end that wait; the first one wins.
final class StreamPump: Sendable {
    private enum Phase {
        case sending
        /// The connection is suspended until the task has a chunk.
        case fetching(SuspendedConnections.Ticket, Task<Void, Never>)
        case ended
        /// The answer cannot be completed: the client left, or the server stops.
        case broken
    }

    private struct State {
        var phase = Phase.sending
        var chunk: [UInt8] = []
        var offset = 0
    }

    private let source: any BodyStream
    private let sockets: ServerSockets
    private let connection: ConnectionHandle
    private let ticket: SocketWatch.Ticket
    private let state = Mutex(State())
    private let sent = Atomic<Int>(0)

    init(_ source: any BodyStream, connection: ConnectionHandle, sockets: ServerSockets) {
        self.source = source
        self.connection = connection
        self.sockets = sockets
        ticket = connection.ticket
    }

    /// Bytes that went to libmicrohttpd so far.
    var bytesSent: Int { sent.load(ordering: .relaxed) }

    /// libmicrohttpd's content reader: how many bytes were written, 0 while suspended, or one of its end marks.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            if case .broken = state.phase { return MHD_CONTENT_READER_END_WITH_ERROR }
            let left = state.chunk[state.offset...]
            guard left.isEmpty else {
                let count = min(left.count, buffer.count)
                unsafe buffer.copyBytes(from: left.prefix(count))
                state.offset += count
                sent.add(count, ordering: .relaxed)
                return count
            }
            if case .ended = state.phase { return MHD_CONTENT_READER_END_OF_STREAM }
            return fetch(&state)
        }
    }

    /// Suspends the connection and starts the task. The lock that is held keeps everyone who could end the wait
    /// from doing so before it is written down.
    private func fetch(_ state: inout sending State) -> Int {
        let isThere = sockets.watch.onHangUp(ticket) {
            self.stopWaiting { $0.phase = .broken }
        }
        guard isThere else {
            state.phase = .broken
            return MHD_CONTENT_READER_END_WITH_ERROR
        }
        let suspension = sockets.suspended.suspend(connection, isEndless: source.isEndless) { ending in
            self.stopWaiting { state in
                state.phase = ending == .conclude ? .ended : .broken
            }
        }
        guard let suspension else {
            // An endless stream that the server no longer waits for has said all; anything else is cut short.
            state.phase = source.isEndless ? .ended : .broken
            return source.isEndless ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR
        }
        let task = Task { await self.fetchNext() }
        state.chunk = []
        state.offset = 0
        state.phase = .fetching(suspension, task)
        return 0
    }

    private func fetchNext() async {
        var chunk = await source.next()
        while chunk?.isEmpty == true, Task.isCancelled == false { chunk = await source.next() }
        stopWaiting { state in
            state.phase = chunk == nil ? .ended : .sending
            state.chunk = chunk ?? []
        }
    }

    /// Ends the wait, if it has not ended, and lets the connection run on in the state that `settle` leaves.
    private func stopWaiting(_ settle: (inout State) -> Void) {
        state.withLock { state in
            guard case .fetching(let suspension, let task) = state.phase else { return }
            settle(&state)
            task.cancel()
            sockets.watch.ignoreHangUp(ticket)
            sockets.suspended.resume(suspension)
        }
    }

    /// libmicrohttpd is done with the response, sent or not.
    func release() {
        state.withLock { state in
            state.phase = .broken
            state.chunk = []
            state.offset = 0
        }
    }
}

/// What the streams of one server share.
struct ServerSockets: Sendable {
    let suspended: SuspendedConnections
    let watch: SocketWatch
}

/// `MHD_ContentReaderCallback`: its context is a retained ``StreamPump``.
func readStream(
    context: UnsafeMutableRawPointer?, position: UInt64, buffer: UnsafeMutablePointer<CChar>?, count: Int
) -> Int {
    guard let context = unsafe context else { return MHD_CONTENT_READER_END_WITH_ERROR }
    let pump = unsafe Unmanaged<StreamPump>.fromOpaque(context).takeUnretainedValue()
    return unsafe pump.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
}

/// `MHD_ContentReaderFreeCallback`.
func releaseStream(context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<StreamPump>.fromOpaque(context).takeRetainedValue().release()
}
