import Crypto
import Daemon
import Deployment
import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// A deployment with plans, and tokens of them.
struct PlanRig {
    static let plans = """
        {"version": 1, "anonymous": "free", "standard": "free", "plans": [
          {"name": "free", "rate": "5/1m", "pageSize": 10, "filterDepth": 1, "exports": false,
           "customProfiles": false, "webhooks": {"subscriptions": 0, "concurrency": 1}},
          {"name": "team", "rate": "1000/1m", "pageSize": 100, "filterDepth": 20, "exports": true,
           "customProfiles": true, "webhooks": {"subscriptions": 20, "concurrency": 8}, "sla": "99.5"}]}
        """

    let folder: TemporaryDirectory
    let rig: SiteRig

    init(plans: String? = Self.plans, _ settings: [String: String] = [:]) async throws {
        folder = try TemporaryDirectory()
        for name in ["sources.json", "profiles.json"] {
            let text = try #require(TextFile.read(Repository.root + "/config/\(name)"))
            _ = try folder.write([UInt8](text.utf8), to: name)
        }
        if let plans { _ = try folder.write([UInt8](plans.utf8), to: "plans.json") }
        rig = try await SiteRig(settings: settings.merging(["HELICARRIER_CONFIG_DIR": folder.path]) { $1 })
        try rig.publish(models: (1...30).map { "owner-\($0)/model" })
        try await rig.refresh()
        for plan in ["free", "team"] { try add("hc_\(plan)", plan: plan) }
        try add("hc_admin", scopes: ["admin"])
    }

    func add(_ text: String, plan: String? = nil, scopes: [String] = ["webhooks"]) throws {
        let token = TokenRecord(
            id: text, scopes: scopes, plan: plan, label: nil, createdAt: SiteRig.start, expiresAt: nil)
        try rig.place.open().run(Query<Void>.addToken(token, sha256: SHA256.digest([UInt8](text.utf8)).bytes))
    }

    func get(_ target: String, token: String? = nil) async -> Response {
        await rig.get(target, token.map { [HeaderField("Authorization", "Bearer \($0)")] } ?? [])
    }
}

@Suite struct DoorTests {
    private func code(_ response: Response) throws -> String? {
        #expect(response.header("Content-Type") == "application/problem+json")
        return try JSONDocument(parsing: response.bytes).root["code"]?.string
    }

    @Test(arguments: [
        ("application/json", 200), ("application/*", 200), ("*/*", 200), ("text/html, */*;q=0.1", 200), ("", 200),
        ("text/html", 406), ("application/json;q=0", 406), ("*/*, application/json;q=0", 406), ("*/*;q=0", 406),
        ("text/*, image/*", 406), ("application/problem+json", 406), ("APPLICATION/JSON", 200),
    ])
    func whatIsNotAcceptedIsNotGiven(accept: String, status: Int) async throws {
        let rig = try await SiteRig()
        let response = await rig.get("/api/v4/profiles", [HeaderField("Accept", accept)])
        #expect(response.status == status)
        if status == 406 {
            #expect(try code(response) == "not_acceptable" && response.text.contains(#""header":"Accept""#))
        }
    }

    @Test func anAnswerWithoutABodyHasNoTypeToRefuse() async throws {
        let plan = try await PlanRig(plans: nil)
        let headers: HeaderFields = [
            HeaderField("Authorization", "Bearer hc_team"), HeaderField("Accept", "text/html"),
        ]
        let response = await plan.rig.router.respond(to: Request(.delete, "/api/v4/webhooks/none", headers: headers))
        #expect(response.status == 404)
    }

    @Test(arguments: [("csv", "text/csv", 200), ("csv", "application/x-ndjson", 406), ("ndjson", "text/csv", 406)])
    func anExportsTypeIsTheOneOfItsFormat(format: String, accept: String, status: Int) async throws {
        let plan = try await PlanRig(plans: nil)
        let response = await plan.rig.get("/api/v4/export?format=\(format)", [HeaderField("Accept", accept)])
        #expect(response.status == status)
    }

