import Crypto
import Daemon
import HTTPServer
import Model
import SQLite
import Store

/// What a request shows of who sends it: the deployment's secret (`x-secret-key`) or a token
/// (`Authorization: Bearer hc_…`).
enum Credentials: Sendable {
    case secret
    case token(TokenRecord)
    /// A token that is not known, has expired or was revoked.
    case worthless
    /// An `Authorization` that is no token of ours, or several.
    case malformed
    case none
    /// The database did not answer.
    case unreadable

    /// Tokens are looked up by their SHA-256 on every request, so a revoked one fails at once in every process.
    static func of(_ headers: HeaderFields, _ site: Site, now: Timestamp) async -> Credentials {
        if let secret = site.settings.secret, let offered = headers.first("x-secret-key"),
            ConstantTime.equal(offered, secret.reveal())
        {
            return .secret
        }
        guard headers.first("Authorization") != nil else { return .none }
        guard let text = bearer(headers) else { return .malformed }
        guard let open = site.open else { return .unreadable }
        do throws(SQLiteError) {
            let found = try await open.reader.run(.token(sha256: SHA256.digest([UInt8](text.utf8)).bytes)).first
            guard let found, found.isValid(at: now) else { return .worthless }
            return .token(found)
        } catch {
            return .unreadable
        }
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
