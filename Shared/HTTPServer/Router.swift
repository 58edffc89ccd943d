/// What a router knows about a method and a path.
package enum Match: Sendable {
    case found(Route, Parameters)
    /// The path exists; these methods work on it.
    case wrongMethod(allow: [Method])
    case notFound

    /// The matched route's pattern: a label with few values, for metrics.
    package var pattern: String? {
        switch self {
        case .found(let route, _): route.pattern
        case .wrongMethod, .notFound: nil
        }
    }
}

/// The whole HTTP surface as a value: which code answers what. It needs no socket.
///
/// Literal segments win over parameters. HEAD is answered by GET where there is no route for it. Two routes with
/// the same method and the same shape are a programmer's error.
package struct Router: Sendable {
    package let routes: [Route]
    private let tree: RouteTree
    private let fault: @Sendable (Fault, Request) -> Response
    private let lateFault: (@Sendable (Fault, Request) async -> Response)?

    /// - Parameter lateFault: how the same answers look when there is time to look something up for them.
    package init(
        _ routes: [Route], fault: @escaping @Sendable (Fault, Request) -> Response,
        lateFault: (@Sendable (Fault, Request) async -> Response)? = nil
    ) {
        self.routes = routes
        self.fault = fault
        self.lateFault = lateFault
        tree = RouteTree(routes)
    }

    package func match(_ method: Method, _ path: String) -> Match {
        var found: Match?
        var allowed: Set<Method> = []
        tree.visit(path) { candidate in
            let route =
                candidate.routes.first { $0.method == method }
                ?? candidate.routes.first { method == .head && $0.method == .get }
            guard let route else {
                allowed.formUnion(candidate.routes.map(\.method))
                return false
            }
            found = .found(route, Parameters(names: route.parameterNames, values: candidate.values))
            return true
        }
        if let found { return found }
        if allowed.isEmpty { return .notFound }
        if allowed.contains(.get) { allowed.insert(.head) }
        return .wrongMethod(allow: Method.allCases.filter(allowed.contains))
    }

    /// Answers as the server would, without one.
    package func respond(to request: Request) async -> Response {
        var response =
            switch plan(for: request).answer {
            case .ready(let response): response
            case .deferred(let run): await run()
            }
        if request.method == .head { response.dropBody() }
        return response
    }

    /// The answer to a request that the server does not run.
    package func respond(to fault: Fault, _ request: Request) -> Response {
        Self.completed(self.fault(fault, request), fault)
    }

    /// The same with what had to be looked up for it.
    package func refusal(of request: Request, for fault: Fault) async -> Response {
        guard let lateFault, fault != .unavailable else { return respond(to: fault, request) }
        return Self.completed(await lateFault(fault, request), fault)
    }

    /// A 405 always carries `Allow` (RFC 9110, 15.5.6).
    private static func completed(_ response: Response, _ fault: Fault) -> Response {
        guard case .methodNotAllowed(let allow) = fault, response.header("Allow") == nil else { return response }
        var response = response
        response.headers.append(HeaderField("Allow", allow.map(\.rawValue).joined(separator: ", ")))
        return response
    }

    /// How a refusal is going to be answered.
    func plan(for fault: Fault, _ request: Request) -> Plan {
        guard lateFault != nil, fault != .unavailable else {
            return Plan(answer: .ready(respond(to: fault, request)), pattern: nil)
        }
        return Plan(answer: .deferred { await refusal(of: request, for: fault) }, pattern: nil)
    }

    /// How one request is going to be answered. A HEAD keeps its body here: libmicrohttpd drops it and keeps its
    /// length.
    struct Plan {
        enum Answer {
            case ready(Response)
            case deferred(@Sendable () async -> Response)
        }

        let answer: Answer
        let pattern: String?
    }

    func plan(for request: Request) -> Plan {
        switch match(request.method, request.path) {
        case .found(let route, let parameters):
            switch route.handler {
            case .immediate(let handle):
                Plan(answer: .ready(handle(request, parameters)), pattern: route.pattern)
            case .deferred(let handle):
                Plan(answer: .deferred { await handle(request, parameters) }, pattern: route.pattern)
            }
        case .wrongMethod(let allow):
            plan(for: .methodNotAllowed(allow: allow), request)
        case .notFound:
            plan(for: .notFound, request)
        }
    }
}

extension Response {
    /// HEAD equals GET without its body, and says how long that body would be (RFC 9110, section 9.3.2).
    fileprivate mutating func dropBody() {
        if case .bytes(let bytes) = body, header("Content-Length") == nil {
            headers.append(HeaderField("Content-Length", "\(bytes.count)"))
        }
        body = .bytes([])
    }
}
