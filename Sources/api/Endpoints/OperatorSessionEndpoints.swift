import HTTPServer
import Model
import SQLite
import Store

/// Signing in at the operator's pages, and out.
struct OperatorSessionEndpoints: Sendable {
    let site: Site
    let answers: Answers

    func signInPage(_ request: Request, _ parameters: Parameters) async -> Response {
        page(request, next: Self.place(request.query), fault: nil, status: 200)
    }

    func signIn(_ request: Request, _ parameters: Parameters) async -> Response {
        guard OperatorGate.isOwnForm(request), let fields = FormBody.fields(of: request) else {
            return OperatorAnswers(answers).foreignForm(request)
        }
        guard let open = site.open else { return OperatorAnswers(answers).unavailable(request) }
        let next = Self.place(fields)
        let text = fields.first { $0.name == "token" }?.value.filter { !$0.isWhitespace } ?? ""
        do throws(OperatorGate.Refusal) {
            let cookie = try await OperatorGate(site: site).openSession(
                for: text, to: SignInPurpose(place: next), from: RequestSource.of(request), open)
            return OperatorAnswers.redirect(to: next, [OperatorGate.setCookie(cookie, for: request)])
        } catch {
            switch error {
            case .unknown:
                return page(
                    request, next: next, fault: "This token is not known, has expired or was revoked.", status: 401)
            case .lacksScope:
                return page(
                    request, next: next, fault: "This token has none of the scopes that this needs.", status: 403)
            case .tooMany(let wait):
                let seconds = max(1, (wait.milliseconds + 999) / 1_000)
                var response = page(
                    request, next: next,
                    fault: "Too many tries have failed. Try again in \(TimeText.length(.seconds(seconds))).",
                    status: 429)
                response.headers.append(HeaderField("Retry-After", "\(seconds)"))
                return response
            case .storage: return OperatorAnswers(answers).unavailable(request)
            }
        }
    }

    func signOut(_ request: Request, _ parameters: Parameters) async -> Response {
        guard OperatorGate.isOwnForm(request) else { return OperatorAnswers(answers).foreignForm(request) }
        guard let open = site.open else { return OperatorAnswers(answers).unavailable(request) }
        do throws(SQLiteError) {
            if let who = try await OperatorGate(site: site).signedIn(request, open) {
                try await open.writer.run(Query<Void>.endOperatorSession(sha256: who.session))
            }
        } catch {
            return OperatorAnswers(answers).unavailable(request)
        }
        return OperatorAnswers.redirect(to: "/ops", [OperatorGate.setCookie("", for: request)])
    }

    private func page(_ request: Request, next: String, fault: String?, status: Int) -> Response {
        let frame = OperatorFrame(title: "Sign in", theme: PageEndpoints.theme(request), assets: answers.assets)
        var response = answers.page(
            SignInPage.render(next: next, fault: fault, frame), status: status, isSecret: true, to: request)
        if status == 401 { response.headers.append(HeaderField("WWW-Authenticate", "Bearer")) }
        return response
    }

    /// Where to go on to: a place of the operator's pages, never another site.
    static func place(_ fields: [QueryItem]) -> String {
        guard let next = fields.first(where: { $0.name == "next" })?.value, next.utf8.count <= 4_096,
            ["/ops", "/usage", "/sessions"].contains(next)
                || [
                    "/ops?", "/ops/confirm?", "/ops/webhooks", "/usage?", "/usage.csv", "/sessions?", "/sessions/",
                    "/sessions.csv",
                ]
                .contains(where: next.hasPrefix),
            next.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return "/ops" }
        return next
    }
}

/// The answers that the operator's pages give alike.
struct OperatorAnswers: Sendable {
    private let answers: Answers

    init(_ answers: Answers) {
        self.answers = answers
    }

    static func redirect(to place: String, _ headers: [HeaderField] = []) -> Response {
        let answer = Response(
            status: 303,
            headers: [HeaderField("Location", place), HeaderField("Cache-Control", "no-store")] + headers)
        return Answers.hardened(answer, id: RequestName.make())
    }

    func notice(_ title: String, _ words: String, status: Int, _ request: Request) -> Response {
        let frame = OperatorFrame(title: title, theme: PageEndpoints.theme(request), assets: answers.assets)
        return answers.page(frame.notice(words), status: status, isSecret: true, to: request)
    }

    func foreignForm(_ request: Request) -> Response {
        notice(
            "Not permitted", "This form did not come from a page of this service. Nothing was changed.", status: 403,
            request)
    }

    func unavailable(_ request: Request) -> Response {
        notice(
            "Not available right now", "The database cannot be used at the moment. Try again in a minute.",
            status: 503, request)
    }
}