    @Test(arguments: ["identity;q=0", "*;q=0"])
    func aReaderWhoTakesNoBytesAtAllIsTold(coding: String) async throws {
        let rig = try await SiteRig()
        let response = await rig.get("/api/v4/profiles", [HeaderField("Accept-Encoding", coding)])
        #expect(response.status == 406)
        #expect(try code(response) == "not_acceptable")
    }

    @Test func theSameBadRequestGetsTheSameBytes() async throws {
        let rig = try await SiteRig()
        var seen = Set<String>()
        for _ in 0..<100 {
            let response = await rig.get("/api/v4/models?zeta=1&limit=0&alpha=2&sort=colour&feed=nowhere")
            let id = try #require(response.header("X-Request-Id"))
            seen.insert(response.text.split(separator: id).joined(separator: "ID"))
        }
        #expect(seen.count == 1)
    }

    @Test func withoutPlansEverythingIsOpenAndSaysSo() async throws {
        let rig = try await SiteRig()
        let response = await rig.get("/api/v4/profiles")
        #expect(response.status == 200 && response.header("X-Plan") == "open")
        #expect(response.header("RateLimit-Policy") == "\"default\";q=6000000;w=60")
        #expect(response.header("X-RateLimit-Limit") == "6000000")
    }

    @Test(arguments: [
        ("/api/v4/export", "exports"), ("/api/v4/models?limit=11", "pages of 11"),
        ("/api/v4/models?provider=a&minLikes=5", "2 filters"), ("/api/v4/webhooks", "webhooks"),
    ])
    func whatAPlanDoesNotHaveIsNamedWithThePlanThatHasIt(target: String, feature: String) async throws {
        let plan = try await PlanRig()
        let response =
            target.hasSuffix("webhooks")
            ? await plan.rig.router.respond(
                to: Request(.post, target, headers: [HeaderField("Authorization", "Bearer hc_free")]))
            : await plan.get(target, token: "hc_free")
        #expect(response.status == 403 && response.header("X-Plan") == "free")
        #expect(try code(response) == "plan_limit")
        let detail = try #require(try JSONDocument(parsing: response.bytes).root["detail"]?.string)
        #expect(detail.contains("free") && detail.contains("team") && detail.contains(feature.prefix(7)))
        guard !target.hasSuffix("webhooks") else { return }
        let better = await plan.get(target, token: "hc_team")
        #expect(better.status == 200 && better.header("X-Plan") == "team" && better.header("X-SLA") == "99.5")
    }

