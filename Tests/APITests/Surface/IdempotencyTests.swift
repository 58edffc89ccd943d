import Crypto
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

    /// A request of that name as another process would have it under way.
    private func claim(_ plan: PlanRig, body: String = body, at now: Timestamp) throws -> IdempotencyFinding {
        let ticket = try #require(
            try IdempotencyDesk.ticket(
                Request(
                    .post, "/api/v4/webhooks",
                    headers: [HeaderField("Authorization", "Bearer hc_team"), HeaderField("Idempotency-Key", "k-1")],
                    body: [UInt8](body.utf8)), route: "POST /api/v4/webhooks"
            ).get())
        return try plan.rig.place.open().transaction { db throws(SQLiteError) in
            try db.claimRequest(ticket.name, fingerprint: ticket.fingerprint, holder: "other", now: now)
        }
    }

    @Test func whatAnotherProcessDoesIsWaitedFor() async throws {
        let plan = try await PlanRig(plans: nil)
        #expect(try claim(plan, at: SystemClock.now()) == .free)
        let busy = await post(plan)
        #expect(busy.status == 409 && busy.header("Retry-After") == "1")
        #expect(try code(busy) == "idempotency_busy")
        let other = await post(plan, body: #"{"url":"https://example.org/other"}"#)
        #expect(other.status == 422)
        #expect(try code(other) == "idempotency_mismatch")
        #expect(try count(plan) == 0)
        #expect(await post(plan, key: "k-2").status == 201, "another name is free")
    }

    @Test(arguments: [-31, 61])
    func aProcessThatDiedHoldsItsKeyForThirtySeconds(secondsAgo: Int) async throws {
        let plan = try await PlanRig(plans: nil)
        // Before its lease, and from before the clock was put back.
        #expect(try claim(plan, at: SystemClock.now() + .seconds(Int64(secondsAgo))) == .free)
        #expect(await post(plan).status == 201)
        #expect(try count(plan) == 1)
    }

    @Test func whoLostTheKeyKeepsNothing() async throws {
        let plan = try await PlanRig(plans: nil)
        let now = SystemClock.now()
        #expect(try claim(plan, at: now + .seconds(-31)) == .free)
        #expect(await post(plan).status == 201)
        let name = IdempotencyName(
            account: SHA256.digest([UInt8]("hc_team".utf8)).bytes, route: "POST /api/v4/webhooks", key: "k-1")
        let late = IdempotencyTicket(name: name, fingerprint: [UInt8](repeating: 0, count: 32), holder: "other")
        #expect(try !late.isHeld(in: try plan.rig.place.open()))
        #expect(await post(plan).header("Idempotency-Replayed") == "true")
    }

    @Test func aRefusedRequestLetsItsKeyGo() async throws {
        let plan = try await PlanRig(plans: nil)
        #expect(await post(plan, body: "{}").status == 400)
        let claims = try plan.rig.place.open().run(
            Query("SELECT count(*) FROM idempotency_claim") { $0.count(0) })
        #expect(claims == [0])
        #expect(try claim(plan, at: SiteRig.start) == .free)
        #expect(try plan.rig.place.open().run(.forgetClaims(now: SiteRig.start + .seconds(29), limit: 9)).isEmpty)
        #expect(try plan.rig.place.open().run(.forgetClaims(now: SiteRig.start + .seconds(31), limit: 9)).count == 1)
    }

    @Test func everyRouteThatCreatesTakesAKey() async throws {
        let plan = try await PlanRig(plans: nil)
        let root = try JSONDocument(parsing: await plan.rig.get("/api/v4/openapi.json").bytes).root
        let create = try #require(root["paths"]?["/api/v4/webhooks"]?["post"])
        let names = try #require(create["parameters"]).elements.compactMap { $0["name"]?.string }
        #expect(names.contains("Idempotency-Key"))
        #expect(create["responses"]?["409"] != nil && create["responses"]?["422"] != nil)
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
