import Crypto
import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// What holds on every route of v4 that is read.
@Suite struct EveryRouteTests {
    /// An address of each GET, with names that are there; the stream has no end to be read to.
    private func targets(_ plan: PlanRig) async throws -> [String] {
        let order = Request(
            .post, "/api/v4/webhooks",
            headers: [
                HeaderField("Authorization", "Bearer hc_admin"), HeaderField("Content-Type", "application/json"),
            ], body: [UInt8](#"{"url":"https://example.org/hook"}"#.utf8))
        let made = await plan.rig.router.respond(to: order)
        let id = try #require(try JSONDocument(parsing: made.bytes).root["id"]?.string)
        let delivery = try #require(try plan.rig.place.open().run(.deliveries(of: id, limit: 1)).first?.id)
        return plan.rig.router.routes.filter { $0.method == .get && $0.pattern.hasPrefix("/api/v4/") }.map { route in
            let isLegacy = !route.pattern.contains(":owner")
            return route.pattern.split(separator: "/").map { part in
                switch part {
                case ":owner": "owner-1"
                case ":name": isLegacy ? "legacy" : "model"
                case ":name.svg": isLegacy ? "legacy.svg" : "model.svg"
                case ":id": id
                case ":deliveryId": delivery
                default: String(part)
                }
            }.reduce("") { $0 + "/" + $1 }
        }.filter { $0 != "/api/v4/stream" }
    }

    private func rig() async throws -> PlanRig {
        let plan = try await PlanRig(plans: nil)
        try plan.rig.publish(hour: 1, models: ["owner-1/model", "legacy"])
        try await plan.rig.refresh()
        return plan
    }

    private func request(_ method: HTTPServer.Method, _ target: String, _ more: [HeaderField] = []) -> Request {
        Request(method, target, headers: HeaderFields([HeaderField("Authorization", "Bearer hc_admin")] + more))
    }

    @Test func everyAnswerCanBeCachedComparedAndAskedForByItsHead() async throws {
        let plan = try await rig()
        let targets = try await targets(plan)
        #expect(targets.count > 15)
        for target in targets {
            let response = await plan.rig.router.respond(to: request(.get, target))
            #expect(response.status == 200, "\(target)")
            let tag = try #require(response.header("ETag"), "\(target)")
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""), "\(target): a strong tag")
            #expect(response.header("Cache-Control") != nil && response.header("Vary") != nil, "\(target)")
            #expect(response.header("X-Content-Type-Options") == "nosniff", "\(target)")
            #expect(response.header("X-Plan") == "open" && response.header("RateLimit") != nil, "\(target)")
            // What it says of itself may change from one moment to the next.
            guard target != "/api/v4/health" else { continue }
            let again = await plan.rig.router.respond(to: request(.get, target, [HeaderField("If-None-Match", tag)]))
            #expect(again.status == 304 && again.header("ETag") == tag, "\(target)")
            let head = await plan.rig.router.respond(to: request(.head, target))
            #expect(head.status == 200 && head.bytes.isEmpty, "\(target)")
            #expect(head.header("ETag") == tag && head.header("Content-Type") == response.header("Content-Type"))
        }
    }

    @Test func aParameterThatIsNotOnesOwnIsRefusedEverywhere() async throws {
        let plan = try await rig()
        for target in try await targets(plan) + ["/api/v4/stream", "/feed.atom"] {
            let response = await plan.rig.router.respond(to: request(.get, target + "?colour=red"))
            #expect(response.status == 400 && response.text.contains(#""parameter":"colour""#), "\(target)")
        }
    }

    @Test func everyCodeLeadsToItsExplanation() async throws {
        let page = try await rig().rig.get("/docs/problems").text
        for code in Problem.Code.allCases { #expect(page.contains("id=\"\(code.rawValue)\""), "\(code)") }
    }

    @Test(arguments: [
        (Fault.badRequest("why"), "bad_request"), (.payloadTooLarge(limit: 9), "payload_too_large"),
        (.uriTooLong(limit: 9), "uri_too_long"), (.headersTooLarge(limit: 9), "headers_too_large"),
        (.notFound, "not_found"), (.methodNotAllowed(allow: [.get]), "method_not_allowed"),
        (.unavailable, "unavailable"),
    ])
    func whatTheServerRefusesIsAProblemToo(fault: Fault, code: String) async throws {
        let response = try await rig().rig.router.respond(to: fault, Request(.get, "/api/v4/models"))
        #expect(response.status == fault.status && response.header("Content-Type") == "application/problem+json")
        #expect(try JSONDocument(parsing: response.bytes).root["code"]?.string == code)
        #expect((response.header("Allow") != nil) == (code == "method_not_allowed"))
    }

    @Test func aTraceGoesOnInTheJob() async throws {
        let plan = try await PlanRig(plans: nil)
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let test = Request(
            .post, "/api/v4/webhooks",
            headers: [
                HeaderField("Authorization", "Bearer hc_admin"), HeaderField("Content-Type", "application/json"),
                HeaderField("traceparent", trace),
            ], body: [UInt8](#"{"url":"https://example.org/hook"}"#.utf8))
        #expect(await plan.rig.router.respond(to: test).status == 201)
        let found = try plan.rig.place.open().run(
            Query("SELECT traceparent FROM job WHERE kind = 'deliver-webhook'") { $0.textOrNull(0) ?? "" })
        #expect(found.count == 1 && found.allSatisfy { $0.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-") })
        #expect(found.first != trace, "a step of its own")
    }
}
