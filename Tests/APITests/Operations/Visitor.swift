import HTTPServer
import Testing

@testable import api

/// A browser at the operator's pages, without a socket: forms, and the cookie that it was given.
struct Visitor {
    static let origin = [
        HeaderField("Host", "ops.example"), HeaderField("Origin", "http://ops.example"),
        HeaderField("Content-Type", "application/x-www-form-urlencoded"),
    ]

    let router: Router
    var cookie: String?
    var address = "127.0.0.1"

    func get(_ target: String) async -> Response {
        await router.respond(to: Request(.get, target, headers: HeaderFields(cookieField)))
    }

    func post(
        _ target: String, _ body: String, headers: [HeaderField] = Self.origin
    ) async -> Response {
        await router.respond(
            to: Request(
                .post, target, headers: HeaderFields(headers + cookieField), body: [UInt8](body.utf8),
                remoteAddress: address))
    }

    mutating func signIn(_ token: String, next: String = "/ops") async throws -> Response {
        let answer = await post("/ops/sign-in", "token=\(token)&next=\(next)")
        cookie = answer.header("Set-Cookie").map { String($0.prefix { $0 != ";" }) }
        return answer
    }

    /// Asks for an act, and gives the one-time token of the page that asks once more.
    func token(for act: String) async throws -> String {
        let page = await post("/ops/confirm", act)
        #expect(page.status == 200 && page.header("Cache-Control") == "no-store")
        let start = try #require(page.text.firstRange(of: "name=\"confirmation\" value=\"")?.upperBound)
        return String(page.text[start...].prefix { $0 != "\"" })
    }

    private var cookieField: [HeaderField] { cookie.map { [HeaderField("Cookie", "theme=dark; \($0)")] } ?? [] }
}
