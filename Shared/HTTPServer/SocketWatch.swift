import CMicroHTTPD
import Dispatch
import Glibc
import Synchronization
import Threads

/// One thread that notices what libmicrohttpd does not: that a client has left, and that a client still sends a body
/// that was refused.
///
/// libmicrohttpd does not poll a suspended connection, so a listener of an event stream that closes its socket would
/// be kept until the next event. And it watches its sockets by edges: when the end of a connection arrives together
/// with its last bytes, version 0.9.75 reads the bytes, misses the end, and keeps the connection until its idle
/// time-out. A flood of clients that send half a request and leave would use up all connections.
@safe final class SocketWatch: Sendable {
    /// Names one connection, or one refused client.
    typealias Ticket = UInt

    /// A connection that libmicrohttpd has open.
    private struct Connection {
        let descriptor: Int32
        /// A request has come.
        var hasAsked = false
        var hasHungUp = false
        var hangUp: (@Sendable () -> Void)?
    }

    /// A refused client that still sends.
    private struct Lingering {
        let descriptor: Int32
        let until: ContinuousClock.Instant
    }

    private struct State {
        var lastTicket: Ticket = 0
        var connections: [Ticket: Connection] = [:]
        /// The connections whose clients have left and that are still open.
        var hungUp: Set<Ticket> = []
        var lingering: [Ticket: Lingering] = [:]
        var isStopping = false
        /// Somebody waits for the last connection to be closed.
        var isClosing = false

        mutating func newTicket() -> Ticket {
            lastTicket += 1
            return lastTicket
        }
    }

    /// Sockets that are read dry at the same time, and for how long. Beyond that the client sees a reset.
    private static let lingeringLimit = 64
    private static let lingeringTime = Duration.seconds(3)
    /// How long a thread that was busy takes to tell of a connection that it has accepted.
    private static let untold = Duration.milliseconds(30)
    /// How often libmicrohttpd is reminded of clients that have left.
    private static let sweepMilliseconds: Int32 = 100

    private let poller: Int32
    private let bell: Int32
    private let state = Mutex(State())
    private let thread = Mutex<DedicatedThread?>(nil)
    /// Signalled when the last connection is closed.
    private let empty = DispatchSemaphore(value: 0)

    init() throws(ServerError) {
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard poller >= 0, bell >= 0, listen(to: bell, ticket: 0, for: EPOLLIN.rawValue) else {
            let code = errno
            throw unsafe .socket(step: "opening epoll", errno: code, reason: String(cString: strerror(code)))
        }
        thread.withLock { $0 = DedicatedThread { self.run() } }
    }

    deinit {
        close(bell)
        close(poller)
    }

    /// Watches a connection from its beginning.
    func opened(_ descriptor: Int32) -> Ticket {
        let ticket = state.withLock { state in
            let ticket = state.newTicket()
            state.connections[ticket] = Connection(descriptor: descriptor)
            return ticket
        }
        _ = listen(to: descriptor, ticket: ticket, for: EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue)
        return ticket
    }

    func asked(_ ticket: Ticket) {
        state.withLock { $0.connections[ticket]?.hasAsked = true }
    }

    /// Waits until every client that has connected has asked something, but not beyond `limit`: one that connected a
    /// moment ago is about to, and closing on it would fail a request that nobody refused. A thread may have accepted
    /// one and not told of it yet, so that none is missing has to hold for a while.
    func awaitFirstRequests(within limit: Duration) {
        let end = ContinuousClock.now + limit
        var quietSince = ContinuousClock.now
        while ContinuousClock.now < end {
            let allHave = state.withLock { $0.connections.values.allSatisfy { $0.hasAsked || $0.hasHungUp } }
            if !allHave { quietSince = .now }
            if ContinuousClock.now - quietSince >= Self.untold { return }
            usleep(2_000)
        }
    }

    /// Forgets a connection. To be called before its socket is closed, for the number may be another's then.
    func closed(_ ticket: Ticket) {
        let isLast = state.withLock { state in
            state.connections[ticket] = nil
            state.hungUp.remove(ticket)
            return state.isClosing && state.connections.isEmpty
        }
        if isLast { empty.signal() }
    }

