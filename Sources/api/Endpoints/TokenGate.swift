import Deployment
import HTTPServer
import Model
import Store

/// Who a request of v4 is from: the holder of a token, of the deployment's secret, or nobody in particular. Its
/// refusals are v4's problems.
struct TokenGate: Sendable {
    let site: Site
    let answers: Answers

    static let advice = "Send a token: Authorization: Bearer hc_…; `helicarrier token create` makes one."

    /// Who a request is from, or the answer to one that offers a token which opens nothing.
    enum Verdict: Sendable {
        case known(Caller)
        case refused(Response)
    }

    func caller(_ request: Request, now: Timestamp) async -> Verdict {
        let plans = site.settings.plans
        switch await Credentials.of(request.headers, site, now: now) {
        case .secret: return .known(.secret)
        case .token(let token): return .known(.token(token, plan: plans?.plan(of: token.plan)))
        case .none: return .known(.unknown(request, plan: plans?.anonymous))
        case .malformed: return .refused(answers.problem(.unauthorized, Self.advice, request))
        case .worthless:
            let why = "The token is not known, has expired or was revoked."
            return .refused(answers.problem(.unauthorized, why, request))
        case .unreadable: return .refused(answers.unavailable(request))
        }
    }
}
