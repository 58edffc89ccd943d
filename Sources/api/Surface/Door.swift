import Daemon
import Deployment
import HTTPServer
import Model
import SQLite
import Store

/// What every request of v4 passes before its route sees it, and what every answer gets on its way out: who asks, how
/// often they may, what their plan has, and what they take.
struct Door: Sendable {
    let site: Site
    let answers: Answers
    let gate: TokenGate
    let limiter: RateLimiter
    let origins: AllowedOrigins
    let desk: IdempotencyDesk

    init(site: Site, answers: Answers) {
        self.site = site
        self.answers = answers
        gate = TokenGate(site: site, answers: answers)
        limiter = site.limiter
        origins = site.settings.origins
        desk = IdempotencyDesk(answers: answers)
    }

    /// The routes of operations, with the answers to browsers that ask before they send.
    func routes(_ operations: [Operation]) -> [Route] {
        var routes = operations.compactMap { operation in
            operation.handle.map { handle in
                Route(operation.method, operation.path) { request, parameters in
                    await answer(operation, handle, request, parameters)
                }
            }
        }
        guard !origins.isEmpty else { return routes }
        let methods = Dictionary(grouping: operations, by: \.path).mapValues { $0.map(\.method.rawValue) }
        for (path, methods) in methods {
            routes.append(
                Route(.options, path) { request, _ in
                    answers.marked(origins.preflight(request, methods: methods))
                })
        }
        return routes
    }

    private func answer(
        _ operation: Operation, _ handle: @escaping Operation.Handle, _ request: Request, _ parameters: Parameters
    ) async -> Response {
        let now = SystemClock.now()
        var (caller, refusal) = await visitor(request, now: now)
        if refusal == nil { refusal = refuse(operation, caller, request) }
        let account = await limiter.charge(caller.account, caller.limit(site.settings), now: now)
        // What has not changed is free: that is known once the route has answered.
        let mayBeFree = request.isConditionalRead
        if !account.isGranted, !mayBeFree { refusal = tooMany(account, request) }
        var response: Response
        if let refusal {
            response = refusal
        } else {
            response = await Caller.$current.withValue(caller) {
                guard operation.takesKey else { return await handle(request, parameters) }
                return await desk.once(request, open: site.open, now: now) {
                    await handle(request, parameters)
                }
            }
        }
        if !account.isGranted, refusal == nil, response.status != 304 { response = tooMany(account, request) }
        let left = response.status == 304 ? limiter.giveBack(caller.account, account) : account
        if let deprecation = operation.deprecation { response.headers += deprecation.headers }
        return marked(response, caller, left, request)
    }

    /// The answer to a request that no route takes, with the marks of every v4 answer, and counted as every other: who
    /// asks for what is not there is not better off.
    func refuse(_ fault: Fault, _ request: Request) async -> Response {
        guard Self.isOurs(request.path) else { return answers.fault(fault, request) }
        let now = SystemClock.now()
        let (caller, _) = await visitor(request, now: now)
        let account = await limiter.charge(caller.account, caller.limit(site.settings), now: now)
        let response = account.isGranted ? answers.fault(fault, request) : tooMany(account, request)
        return marked(response, caller, account, request)
    }

    /// Whether a path is v4's. An empty one is of a request that could not be read so far: it may have been.
    private static func isOurs(_ path: String) -> Bool {
        path.isEmpty || path == "/api/v4" || path.hasPrefix("/api/v4/")
    }

    /// Who asks, and the answer to one who offers what opens nothing: whoever guesses tokens is counted by address.
    private func visitor(_ request: Request, now: Timestamp) async -> (Caller, Response?) {
        switch await gate.caller(request, now: now) {
        case .known(let known): return (known, nil)
        case .refused(let refused):
            let plans = site.settings.plans
            return (Caller.unknown(request, plan: plans?.anonymous ?? plans?.standard), refused)
        }
    }

    private func tooMany(_ account: RateLimiter.Verdict, _ request: Request) -> Response {
        answers.problem(
            .rateLimited, "The limit of \(account.limit.text) is used up.", request,
            headers: [HeaderField("Retry-After", "\(account.retryAfter)")])
    }

    /// What every answer of v4 carries.
    private func marked(
        _ response: Response, _ caller: Caller, _ account: RateLimiter.Verdict, _ request: Request
    ) -> Response {
        var response = response
        response.headers += account.headers
        response.headers.append(HeaderField("X-Plan", caller.plan?.name ?? PlanBook.openName))
        if let sla = caller.plan?.sla { response.headers.append(HeaderField("X-SLA", sla)) }
        origins.mark(&response, request)
        return response
    }

    /// Why a caller that is known is not let through.
    private func refuse(_ operation: Operation, _ caller: Caller, _ request: Request) -> Response? {
        if let scope = operation.scope, !caller.holds(scope) {
            guard caller.isAnonymous else {
                return answers.problem(.forbidden, "The token lacks the scope \(scope).", request)
            }
            return answers.problem(.unauthorized, TokenGate.advice, request)
        }
        if operation.scope == nil, !operation.hasOwnProof, caller.isAnonymous, let plans = site.settings.plans,
            plans.anonymous == nil
        {
            return answers.problem(.unauthorized, TokenGate.advice, request)
        }
        if let plans = site.settings.plans, let plan = caller.plan,
            let missing = plan.missing(for: operation, request, profiles: site.settings.profiles)
        {
            return answers.problem(.planLimit, plans.refusal(plan, missing), request)
        }
        let types = operation.types(for: request)
        guard types.isEmpty || MediaRange.accepts(types, request.headers) else {
            return answers.problem(
                .notAcceptable, "This route gives \(types.joined(separator: ", ")).", request,
                faults: [Self.fault("Accept", "excludes what the route gives")])
        }
        guard ContentCoding.Choice(request.headers).best != nil else {
            return answers.problem(
                .notAcceptable, "Bodies are sent as they are, or as gzip or zstd.", request,
                faults: [Self.fault("Accept-Encoding", "excludes every coding that there is")])
        }
        return nil
    }

    private static func fault(_ header: String, _ message: String) -> Problem.Fault {
        Problem.Fault(place: .header(header), code: "not_acceptable", message: message)
    }
}

extension Request {
    /// A read that names what its sender has.
    fileprivate var isConditionalRead: Bool {
        [.get, .head].contains(method) && headers.first("If-None-Match") != nil
    }
}
