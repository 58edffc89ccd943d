import Daemon
import Deployment
import HTTPServer
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

    init(site: Site, answers: Answers) {
        self.site = site
        self.answers = answers
        gate = TokenGate(site: site, answers: answers)
        limiter = site.limiter
        origins = site.settings.origins
    }

    /// The routes of operations, with the answers to browsers that ask before they send.
    func routes(_ operations: [Operation]) -> [Route] {
        var routes = operations.map { operation in
            Route(operation.method, operation.path) { request, parameters in
                await answer(operation, request, parameters)
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

    private func answer(_ operation: Operation, _ request: Request, _ parameters: Parameters) async -> Response {
        let now = SystemClock.now()
        let caller: Caller
        var refusal: Response?
        switch await gate.caller(request, now: now) {
        case .known(let known):
            caller = known
            refusal = refuse(operation, known, request)
        case .refused(let refused):
            // Whoever guesses tokens is counted by address.
            let plans = site.settings.plans
            caller = Caller.unknown(request, plan: plans?.anonymous ?? plans?.standard)
            refusal = refused
        }
        let account = await limiter.charge(caller.account, caller.limit(site.settings), now: now)
        if !account.isGranted {
            refusal = answers.problem(
                .rateLimited, "The limit of \(account.limit.text) is used up.", request,
                headers: [HeaderField("Retry-After", "\(account.retryAfter)")])
        }
        if refusal == nil, let plan = caller.plan { refusal = await roomFault(operation, plan, request) }
        var response: Response
        if let refusal { response = refusal } else { response = await operation.handle(request, parameters) }
        var left = account
        if response.status == 304 { left = limiter.giveBack(caller.account, account) }
        response.headers += left.headers
        response.headers.append(HeaderField("X-Plan", caller.plan?.name ?? PlanBook.openName))
        if let sla = caller.plan?.sla { response.headers.append(HeaderField("X-SLA", sla)) }
        if let deprecation = operation.deprecation { response.headers += deprecation.headers }
        origins.mark(&response, request)
        return response
    }

    /// Why a plan has no room for one subscription more. What counts is how many the deployment has: they belong to it,
    /// and not to a token.
    private func roomFault(_ operation: Operation, _ plan: Plan, _ request: Request) async -> Response? {
        guard operation.feature == .webhooks, let open = site.open,
            let count = try? await open.reader.run(.subscriptionCount()).first, count >= plan.subscriptions
        else { return nil }
        return answers.problem(
            .planLimit, "The plan \(plan.name) has room for \(plan.subscriptions) webhook subscriptions.", request)
    }

    /// Why a caller that is known is not let through.
    private func refuse(_ operation: Operation, _ caller: Caller, _ request: Request) -> Response? {
        if let scope = operation.scope, !caller.holds(scope) {
            guard caller.isAnonymous else {
                return answers.problem(.forbidden, "The token lacks the scope \(scope).", request)
            }
            return answers.problem(.unauthorized, TokenGate.advice, request)
        }
        if operation.scope == nil, caller.isAnonymous, let plans = site.settings.plans, plans.anonymous == nil {
            return answers.problem(.unauthorized, TokenGate.advice, request)
        }
        if let plans = site.settings.plans, let plan = caller.plan,
            let missing = plan.missing(for: operation, request, profiles: site.settings.profiles)
        {
            let others = plans.plans.filter { $0.has(missing) }.map(\.name).joined(separator: ", ")
            let place = others.isEmpty ? "No plan has that." : "It is part of: \(others)."
            return answers.problem(
                .planLimit, "The plan \(plan.name) does not have \(missing.words). \(place)", request)
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
