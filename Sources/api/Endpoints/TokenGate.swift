import Crypto
import Daemon
import Deployment
import HTTPServer
import Model
import SQLite
import Store

/// Who a request of v4 is from: the holder of a token (`Authorization: Bearer hc_…`), of the deployment's secret
/// (`x-secret-key`), or nobody in particular.
///
/// Tokens are looked up by their SHA-256 on every request, so a revoked one fails at once in every process.
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
        if holdsSecret(request.headers) { return .known(.secret) }
        guard request.headers.first("Authorization") != nil else {
            return .known(.unknown(request, plan: plans?.anonymous))
        }
        guard let text = Self.bearer(request.headers) else {
            return .refused(answers.problem(.unauthorized, Self.advice, request))
        }
        guard let open = site.open else { return .refused(answers.unavailable(request)) }
        do throws(SQLiteError) {
            let digest = SHA256.digest(Array(text.utf8)).bytes
            guard let token = try await open.reader.run(.token(sha256: digest)).first, token.isValid(at: now) else {
                return .refused(
                    answers.problem(.unauthorized, "The token is not known, has expired or was revoked.", request))
            }
            return .known(.token(token, plan: plans?.plan(of: token.plan)))
        } catch {
            return .refused(answers.unavailable(request))
        }
    }

    private func holdsSecret(_ headers: HeaderFields) -> Bool {
        guard let secret = site.settings.secret, let offered = headers.first("x-secret-key") else { return false }
        return ConstantTime.equal(offered, secret.reveal())
    }

    /// The text of a bearer token; the scheme's case does not matter (RFC 9110, section 11.1).
    static func bearer(_ headers: HeaderFields) -> String? {
        let values = headers.all("Authorization")
        guard values.count == 1, let value = values.first else { return nil }
        let words = value.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, words[0].lowercased() == "bearer", words[1].hasPrefix("hc_") else { return nil }
        return words[1].filter { $0 != " " }
    }
}
