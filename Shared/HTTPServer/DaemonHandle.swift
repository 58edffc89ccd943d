import CMicroHTTPD
import Glibc

/// A running libmicrohttpd daemon: starting it, and the two steps of stopping it.
@safe struct DaemonHandle: Sendable {
    // Guarded by the lock of ``Server``, which takes the handle out before it stops the daemon.
    nonisolated(unsafe) private let daemon: OpaquePointer

    /// The core must live until ``stop()`` has returned.
    init(on socket: ListeningSocket, core: ServerCore) throws(ServerError) {
        unsafe cmicrohttpd_answer_errors(answerUnreadable)
        let context = unsafe Unmanaged.passUnretained(core).toOpaque()
        let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        let started = unsafe withVaList(Self.options(core.settings, socket.descriptor, OpaquePointer(context))) {
            options in
            unsafe MHD_start_daemon_va(flags, socket.port, nil, nil, handleRequest, context, options)
        }
        guard let started = unsafe started else { throw .refused }
        unsafe daemon = unsafe started
    }

    /// Closes the listening socket and keeps serving the connections there are. Once: a second call would close the
    /// number again, which may be another file's by then.
    func stopAccepting() {
        let listening = unsafe MHD_quiesce_daemon(daemon)
        if listening >= 0 { close(listening) }
    }

    /// Closes every connection and waits for the threads. No connection may be suspended any more.
    func stop() {
        unsafe MHD_stop_daemon(daemon)
    }

    /// libmicrohttpd names no type for these two.
    private typealias BeginCallback =
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer?
    private typealias UnescapeCallback =
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?) -> Int

    /// The variable arguments of `MHD_start_daemon_va`: each option with its values, up to the end mark.
    private static func options(
        _ settings: ServerSettings, _ socket: Int32, _ context: OpaquePointer
    ) -> [any CVarArg] {
        let begin: BeginCallback = unsafe beginRequest
        let end: MHD_RequestCompletedCallback = unsafe endRequest
        let watch: MHD_NotifyConnectionCallback = unsafe watchConnection
        let unescape: UnescapeCallback = unsafe leaveEscaped
        var options: [(option: MHD_OPTION, values: [any CVarArg])] = unsafe [
            (.LISTEN_SOCKET, [socket]),
            (.URI_LOG_CALLBACK, [unsafeBitCast(begin, to: OpaquePointer.self), context]),
            (.NOTIFY_COMPLETED, [unsafeBitCast(end, to: OpaquePointer.self), context]),
            (.NOTIFY_CONNECTION, [unsafeBitCast(watch, to: OpaquePointer.self), context]),
            (.UNESCAPE_CALLBACK, [unsafeBitCast(unescape, to: OpaquePointer.self), context]),
            (.CONNECTION_MEMORY_LIMIT, [settings.connectionMemory]),
            (.CONNECTION_LIMIT, [UInt32(settings.connections)]),
            (.PER_IP_CONNECTION_LIMIT, [UInt32(settings.connectionsPerAddress)]),
            (.CONNECTION_TIMEOUT, [UInt32(settings.idleTimeout.components.seconds)]),
            (.STRICT_FOR_CLIENT, [Int32(1)]),
        ]
        // A pool of one thread is an error to libmicrohttpd; without a pool it has that one.
        if settings.threads > 1 { options.append((.THREAD_POOL_SIZE, [UInt32(settings.threads)])) }
        return options.flatMap { [$0.option.rawValue] + $0.values } + [MHD_OPTION.END.rawValue]
    }
}
