import Daemon
import HTTPServer

/// Who may use the ledger's routes: holders of the deployment's secret (`x-secret-key`), and tokens with the route's
/// scope. Its refusals are v3's own.
struct LedgerGate: Sendable {
    let site: Site

    /// The code behind a route, run for whoever may.
    typealias Handler = @Sendable (Request, Parameters, Site.Open) async -> Response

    /// A route that needs a scope.
    func route(_ method: Method, _ pattern: String, scope: String, _ handler: @escaping Handler) -> Route {
        Route(
            method, pattern,
            deferred: { request, parameters in
                let caller: Caller
                switch await judge(request, scope: scope) {
                case .known(let known): caller = known
                case .refused(let refusal): return refusal
                }
                guard site.settings.keepsSessions else { return LedgerAnswer.switchedOff }
                guard let open = site.open else { return LedgerAnswer.unavailable }
                return await Caller.$current.withValue(caller) { await handler(request, parameters, open) }
            })
    }

    private static let unauthorized = LedgerAnswer.error(401, "Unauthorized")

    /// The answer to one who may not; `nil` for one who may.
    func refuse(_ request: Request, scope: String) async -> Response? {
        if case .refused(let refusal) = await judge(request, scope: scope) { refusal } else { nil }
    }

    /// Who asks, if they may.
    private func judge(_ request: Request, scope: String) async -> TokenGate.Verdict {
        switch await Credentials.of(request.headers, site, now: SystemClock.now()) {
        case .secret: return .known(.secret)
        case .token(let token):
            let caller = Caller.token(token, plan: nil)
            return caller.holds(scope) ? .known(caller) : .refused(LedgerAnswer.error(403, "Forbidden"))
        case .none, .malformed:
            return .refused(
                site.settings.secret == nil
                    ? LedgerAnswer.error(500, "Server auth is not configured.") : Self.unauthorized)
        case .worthless: return .refused(Self.unauthorized)
        case .unreadable: return .refused(LedgerAnswer.unavailable)
        }
    }
}
