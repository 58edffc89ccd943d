import Crypto
import Daemon
import HTTPServer
import Model
import SQLite
import Store

/// An operator who is signed in at the pages.
struct SignedIn: Equatable, Sendable {
    /// SHA-256 of the session's id.
    let session: [UInt8]
    /// As audit rows have it: `page:` and the token's label or id.
    let name: String
}

/// What somebody signs in for, and the scopes of a token that open it. The deployment's secret opens both.
enum SignInPurpose: Sendable, CaseIterable {
    /// Acts on the queue and on webhooks.
    case acts
    /// Reading sessions and what they cost: they hold what people have asked their agents.
    case ledger

    var scopes: Set<String> {
        switch self {
        case .acts: ["queue", "admin"]
        case .ledger: ["read", "admin"]
        }
    }

    /// What the place needs that somebody wants to go on to.
    init(place: String) {
        let path = place.prefix { $0 != "?" }
        let isLedger =
            path == "/usage" || path == "/usage.csv" || path == "/sessions" || path == "/sessions.csv"
            || path.hasPrefix("/sessions/")
        self = isLedger ? .ledger : .acts
    }
}

/// Who an operator is, by the cookie of a session; and whether a form came from a page of ours.
struct OperatorGate: Sendable {
    static let cookie = "helicarrier_operator"
    static let lifetime: Duration = .hours(12)

    let site: Site

    /// Why a sign-in is refused.
    enum Refusal: Error, Equatable {
        case unknown
        case lacksScope
        /// Too many have failed; nothing was looked at.
        case tooMany(retryAfter: Duration)
        case storage(SQLiteError)
    }

    /// The operator that the request's cookie stands for; `nil` for none, or one whose session or token has ended, or
    /// whose token does not open what it is for.
    func signedIn(
        _ request: Request, _ open: Site.Open, for purpose: SignInPurpose = .acts
    ) async throws(SQLiteError) -> SignedIn? {
        guard let id = Self.sessionID(request.headers) else { return nil }
        let digest = SHA256.digest(id).bytes
        let now = SystemClock.now()
        guard let session = try await open.reader.run(.operatorSession(sha256: digest, now: now)).first else {
            return nil
        }
        if let token = session.token {
            guard !purpose.scopes.isDisjoint(with: token.scopes) else { return nil }
            return SignedIn(session: digest, name: Self.name(of: token))
        }
        guard let secret = site.settings.secret, let mac = session.secretMAC,
            HMACSHA256.isValid(mac, of: id, key: [UInt8](secret.reveal().utf8))
        else { return nil }
        return SignedIn(session: digest, name: "page:secret")
    }

    /// Opens a session for who has a token with a scope for the purpose, or the deployment's secret. Each try is
    /// counted before it is looked at, and is taken back if it succeeds: who guesses learns nothing faster by asking
    /// many times at once, or several processes.
    /// - Returns: the value of the cookie.
    func openSession(
        for text: String, to purpose: SignInPurpose, from source: SignInTry, _ open: Site.Open
    ) async throws(Refusal) -> String {
        let now = SystemClock.now()
        try await admit(source, now, open)
        let id = RandomBytes.generate(32)
        let digest = SHA256.digest(id).bytes
        let session: OperatorSession
        if let secret = site.settings.secret, Self.isSame(text, secret.reveal()) {
            let mac = HMACSHA256.authenticate(id, key: [UInt8](secret.reveal().utf8)).bytes
            session = OperatorSession(sha256: digest, token: nil, secretMAC: mac, expiresAt: now + Self.lifetime)
        } else {
            let token = try await token(text, purpose, open, now)
            session = OperatorSession(sha256: digest, token: token, secretMAC: nil, expiresAt: now + Self.lifetime)
        }
        do throws(SQLiteError) {
            let name = session.token.map(Self.name) ?? "page:secret"
            try await open.writer.write { db throws(SQLiteError) in
                try db.forgive(source)
                try db.run(Query<Void>.forgetOperatorSessions(before: now))
                try db.run(Query<Void>.addOperatorSession(session, createdAt: now))
                let entry = AuditEntry(
                    at: now, who: name, action: "sign in", target: "operations page", result: "signed in")
                try db.run(.audit(entry))
            }
        } catch {
            throw .storage(error)
        }
        return Base64.encode(id, .urlSafe)
    }

