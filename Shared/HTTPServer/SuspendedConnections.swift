import Synchronization

/// The connections that wait for a task, and the only place that suspends and resumes them.
///
/// libmicrohttpd aborts the process when it stops while a connection is suspended. So each is listed here, is resumed
/// exactly once, and after ``close()`` none is suspended any more.
final class SuspendedConnections: Sendable {
    /// Names one suspension.
    typealias Ticket = UInt64

    /// How a suspension ends when its task does not end it.
    enum Ending {
        /// Nothing more follows: the answer ends where it is.
        case conclude
        /// The server stops and will not wait.
        case abandon
    }

    /// Whoever waits. Told of the ending before the connection runs again.
    private struct Waiting {
        let connection: ConnectionHandle
        let isEndless: Bool
        let end: @Sendable (Ending) -> Void
    }

    private enum Phase {
        case open
        /// Endless streams are over; the rest may finish.
        case draining
        case closed
    }

    private struct State {
        var phase = Phase.open
        var lastTicket: Ticket = 0
        var waiting: [Ticket: Waiting] = [:]
    }

    private let state = Mutex(State())

    /// Suspends a connection from within one of its callbacks. `nil` when the server no longer waits for such a one.
    func suspend(
        _ connection: ConnectionHandle, isEndless: Bool, end: @escaping @Sendable (Ending) -> Void
    ) -> Ticket? {
        state.withLock { state in
            switch state.phase {
            case .closed: return nil
            case .draining where isEndless: return nil
            case .open, .draining: break
            }
            connection.suspend()
            state.lastTicket += 1
            state.waiting[state.lastTicket] = Waiting(connection: connection, isEndless: isEndless, end: end)
            return state.lastTicket
        }
    }

    /// Lets the connection run again. Does nothing for a ticket that was ended already.
    func resume(_ ticket: Ticket) {
        state.withLock { state in
            guard let waiting = state.waiting.removeValue(forKey: ticket) else { return }
            waiting.connection.resume()
        }
    }

    /// Ends the endless streams and admits no more of them.
    func drain() {
        let endless = state.withLock { state in
            if case .open = state.phase { state.phase = .draining }
            let endless = state.waiting.filter(\.value.isEndless)
            for ticket in endless.keys { state.waiting[ticket] = nil }
            return endless
        }
        end(endless.values, .conclude)
    }

    /// Ends every wait and admits no more.
    func close() {
        let all = state.withLock { state in
            state.phase = .closed
            defer { state.waiting = [:] }
            return state.waiting
        }
        end(all.values, .abandon)
    }

    private func end(_ waiting: some Collection<Waiting>, _ ending: Ending) {
        for one in waiting {
            one.end(ending)
            one.connection.resume()
        }
    }
}
