import CMicroHTTPD
import Dispatch
import Synchronization

/// What libmicrohttpd's callbacks work on: the router, the limits, and the requests in flight.
final class ServerCore: Sendable {
    let router: Router
    let settings: ServerSettings
    let sockets: ServerSockets
    private let observe: @Sendable (Exchange) -> Void
    private let load = Mutex(Load())
    /// Signalled once, when a draining server has no request left.
    private let idle = DispatchSemaphore(value: 0)

    private struct Load {
        var requests = 0
        var isDraining = false
    }

    init(
        router: Router, settings: ServerSettings, observe: @escaping @Sendable (Exchange) -> Void
    ) throws(ServerError) {
        self.router = router
        self.settings = settings
        self.observe = observe
        sockets = try ServerSockets(suspended: SuspendedConnections(), watch: SocketWatch())
    }

    func end(_ transaction: Transaction, isComplete: Bool) {
        // Only a request whose head was complete was begun.
        guard transaction.hasHead else { return }
        observe(transaction.exchange(isComplete: isComplete))
        let isLast = load.withLock { load in
            load.requests -= 1
            return load.isDraining && load.requests == 0
        }
        if isLast { idle.signal() }
    }

    /// libmicrohttpd's calls for one request: the head, pieces of the body, and the end; and once more after a
    /// deferred handler has answered.
    func handle(
        _ transaction: Transaction, _ connection: ConnectionHandle, method: String, piece: UnsafeRawBufferPointer
    ) -> MHD_Result {
        guard transaction.hasHead else {
            load.withLock { $0.requests += 1 }
            if let ticket = connection.context?.ticket { sockets.watch.asked(ticket) }
            transaction.readHead(method: method, connection: connection, settings: settings)
            guard let fault = transaction.fault, transaction.hasBody else { return .YES }
            // Answering now closes the connection, which is right: its body is not going to be read.
            sockets.watch.drainRefused(connection.descriptor)
            return send(soon(fault, transaction.request), transaction, connection)
        }
        if unsafe piece.isEmpty == false {
            return unsafe transaction.readBody(piece, settings: settings) ? .YES : .NO
        }
        if let response = transaction.reply.response { return send(response, transaction, connection) }
        let plan =
            transaction.fault.map { router.plan(for: $0, transaction.request) } ?? router.plan(for: transaction.request)
        transaction.route = plan.pattern
        switch plan.answer {
        case .ready(let response): return send(response, transaction, connection)
        case .deferred(let run): return wait(for: run, transaction, connection)
        }
    }

    /// Runs a deferred handler as a task while the connection is suspended.
    ///
    /// The task has no parent: it begins in a callback from C. Stopping the server cancels it and does not wait for
    /// it, for a handler that ignores its cancellation must not hold the process up.
    private func wait(
        for run: @escaping @Sendable () async -> Response, _ transaction: Transaction, _ connection: ConnectionHandle
    ) -> MHD_Result {
        let reply = transaction.reply
        let unavailable = router.respond(to: .unavailable, transaction.request)
        let suspended = sockets.suspended
        let ticket = suspended.suspend(connection, isEndless: false) { _ in reply.settle(unavailable) }
        guard let ticket else { return send(unavailable, transaction, connection) }
        reply.expect(
            Task {
                reply.settle(await run())
                suspended.resume(ticket)
            })
        return .YES
    }

    /// How long a refusal that cannot be deferred may wait for what is looked up for it.
    private static let patience = DispatchTimeInterval.milliseconds(50)

    /// A refusal that libmicrohttpd wants within the callback: it takes no answer between a head and its body.
    private func soon(_ fault: Fault, _ request: Request) -> Response {
        guard case .deferred(let run) = router.plan(for: fault, request).answer else {
            return router.respond(to: fault, request)
        }
        let reply = LateReply()
        let done = DispatchSemaphore(value: 0)
        reply.expect(
            Task {
                reply.settle(await run())
                done.signal()
            })
        if done.wait(timeout: .now() + Self.patience) == .timedOut { reply.settle(router.respond(to: fault, request)) }
        return reply.response ?? router.respond(to: fault, request)
    }

    /// Answers a request that libmicrohttpd could not read; it closes the connection afterwards.
    func refuse(_ fault: Fault, _ transaction: Transaction?, _ connection: ConnectionHandle) {
        let request = Request(unreadable: transaction?.target, from: connection)
        let answer = LastAnswer(soon(fault, request))
        answer.send(to: connection.descriptor)
        // What the client still sends is read, or the end of the connection would take the answer with it.
        sockets.watch.drainRefused(connection.descriptor)
    }

    private func send(_ response: Response, _ transaction: Transaction, _ connection: ConnectionHandle) -> MHD_Result {
        transaction.status = response.status
        switch response.body {
        case .bytes(let bytes): transaction.bodyLength = bytes.count
        case .stream(let source):
            transaction.pump = StreamPump(source, connection: connection, sockets: sockets)
        }
        let closing = load.withLock { $0.isDraining }
        guard let reply = Reply(response, closing: closing, pump: transaction.pump) else { return .NO }
        return connection.queue(reply)
    }

    /// Tells clients to close, ends endless streams, and waits until no request is left, but not beyond `deadline`.
    func drain(within deadline: Duration) {
        load.withLock { $0.isDraining = true }
        sockets.suspended.drain()
        sockets.watch.awaitFirstRequests(within: min(deadline, Self.firstRequest))
        waitUntilIdle(within: deadline)
    }

    /// How long a stop waits for the first request of a connection. Clients that connect ahead of time never send one.
    private static let firstRequest = Duration.seconds(1)

    /// Answers with 503 for the handlers that are not done, cuts streams, and leaves a moment for that to be sent.
    func abandon() {
        sockets.suspended.close()
        waitUntilIdle(within: .milliseconds(500))
    }

    private func waitUntilIdle(within limit: Duration) {
        let end = DispatchTime.now() + limit.seconds
        while load.withLock({ $0.requests }) > 0, idle.wait(timeout: end) == .success {}
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