    /// Ends every connection and waits until libmicrohttpd has closed them all, but not beyond `limit`.
    ///
    /// libmicrohttpd 0.9.75 reads a null pointer when it finds a malformed request after it was told to stop
    /// (`transmit_error_response_len` counts on a response that `MHD_queue_response` then does not keep). So nothing
    /// may be left to read by then: neither a connection nor bytes of one.
    func closeAll(within limit: Duration) {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            let isEmpty = state.withLock { state in
                state.isClosing = true
                for connection in state.connections.values {
                    shutdown(connection.descriptor, Int32(SHUT_RDWR))
                    _ = readDry(connection.descriptor)
                }
                return state.connections.isEmpty
            }
            if isEmpty { return }
            // Again after a while: libmicrohttpd may have been reading just then, and misses the end (see above).
            _ = empty.wait(timeout: .now() + .milliseconds(20))
        }
    }

    /// Calls `action` once when the client leaves. False when it has left already; then nothing is called.
    func onHangUp(_ ticket: Ticket, _ action: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.connections[ticket]?.hasHungUp == false else { return false }
            state.connections[ticket]?.hangUp = action
            return true
        }
    }

    func ignoreHangUp(_ ticket: Ticket) {
        state.withLock { $0.connections[ticket]?.hangUp = nil }
    }

    /// Reads what a refused client still sends, so that closing the connection does not reset it before the client
    /// has read the answer. Takes a copy of the descriptor; the connection itself stays libmicrohttpd's.
    func drainRefused(_ descriptor: Int32) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return }
        let ticket: Ticket? = state.withLock { state in
            guard state.lingering.count < Self.lingeringLimit, state.isStopping == false else { return nil }
            let ticket = state.newTicket()
            state.lingering[ticket] = Lingering(descriptor: copy, until: .now + Self.lingeringTime)
            return ticket
        }
        guard let ticket else {
            close(copy)
            return
        }
        _ = listen(to: copy, ticket: ticket, for: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
        // The loop sets its time-out from the list, so it has to look again.
        ring()
    }

    /// Ends the thread and waits for it.
    func stop() {
        state.withLock { $0.isStopping = true }
        ring()
        let last = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        last?.join()
    }

    private func ring() {
        var one: UInt64 = 1
        _ = unsafe write(bell, &one, MemoryLayout<UInt64>.size)
    }

    private func listen(to descriptor: Int32, ticket: Ticket, for events: UInt32) -> Bool {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: UInt64(ticket)))
        return unsafe epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    private func run() {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
        var nextSweep = ContinuousClock.now
        while state.withLock({ $0.isStopping }) == false {
            let isBusy = state.withLock { $0.hungUp.isEmpty == false || $0.lingering.isEmpty == false }
            let count = unsafe epoll_wait(
                poller, &events, Int32(events.count), isBusy ? Self.sweepMilliseconds : -1)
            for index in 0..<max(0, Int(count)) {
                handle(unsafe Ticket(events[index].data.u64))
            }
            guard .now >= nextSweep else { continue }
            remindOfHangUps()
            endLingering { $0.until <= .now }
            nextSweep = .now + .milliseconds(Int(Self.sweepMilliseconds))
        }
        endLingering { _ in true }
    }

    private func handle(_ ticket: Ticket) {
        if ticket == 0 {
            var count: UInt64 = 0
            _ = unsafe read(bell, &count, MemoryLayout<UInt64>.size)
            return
        }
        let (hangUp, lingering) = state.withLock { state in
            guard let connection = state.connections[ticket] else {
                return (nil as (@Sendable () -> Void)?, state.lingering[ticket])
            }
            state.connections[ticket]?.hasHungUp = true
            state.connections[ticket]?.hangUp = nil
            state.hungUp.insert(ticket)
            return (connection.hangUp, nil)
        }
        hangUp?()
        if let lingering, readDry(lingering.descriptor) {
            endLingering { $0.descriptor == lingering.descriptor }
        }
    }

    /// Shutting down a direction that the client has ended changes nothing but this: the kernel reports the socket
    /// anew, and libmicrohttpd looks again. Once is not enough, for it may be reading the last bytes just then.
    private func remindOfHangUps() {
        state.withLock { state in
            for ticket in state.hungUp {
                guard let connection = state.connections[ticket] else { continue }
                shutdown(connection.descriptor, Int32(SHUT_RD))
            }
        }
    }

    /// Whether the client has closed.
    private func readDry(_ descriptor: Int32) -> Bool {
        var scratch = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe recv(descriptor, &scratch, scratch.count, Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    private func endLingering(_ isOver: (Lingering) -> Bool) {
        state.withLock { state in
            for (ticket, lingering) in state.lingering where isOver(lingering) {
                state.lingering[ticket] = nil
                // The connection may hold the same socket still, and then closing alone leaves it registered.
                _ = epoll_ctl(poller, EPOLL_CTL_DEL, lingering.descriptor, nil)
                close(lingering.descriptor)
            }
        }
    }
}
