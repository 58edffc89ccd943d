import Synchronization

/// One request from its first line to the end of its answer: what libmicrohttpd carries as the request's context.
///
/// Everything but ``reply`` is touched only by the one thread that serves the connection.
final class Transaction {
    let target: String
    private let targetIsText: Bool
    private let started = ContinuousClock.now
    private(set) var request: Request
    /// Why the request will not be run, known from its head or from the length of its body.
    private(set) var fault: Fault?
    private(set) var bytesReceived = 0
    /// Whether libmicrohttpd called for the first time, with the head only.
    private(set) var hasHead = false
    /// Whether a body follows the head.
    private(set) var hasBody = false

    /// The answer of a deferred handler, on its way from the task to the connection's thread.
    let reply = LateReply()

    var route: String?
    var status: Int?
    var pump: StreamPump?
    var bodyLength = 0

    init(target: UnsafePointer<CChar>?) {
        let valid = unsafe target.flatMap { unsafe String(validatingCString: $0) }
        let repaired = unsafe target.map { unsafe String(cString: $0) } ?? ""
        self.target = repaired
        targetIsText = valid != nil
        request = Request(
            method: .other, target: repaired, parts: nil, headers: [], body: [], remoteAddress: "unknown")
    }

    /// Takes in the head of the request and decides what can be decided from it.
    func readHead(method: String, connection: ConnectionHandle, settings: ServerSettings) {
        hasHead = true
        let headers = connection.headers()
        request.method = Method(token: method)
        request.headers = headers
        request.remoteAddress = connection.remoteAddress
        let head = RequestHead(target: targetIsText ? target : nil, headers: headers)
        hasBody = head.hasBody
        switch head.verdict(settings) {
        case .refuse(let fault):
            self.fault = fault
        case .accept(let parts, let length):
            request.path = parts.path
            request.query = parts.query
            request.body.reserveCapacity(length)
        }
    }

    /// Takes in a piece of the body. False when the connection is to be closed: far too much was sent.
    func readBody(_ bytes: UnsafeRawBufferPointer, settings: ServerSettings) -> Bool {
        bytesReceived += bytes.count
        if bytesReceived > settings.bodyLimit {
            fault = fault ?? .payloadTooLarge(limit: settings.bodyLimit)
            request.body = []
        } else if fault == nil {
            unsafe request.body.append(contentsOf: bytes)
        }
        return bytesReceived <= settings.discardLimit
    }

    func exchange(isComplete: Bool) -> Exchange {
        let hasNoBody = request.method == .head || status == 204 || status == 304
        return Exchange(
            method: request.method, target: target, route: route, status: status ?? 0,
            duration: ContinuousClock.now - started, bytesReceived: bytesReceived,
            bytesSent: hasNoBody ? 0 : pump?.bytesSent ?? bodyLength,
            remoteAddress: request.remoteAddress, isComplete: isComplete)
    }
}

/// A place for one answer that a task makes. The first answer stays, and ends the task.
final class LateReply: Sendable {
    private struct State {
        var response: Response?
        var task: Task<Void, Never>?
    }

    private let state = Mutex(State())

    func expect(_ task: Task<Void, Never>) {
        state.withLock { state in
            if state.response == nil { state.task = task } else { task.cancel() }
        }
    }

    func settle(_ response: Response) {
        state.withLock { state in
            if state.response == nil { state.response = response }
            state.task?.cancel()
            state.task = nil
        }
    }

    var response: Response? {
        state.withLock { $0.response }
    }
}