    private func admit(_ source: SignInTry, _ now: Timestamp, _ open: Site.Open) async throws(Refusal) {
        let wait: Duration?
        do throws(SQLiteError) {
            wait = try await open.writer.write { db throws(SQLiteError) in
                try db.admit(source, now: now)
            }
        } catch {
            throw .storage(error)
        }
        if let wait { throw .tooMany(retryAfter: wait) }
    }

    /// Digests have one length, so that the time says nothing of the secret's length either.
    private static func isSame(_ text: String, _ secret: String) -> Bool {
        ConstantTime.equal(SHA256.digest([UInt8](text.utf8)).bytes, SHA256.digest([UInt8](secret.utf8)).bytes)
    }

    private func token(
        _ text: String, _ purpose: SignInPurpose, _ open: Site.Open, _ now: Timestamp
    ) async throws(Refusal) -> TokenRecord {
        let found: TokenRecord?
        do throws(SQLiteError) {
            found = try await open.reader.run(.token(sha256: SHA256.digest([UInt8](text.utf8)).bytes)).first
        } catch {
            throw .storage(error)
        }
        guard text.hasPrefix("hc_"), let token = found, token.isValid(at: now) else { throw .unknown }
        guard !purpose.scopes.isDisjoint(with: token.scopes) else { throw .lacksScope }
        return token
    }

    static func name(of token: TokenRecord) -> String {
        let label = token.label ?? ""
        return "page:" + (label.isEmpty ? token.id : label)
    }

    static func sessionID(_ headers: HeaderFields) -> [UInt8]? {
        let cookies = headers.all("Cookie").joined(separator: ";").split(separator: ";")
            .map { $0.drop { $0 == " " } }
        guard let cookie = cookies.first(where: { $0.hasPrefix(Self.cookie + "=") }) else { return nil }
        let id = Base64.decode(String(cookie.dropFirst(Self.cookie.utf8.count + 1)), .urlSafe)
        return id?.count == 32 ? id : nil
    }

    /// Only our own pages get the cookie back, no script sees it, and a request from elsewhere does not carry it.
    static func setCookie(_ value: String, for request: Request) -> HeaderField {
        let age = value.isEmpty ? 0 : lifetime.components.seconds
        var text = "\(cookie)=\(value); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(age)"
        if cameEncrypted(request.headers) { text += "; Secure" }
        return HeaderField("Set-Cookie", text)
    }

    /// Whether a proxy in front says that the browser used TLS.
    private static func cameEncrypted(_ headers: HeaderFields) -> Bool {
        let proto = headers.first("X-Forwarded-Proto")?.split(separator: ",").first.map { $0.filter { $0 != " " } }
        if proto?.lowercased() == "https" { return true }
        let forwarded = (headers.first("Forwarded") ?? "").lowercased().split { $0 == ";" || $0 == "," }
            .map { $0.filter { $0 != " " && $0 != "\"" } }
        return forwarded.contains("proto=https")
    }

    /// Whether a form was sent by a page of ours: browsers say where it came from, and cannot be made to lie about it.
    static func isOwnForm(_ request: Request) -> Bool {
        if let site = request.headers.first("Sec-Fetch-Site"), site != "same-origin", site != "none" { return false }
        guard let origin = request.headers.first("Origin") else { return true }
        let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty else { return false }
        let hosts = [request.headers.first("Host"), request.headers.first("X-Forwarded-Host")].compactMap(\.self)
        return hosts.contains { $0.lowercased() == parts[2].lowercased() }
    }
}
