import HTTPServer
import JSON
import TestKit
import Testing

@testable import api

/// What no route takes is answered like what one does: a problem with the marks of every v4 answer.
@Suite struct RefusalTests {
    private static let marks = [
        "X-Request-Id", "X-Plan", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining",
        "X-RateLimit-Reset", "X-Content-Type-Options",
    ]

    private func ask(
        _ plan: PlanRig, _ method: Method, _ target: String, token: String? = nil, origin: String? = nil
    ) async -> Response {
        var headers: HeaderFields = []
        if let token { headers.append(HeaderField("Authorization", "Bearer \(token)")) }
        if let origin { headers.append(HeaderField("Origin", origin)) }
        return await plan.rig.router.respond(to: Request(method, target, headers: headers))
    }

    @Test(arguments: [
        (Method.get, "/api/v4/nothing", 404, "not_found"), (.get, "/api/v4", 404, "not_found"),
        (.post, "/api/v4/nothing", 404, "not_found"), (.post, "/api/v4/models", 405, "method_not_allowed"),
        (.delete, "/api/v4/export", 405, "method_not_allowed"), (.other, "/api/v4/models", 405, "method_not_allowed"),
    ])
    func itSaysPlanAndLimit(method: Method, target: String, status: Int, code: String) async throws {
        let plan = try await PlanRig(plans: PlanRig.plans, ["HELICARRIER_CORS_ORIGINS": "https://app.example.org"])
        let response = await ask(plan, method, target, token: "hc_team", origin: "https://app.example.org")
        #expect(response.status == status && response.header("Content-Type") == "application/problem+json")
        for mark in Self.marks { #expect(response.header(mark) != nil, "\(mark)") }
        #expect(response.header("X-Plan") == "team" && response.header("X-SLA") == "99.5")
        #expect(response.header("Access-Control-Allow-Origin") == "https://app.example.org")
        #expect(response.header("Vary")?.contains("Origin") == true)
        #expect((response.header("Allow") != nil) == (status == 405))
        let root = try JSONDocument(parsing: response.bytes).root
        #expect(root["code"]?.string == code && root["instance"]?.string == target)
        #expect(root["requestId"]?.string == response.header("X-Request-Id"))
        let stranger = await ask(plan, method, target, token: "hc_nobody")
        #expect(stranger.status == status && stranger.header("X-Plan") == "free")
    }

    @Test(arguments: [
        Fault.badRequest("why"), .payloadTooLarge(limit: 9), .uriTooLong(limit: 9), .headersTooLarge(limit: 9),
    ])
    func soDoesWhatTheServerCannotRead(fault: Fault) async throws {
        let plan = try await PlanRig()
        let request = Request(.post, "/api/v4/webhooks", headers: [HeaderField("Authorization", "Bearer hc_team")])
        let response = await plan.rig.router.refusal(of: request, for: fault)
        #expect(response.status == fault.status && response.header("X-Plan") == "team")
        for mark in Self.marks { #expect(response.header(mark) != nil, "\(mark)") }
    }

    @Test func itCountsLikeEveryRequest() async throws {
        let plan = try await PlanRig()
        var statuses: [Int] = []
        // Five are free, and a slow machine earns some more meanwhile.
        while statuses.count < 5 || (statuses.last != 429 && statuses.count < 1_000) {
            let target = statuses.count.isMultiple(of: 2) ? "/api/v4/nothing" : "/api/v4/profiles"
            statuses.append(await ask(plan, .get, target).status)
        }
        #expect(statuses.prefix(5) == [404, 200, 404, 200, 404] && statuses.last == 429, "\(statuses)")
        let refused = await ask(plan, .get, "/api/v4/nothing")
        #expect(refused.header("Retry-After") != nil && refused.header("X-RateLimit-Remaining") == "0")
    }

    @Test func otherPathsAreNotOfTheAPI() async throws {
        let plan = try await PlanRig()
        for target in ["/nothing", "/api/nothing", "/api/v40"] {
            let response = await ask(plan, .get, target)
            #expect(response.status == 404 && response.header("X-Plan") == nil, "\(target)")
        }
    }

    @Test func theSameRefusalHasTheSameBytes() async throws {
        let plan = try await PlanRig(plans: nil)
        for (method, target) in [(Method.get, "/api/v4/nothing"), (.put, "/api/v4/models")] {
            var seen = Set<String>()
            for _ in 0..<100 {
                let response = await ask(plan, method, target)
                let id = try #require(response.header("X-Request-Id"))
                seen.insert(response.text.split(separator: id).joined(separator: "ID"))
            }
            #expect(seen.count == 1)
        }
    }
}
