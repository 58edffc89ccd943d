import Daemon
import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

@Suite struct IdempotencyTests {
    private static let body = #"{"url":"https://example.org/hook"}"#

    private func post(
        _ plan: PlanRig, key: String? = "k-1", token: String = "hc_team", body: String = body,
        type: String = "application/json"
    ) async -> Response {
        var headers: HeaderFields = [
            HeaderField("Authorization", "Bearer \(token)"), HeaderField("Content-Type", type),
        ]
        if let key { headers.append(HeaderField("Idempotency-Key", key)) }
        return await plan.rig.router.respond(
            to: Request(.post, "/api/v4/webhooks", headers: headers, body: [UInt8](body.utf8)))
    }

    private func count(_ plan: PlanRig) throws -> Int {
        try #require(try plan.rig.place.open().run(.subscriptionCount()).first)
    }

    private func code(_ response: Response) throws -> String? {
        try JSONDocument(parsing: response.bytes).root["code"]?.string
    }

    @Test func aNamedRequestIsDoneOnceAndAnsweredAlike() async throws {
        let plan = try await PlanRig(plans: nil)
        let first = await post(plan)
        #expect(first.status == 201 && first.header("Idempotency-Replayed") == nil)
        for _ in 0..<3 {
            let again = await post(plan)
            #expect(again.status == 201 && again.bytes == first.bytes)
            #expect(again.header("Idempotency-Replayed") == "true")
            #expect(
                again.header("Location") == first.header("Location") && again.header("ETag") == first.header("ETag"))
        }
        #expect(try count(plan) == 1)
        #expect(await post(plan, key: nil).status == 201)
        #expect(try count(plan) == 2, "a request without a name is done each time")
    }

    @Test func anotherProcessKnowsItToo() async throws {
        let plan = try await PlanRig(plans: nil)
        let first = await post(plan)
        let site = try SiteRig.site(at: plan.rig.place.path)
        _ = await site.openWhenPossible()
        let other = await SiteRig.router(site).respond(
            to: Request(
                .post, "/api/v4/webhooks",
                headers: [
                    HeaderField("Authorization", "Bearer hc_team"), HeaderField("Content-Type", "application/json"),
                    HeaderField("Idempotency-Key", "\"k-1\""),
                ], body: [UInt8](Self.body.utf8)))
        #expect(other.bytes == first.bytes && other.header("Idempotency-Replayed") == "true")
    }

    @Test func aKeyBelongsToItsTokenItsBodyAndItsDay() async throws {
        let plan = try await PlanRig(plans: nil)
        #expect(await post(plan).status == 201)
        let mismatch = await post(plan, body: #"{"url":"https://example.org/other"}"#)
        #expect(mismatch.status == 422)
        #expect(try code(mismatch) == "idempotency_mismatch")
        #expect(await post(plan, token: "hc_free").status == 201)
        #expect(try count(plan) == 2)
        let name = try #require(
            try IdempotencyDesk.ticket(
                Request(
                    .post, "/api/v4/webhooks",
                    headers: [HeaderField("Authorization", "Bearer hc_team"), HeaderField("Idempotency-Key", "k-1")]),
                route: "POST /api/v4/webhooks"
            ).get()
        ).name
        let now = SystemClock.now()
        let query = Query<IdempotentAnswer>.idempotentAnswer
        #expect(try plan.rig.place.open().run(query(name, now + .hours(23))).count == 1)
        #expect(try plan.rig.place.open().run(query(name, now + .hours(25))).isEmpty)
        #expect(try plan.rig.place.open().run(.forgetAnswers(now: now + .hours(25), limit: 9)).count == 2)
    }

    @Test func aRefusedRequestMayBeMendedUnderItsKey() async throws {
        let plan = try await PlanRig(plans: nil)
        #expect(await post(plan, body: "{}").status == 400)
        #expect(await post(plan).status == 201)
    }

    @Test func ofTwoAtOnceOneIsDone() async throws {
        let plan = try await PlanRig(plans: nil)
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { await post(plan).status } }
            return await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.contains(201) && statuses.allSatisfy { $0 == 201 || $0 == 409 })
        #expect(try count(plan) == 1)
    }

    @Test(arguments: ["", " ", "a b", String(repeating: "x", count: 256), "é"])
    func whatIsNoKeyIsRefused(key: String) async throws {
        let response = await post(try await PlanRig(plans: nil), key: key)
        #expect(response.status == 400 && response.text.contains(#""header":"Idempotency-Key""#))
    }

    @Test(arguments: [
        (#"{"url": }"#, 400, "at byte 8"), (#"{"url":"a","url":"b"}"#, 400, "/url"),
        (#"{"url":"https://a.example/\u0000"}"#, 400, "null_character"), (#"{"url":"https://a"#, 400, "at byte"),
        ("", 400, "malformed_json"), ("[]", 400, "wrong_type"),
        (String(repeating: "[", count: 40) + String(repeating: "]", count: 40), 400, "malformed_json"),
        ("{\"url\":\"" + String(repeating: "x", count: 70_000) + "\"}", 413, "payload_too_large"),
    ])
    func aBodyThatIsNoOrderIsRefusedWithItsPlace(body: String, status: Int, words: String) async throws {
        let response = await post(try await PlanRig(plans: nil), body: body)
        #expect(response.status == status && response.text.contains(words), "\(response.text)")
        #expect(response.header("Content-Type") == "application/problem+json")
    }

    @Test func bytesThatAreNoTextAndOtherTypesAreRefused() async throws {
        let plan = try await PlanRig(plans: nil)
        let other = await post(plan, type: "text/plain")
        #expect(other.status == 415)
        #expect(try code(other) == "unsupported_media_type")
        let response = await plan.rig.router.respond(
            to: Request(
                .post, "/api/v4/webhooks",
                headers: [
                    HeaderField("Authorization", "Bearer hc_team"), HeaderField("Content-Type", "application/json"),
                ], body: [UInt8](#"{"url":""#.utf8) + [0xC3, 0x28] + [UInt8](#""}"#.utf8)))
        #expect(response.status == 400)
        #expect(try code(response) == "invalid_body")
    }
}