    private func subscribe(_ plan: PlanRig, _ token: String, key: String? = nil) async -> Response {
        var headers: HeaderFields = [
            HeaderField("Authorization", "Bearer \(token)"), HeaderField("Content-Type", "application/json"),
        ]
        if let key { headers.append(HeaderField("Idempotency-Key", key)) }
        return await plan.rig.router.respond(
            to: Request(
                .post, "/api/v4/webhooks", headers: headers,
                body: [UInt8](#"{"url":"https://example.org/hook"}"#.utf8)))
    }

    @Test func aPlanDoesNotSkipTheVerification() async throws {
        let plan = try await PlanRig()
        let answer = await plan.rig.router.respond(
            to: Request(
                .post, "/api/v4/webhooks",
                headers: [
                    HeaderField("Authorization", "Bearer hc_team"), HeaderField("Content-Type", "application/json"),
                ], body: [UInt8](#"{"url":"https://example.org/hook","skipVerification":true}"#.utf8)))
        #expect(answer.status == 403)
        #expect(try code(answer) == "forbidden" && answer.text.contains("/skipVerification"))
    }

    @Test func aPlanHasRoomForSoManySubscriptionsOfEachToken() async throws {
        let small = PlanRig.plans.split(separator: "\"subscriptions\": 20").joined(separator: "\"subscriptions\": 1")
        let plan = try await PlanRig(plans: small)
        try plan.add("hc_other", plan: "team")
        #expect(await subscribe(plan, "hc_team", key: "k").status == 201)
        let full = await subscribe(plan, "hc_team")
        #expect(full.status == 403)
        #expect(try code(full) == "plan_limit" && full.text.contains("2 webhook subscriptions of one token"))
        #expect(await subscribe(plan, "hc_other").status == 201, "another token has its own room")
        let again = await subscribe(plan, "hc_team", key: "k")
        #expect(again.status == 201 && again.header("Idempotency-Replayed") == "true", "nothing new is made")
        #expect(await plan.get("/api/v4/webhooks", token: "hc_team").status == 200)
    }

    @Test func aFullPlanNamesTheOneThatHasRoom() async throws {
        let big = PlanRig.plans.split(separator: "\"sla\": \"99.5\"}]").joined(
            separator: """
                "sla": "99.5"}, {"name": "large", "rate": "1000/1m", "pageSize": 100, "filterDepth": 20,
                "exports": true, "customProfiles": true, "webhooks": {"subscriptions": 50, "concurrency": 8}}]
                """)
        let plans = big.split(separator: "\"subscriptions\": 20").joined(separator: "\"subscriptions\": 1")
        let plan = try await PlanRig(plans: plans)
        #expect(await subscribe(plan, "hc_team").status == 201)
        let full = await subscribe(plan, "hc_team")
        #expect(full.status == 403 && full.text.contains("It is part of: large."), "\(full.text)")
    }

    @Test func aPlanBoundsDeliveriesAtOnceAndSaysTheirPriority() async throws {
        let words = "\"concurrency\": 8}"
        let plans = PlanRig.plans.split(separator: words).joined(
            separator: "\"concurrency\": 3}, \"priority\": -2")
        let plan = try await PlanRig(plans: plans)
        #expect(await subscribe(plan, "hc_team").status == 201)
        let stored = try plan.rig.place.open().run(
            Query("SELECT created_by, max_in_flight FROM subscription") { "\($0.text(0)) \($0.count(1))" })
        #expect(stored == ["hc_team 3"])
        let jobs = try plan.rig.place.open().run(
            Query("SELECT priority FROM job WHERE kind = 'deliver-webhook'") { $0.count(0) })
        #expect(jobs == [-2])
    }

    @Test func whereNobodyIsAnonymousReadsNeedAToken() async throws {
        let closed = PlanRig.plans.split(separator: #""anonymous": "free", "#).joined()
        let plan = try await PlanRig(plans: closed)
        let response = await plan.get("/api/v4/profiles")
        #expect(response.status == 401 && response.header("WWW-Authenticate") == "Bearer")
        #expect(await plan.get("/api/v4/profiles", token: "hc_free").status == 200)
        #expect(await plan.get("/").status == 200, "pages are not the API")
        let hook = await plan.rig.router.respond(to: Request(.post, "/api/v4/hub-webhook"))
        #expect(hook.status == 404, "the Hub proves itself by its own secret; none is set here")
    }

    @Test func aTokenThatOpensNothingIsRefusedOnOpenReadsToo() async throws {
        let plan = try await PlanRig(plans: nil)
        #expect(await plan.get("/api/v4/profiles", token: "hc_nobody").status == 401)
        #expect(await plan.get("/api/v4/profiles", token: "hc_free").status == 200)
        _ = try plan.rig.place.open().run(.revokeToken("hc_free", now: SiteRig.start))
        #expect(await plan.get("/api/v4/profiles", token: "hc_free").status == 401)
        try plan.add("hc_reader", scopes: ["read"])
        #expect(await plan.get("/api/v4/webhooks", token: "hc_reader").status == 403)
    }

    @Test func aLimitCountsByTokenElseByAddressAndSaysWhenToComeBack() async throws {
        let plan = try await PlanRig()
        var statuses: [Int] = []
        var left: [String] = []
        for _ in 0..<7 {
            let response = await plan.get("/api/v4/profiles")
            statuses.append(response.status)
            left.append(response.header("X-RateLimit-Remaining") ?? "")
        }
        #expect(statuses == [200, 200, 200, 200, 200, 429, 429] && left == ["4", "3", "2", "1", "0", "0", "0"])
        let refused = await plan.get("/api/v4/profiles")
        #expect(try code(refused) == "rate_limited")
        let wait = try #require(refused.header("Retry-After").flatMap { Int($0) })
        #expect((1...12).contains(wait), "the next one of five in a minute")
        #expect(refused.header("RateLimit")?.hasPrefix("\"default\";r=0;t=") == true)
        #expect(await plan.get("/api/v4/profiles", token: "hc_free").status == 200, "a token has its own count")
        #expect(await plan.get("/livez").status == 200)
        #expect(await plan.get("/readyz").status == 200)
        #expect(await plan.get("/").status == 200, "pages have no limit")
    }

    @Test func whatTheReaderHasAlreadyIsFree() async throws {
        let plan = try await PlanRig()
        let tag = try #require(await plan.get("/api/v4/profiles").header("ETag"))
        for _ in 0..<20 {
            let again = await plan.rig.get("/api/v4/profiles", [HeaderField("If-None-Match", tag)])
            #expect(again.status == 304 && again.header("X-RateLimit-Remaining") == "4")
        }
        for _ in 0..<5 { _ = await plan.get("/api/v4/profiles") }
        #expect(await plan.get("/api/v4/profiles").status == 429)
        let known = await plan.rig.get("/api/v4/profiles", [HeaderField("If-None-Match", tag)])
        #expect(known.status == 304, "also where the limit is used up")
        let other = await plan.rig.get("/api/v4/profiles", [HeaderField("If-None-Match", "\"x\"")])
        #expect(other.status == 429 && other.header("Retry-After") != nil)
    }

    @Test func onlyPagesOfTheListMayRead() async throws {
        let plan = try await PlanRig(plans: nil, ["HELICARRIER_CORS_ORIGINS": "https://app.example.org"])
        let own = await plan.rig.get("/api/v4/profiles", [HeaderField("Origin", "https://app.example.org")])
        #expect(own.header("Access-Control-Allow-Origin") == "https://app.example.org")
        #expect(own.header("Vary") == "Accept-Encoding, Origin")
        let other = await plan.rig.get("/api/v4/profiles", [HeaderField("Origin", "https://evil.example")])
        #expect(other.status == 200 && other.header("Access-Control-Allow-Origin") == nil)
        #expect(other.header("Vary") == "Accept-Encoding, Origin")
        let ask = await plan.rig.router.respond(
            to: Request(.options, "/api/v4/webhooks", headers: [HeaderField("Origin", "https://app.example.org")]))
        #expect(ask.status == 204 && ask.header("Access-Control-Allow-Methods") == "GET, POST")
    }

    @Test(arguments: ["*", "https://a.example/path", "a.example", "https://*.example", "", "HTTPS://A.example"])
    func whatIsNoOriginIsNoSetting(text: String) {
        #expect(AllowedOrigins(setting: text) == nil)
    }

    @Test func everyAnswerOfARouteOnItsWayOutSaysSo() async throws {
        let rig = try await SiteRig()
        let answers = Answers(assets: AssetCatalog(digest: AssetTests.sum))
        let old = Operation(.get, "/old", "old", "Old", gives: .init()) { _, _ in Response(status: 200) }.with {
            $0.deprecation = Deprecation(since: 784_111_777, sunset: nil, link: "/docs/problems")
        }
        let router = Router(Door(site: rig.site, answers: answers).routes([old])) { fault, request in
            answers.fault(fault, request)
        }
        for accept in ["*/*", "text/html"] {
            let request = Request(.get, "/api/v4/old", headers: [HeaderField("Accept", accept)])
            let response = await router.respond(to: request)
            #expect(response.header("Deprecation") == "@784111777" && response.header("Sunset") == nil)
        }
        let document = OpenAPIDocument(operations: [old], version: "1", feeds: ["hub"], profiles: ["default"])
        let root = try JSONDocument(parsing: document.encode()).root
        #expect(root["paths"]?["/api/v4/old"]?["get"]?["deprecated"]?.bool == true)
        let usual = await rig.get("/api/v4/openapi.json").text
        #expect(!usual.contains("\"deprecated\""), "nothing is, so far")
    }

    @Test func aRouteOnItsWayOutSaysSo() {
        let deprecation = Deprecation(since: 784_111_777, sunset: 784_111_777 + 86_400, link: "/docs/problems")
        #expect(deprecation.headers.map(\.name) == ["Deprecation", "Link", "Sunset"])
        #expect(deprecation.headers.first?.value == "@784111777")
        #expect(deprecation.headers.last?.value == "Mon, 07 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(seconds: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT", "the example of RFC 9110")
    }
}
