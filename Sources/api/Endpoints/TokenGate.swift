import Crypto
import Daemon
import HTTPServer
import SQLite
import Store

/// Lets requests with a valid token through: `Authorization: Bearer hc_…` with the scope that a route needs.
///
/// A request whose `x-secret-key` is the deployment's secret passes too. Tokens are looked up by their SHA-256 on
/// every request, so a revoked one fails at once in every process.
struct TokenGate: Sendable {
    let site: Site
    let answers: Answers

    /// The same handler, for holders of a token with `scope` (or `admin`, which implies all).
    func requiring(
        _ scope: String, _ handler: @escaping @Sendable (Request, Parameters) async -> Response
    ) -> @Sendable (Request, Parameters) async -> Response {
        { request, parameters in
            guard let open = site.open else { return answers.unavailable(request) }
            if holdsSecret(request.headers) { return await handler(request, parameters) }
            guard let text = Self.bearer(request.headers) else {
                return answers.problem(
                    .unauthorized, "Send a token: Authorization: Bearer hc_…; `helicarrier token create` makes one.",
                    request)
            }
            do throws(SQLiteError) {
                let digest = SHA256.digest(Array(text.utf8)).bytes
                guard let token = try await open.reader.run(.token(sha256: digest)).first,
                    token.isValid(at: SystemClock.now())
                else {
                    return answers.problem(
                        .unauthorized, "The token is not known, has expired or was revoked.", request)
                }
                guard token.scopes.contains(scope) || token.scopes.contains("admin") else {
                    return answers.problem(.forbidden, "The token lacks the scope \(scope).", request)
                }
            } catch {
                return answers.unavailable(request)
            }
            return await handler(request, parameters)
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
