import Glibc
import Synchronization
import Threads

/// An HTTP/1.1 server over libmicrohttpd: epoll threads that answer with what a ``Router`` says.
///
/// It starts once and stops once. Stopping lets requests in flight finish, but never waits beyond its deadline for a
/// client or a handler; idle connections and endless streams do not hold it up.
package final class Server: Sendable {
    private enum Phase {
        case idle
        case running(DaemonHandle, isAccepting: Bool)
        case stopped
    }

    private let core: ServerCore
    private let phase = Mutex(Phase.idle)
    /// Held while a stop is under way, so that a second one waits for it.
    private let stopping = Mutex(())

    package init(
        router: Router, settings: ServerSettings = ServerSettings(),
        observe: @escaping @Sendable (Exchange) -> Void = { _ in }
    ) throws(ServerError) {
        try settings.validate()
        core = try ServerCore(router: router, settings: settings, observe: observe)
    }

    deinit {
        stopNow(within: .zero)
    }

    /// Listens and serves from now on. The answer is the bound port: 0 for a descriptor without one.
    @discardableResult
    package func start(on listener: Listener) throws(ServerError) -> UInt16 {
        guard case .idle = phase.withLock({ $0 }) else { throw .alreadyStarted }
        raiseDescriptorLimit(for: core.settings.connections)
        let socket = try ListeningSocket(listener)
        let handle: DaemonHandle
        do {
            handle = try DaemonHandle(on: socket, core: core)
        } catch {
            close(socket.descriptor)
            throw error
        }
        phase.withLock { $0 = .running(handle, isAccepting: true) }
        return socket.port
    }

    /// Closes the listening socket. Connections that are open stay and are served.
    package func stopAccepting() {
        phase.withLock { phase in
            guard case .running(let handle, isAccepting: true) = phase else { return }
            handle.stopAccepting()
            phase = .running(handle, isAccepting: false)
        }
    }

    /// Stops accepting, lets requests in flight finish within `deadline`, and closes what is left.
    package func stop(within deadline: Duration = .seconds(10)) async {
        await withCheckedContinuation { continuation in
            // Stopping waits for threads of libmicrohttpd, and tasks must not block theirs.
            DedicatedThread {
                self.stopNow(within: deadline)
                continuation.resume()
            }.detach()
        }
    }

    private func stopNow(within deadline: Duration) {
        stopping.withLock { _ in
            stopAccepting()
            let last = phase.withLock { phase in
                defer { phase = .stopped }
                return phase
            }
            if case .running(let handle, _) = last {
                core.drain(within: deadline)
                core.abandon()
                core.sockets.watch.closeAll(within: .seconds(1))
                handle.stop()
            }
            core.sockets.watch.stop()
        }
    }
}

/// Lets this process open as many files as the hard limit allows, if its connections need more than it may now.
private func raiseDescriptorLimit(for connections: Int) {
    // Besides connections there are databases, event pollers, and refused clients that are read dry.
    let wanted = rlim_t(connections + 512)
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted
    else { return }
    limit.rlim_cur = min(wanted, limit.rlim_max)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
