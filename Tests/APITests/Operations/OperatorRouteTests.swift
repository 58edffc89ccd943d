import Crypto
import Daemon
import HTTPServer
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import api

@Suite struct OperatorRouteTests {
    private let rig: SiteRig

    init() async throws {
        rig = try await SiteRig()
        try addToken("hc_queue", scopes: ["queue"], label: "ada")
        try addToken("hc_read", scopes: ["read", "webhooks"])
    }

    private func addToken(_ text: String, scopes: [String], label: String? = nil) throws {
        let record = TokenRecord(
            id: "tok_" + text, scopes: scopes, plan: nil, label: label, createdAt: SiteRig.start, expiresAt: nil)
        try run(Query<Void>.addToken(record, sha256: SHA256.digest([UInt8](text.utf8)).bytes))
    }

    @discardableResult
    private func addDead(_ errorClass: String, key: String? = nil) throws -> JobID {
        let job = NewJob(kind: "fetch-page", stage: .fetch, payload: "{}", maxAttempts: 3, uniqueKey: key)
        let id = try #require(try rig.place.open().enqueue(job, now: SiteRig.start))
        try run(
            Query<Void>(
                """
                UPDATE job SET state = 'dead', attempt = 3, finished_at_ms = ?2, error_class = ?3, unique_held = 0,
                       error_message = 'it broke'
                 WHERE id = ?1
                """, [.integer(id.rawValue), .integer(SiteRig.start.milliseconds), .text(errorClass)]))
        return id
    }

    @discardableResult
    private func run<Output>(_ query: Query<Output>) throws -> [Output] { try rig.place.open().run(query) }

    private func state(_ id: JobID) throws -> JobState? { try rig.place.open().storedJob(id)?.state }

    private func signedIn() async throws -> Visitor {
        var visitor = Visitor(router: rig.router)
        #expect(try await visitor.signIn("hc_queue").status == 303)
        return visitor
    }

    @Test func readingIsOpen() async throws {
        try addDead("tls")
        let page = await rig.get("/ops")
        #expect(page.status == 200 && page.text.contains("Requeue all 1…") && page.text.contains("Sign in"))
        #expect(page.text.contains("it broke"))
        let events = await rig.get("/ops/events")
        #expect(events.header("Content-Type") == "text/event-stream")
        guard case .stream(let stream) = events.body else {
            Issue.record("no stream")
            return
        }
        let first = String(decoding: try #require(await stream.next()), as: UTF8.self)
        #expect(first.contains("\"total.dead\":\"1\"") && stream.isEndless)
    }

    @Test func withoutASessionAnActLeadsToSignInAndOnFromThere() async throws {
        let id = try addDead("tls")
        var visitor = Visitor(router: rig.router)
        let answer = await visitor.post("/ops/confirm", "requeue=\(id)")
        #expect(answer.status == 303)
        let next = "%2Fops%2Fconfirm%3Fact%3Drequeue-selected%26job%3D\(id)"
        #expect(answer.header("Location") == "/ops/sign-in?next=\(next)")
        #expect(await visitor.post("/ops/acts", "confirmation=x").header("Location") == "/ops/sign-in")
        #expect(try state(id) == .dead)
        let signIn = try await visitor.signIn("hc_queue", next: next)
        #expect(signIn.header("Location") == "/ops/confirm?act=requeue-selected&job=\(id)")
        #expect(await visitor.get("/ops/confirm?act=requeue-selected&job=\(id)").text.contains("Requeue 1 job?"))
    }

    @Test(arguments: [("hc_nobody", 401), ("hc_read", 403), ("", 401), ("queue", 401)])
    func aTokenWithoutTheScopeOpensNothing(token: String, status: Int) async throws {
        var visitor = Visitor(router: rig.router)
        let answer = try await visitor.signIn(token)
        #expect(answer.status == status && visitor.cookie == nil)
        #expect(answer.text.contains("role=\"alert\"") && !answer.text.contains("hc_"))
    }

    @Test func aConfirmedActIsDoneOnceAndLeavesWhoDidIt() async throws {
        let (first, second) = (try addDead("tls"), try addDead("tls"))
        let visitor = try await signedIn()
        let page = await visitor.post("/ops/confirm", "act=requeue-selected&job=\(first)&job=\(second)&job=99")
        #expect(page.text.contains("Requeue 2 jobs?") && page.text.contains("it broke"))
        #expect(try state(first) == .dead, "asking changes nothing")
        let token = try await visitor.token(for: "requeue=\(first)")
        let done = await visitor.post("/ops/acts", "confirmation=\(token)")
        #expect(done.status == 303)
        let place = try #require(done.header("Location"))
        #expect(await visitor.get(place).text.contains("1 job requeued, 0 refused."))
        #expect(await !rig.get(place).text.contains("requeued, 0"), "the result is for who did it")
        #expect(try state(first) == .ready)
        #expect(try state(second) == .dead)
        let audit = try run(.auditEntries(limit: 1)).map(\.entry)
        #expect(audit.map(\.who) == ["page:ada"] && audit.map(\.action) == ["queue requeue"])
        #expect(audit.first?.target == "\(first)")
        let again = await visitor.post("/ops/acts", "confirmation=\(token)")
        #expect(again.status == 409 && again.text.contains("done once only"))
    }

    @Test func allMeansThoseThatWereDeadWhenItWasAsked() async throws {
        let old = [try addDead("tls"), try addDead("tls")]
        let other = try addDead("dns")
        let visitor = try await signedIn()
        let token = try await visitor.token(for: "act=discard-all&error=tls&stage=fetch")
        let late = try addDead("tls")
        try run(
            Query<Void>(
                "UPDATE job SET finished_at_ms = ?2 WHERE id = ?1",
                [.integer(late.rawValue), .integer((SystemClock.now() + .hours(1)).milliseconds)]))
        #expect(await visitor.post("/ops/acts", "confirmation=\(token)").status == 303)
        for id in old { #expect(try state(id) == .cancelled) }
        #expect(try state(other) == .dead)
        #expect(try state(late) == .dead)
    }

    @Test func aJobWhoseWorkIsBeingDoneIsRefusedAndCounted() async throws {
        let blocked = try addDead("tls", key: "page:1")
        try rig.place.open().enqueue(
            NewJob(kind: "fetch-page", stage: .fetch, payload: "{}", maxAttempts: 3, uniqueKey: "page:1"),
            now: SiteRig.start)
        let visitor = try await signedIn()
        let token = try await visitor.token(for: "requeue=\(blocked)")
        let done = await visitor.post("/ops/acts", "confirmation=\(token)")
        let page = await visitor.get(try #require(done.header("Location"))).text
        #expect(page.contains("0 jobs requeued, 1 refused: only dead and cancelled jobs"))
    }

    @Test func aTokenServesItsSessionOnly() async throws {
        let id = try addDead("tls")
        let (ada, other) = (try await signedIn(), try await signedIn())
        let token = try await ada.token(for: "discard=\(id)")
        for body in ["confirmation=\(token)", "confirmation=", "confirmation=%21", ""] {
            let answer = await other.post("/ops/acts", body)
            #expect(answer.status == 403, "\(body)")
        }
        #expect(try state(id) == .dead)
        #expect(await ada.post("/ops/acts", "confirmation=\(token)").status == 303)
    }

    @Test(arguments: ["/ops/confirm", "/ops/acts", "/ops/sign-in", "/ops/sign-out"])
    func aFormFromElsewhereIsForbidden(target: String) async throws {
        let id = try addDead("tls")
        let visitor = try await signedIn()
        let token = try await visitor.token(for: "discard=\(id)")
        let headers = [
            HeaderField("Host", "ops.example"), HeaderField("Origin", "http://evil.example"),
            HeaderField("Content-Type", "application/x-www-form-urlencoded"),
        ]
        let body = "confirmation=\(token)&discard=\(id)&token=hc_queue"
        #expect(await visitor.post(target, body, headers: headers).status == 403)
        #expect(try state(id) == .dead)
        #expect(await visitor.get("/ops").text.contains("Sign out"))
    }

    @Test func aStageIsPausedWithAReasonAndResumed() async throws {
        let visitor = try await signedIn()
        let token = try await visitor.token(for: "act=pause&target=score")
        #expect(await visitor.post("/ops/acts", "confirmation=\(token)&reason=+").status == 400)
        let done = await visitor.post("/ops/acts", "confirmation=\(token)&reason=new+profile&for=15m")
        #expect(done.status == 303, "a reason that was missing costs nothing")
        let pause = try #require(try run(.pauses(now: SystemClock.now())).first)
        #expect(pause.target == "score" && pause.reason == "new profile" && pause.pausedBy == "page:ada")
        #expect(pause.until == pause.since + .minutes(15))
        #expect(await visitor.get("/ops").text.contains("Score is paused."))
        let resume = try await visitor.token(for: "act=resume&target=score")
        let resumed = await visitor.post("/ops/acts", "confirmation=\(resume)")
        #expect(await visitor.get(try #require(resumed.header("Location"))).text.contains("Score goes on."))
        let left = try run(.pauses(now: SystemClock.now()))
        #expect(left.isEmpty)
    }

    @Test(arguments: [
        ("act=resume&target=score", 409), ("act=requeue-all", 409), ("act=requeue-selected", 409),
        ("requeue=12345", 409), ("act=explode", 400), ("", 400),
    ])
    func whereThereIsNothingToDoThePageSaysSo(act: String, status: Int) async throws {
        let visitor = try await signedIn()
        let answer = await visitor.post("/ops/confirm", act)
        #expect(answer.status == status && answer.text.contains("Nothing to do"))
    }

    @Test func aRevokedTokenEndsItsSessions() async throws {
        let visitor = try await signedIn()
        #expect(await visitor.get("/ops").text.contains("Sign out"))
        try run(Query<String>.revokeToken("tok_hc_queue", now: SystemClock.now()))
        #expect(await !visitor.get("/ops").text.contains("Sign out"))
        #expect(await visitor.post("/ops/acts", "confirmation=x").header("Location") == "/ops/sign-in")
    }

    @Test func signingOutEndsTheSessionAndItsQuestions() async throws {
        let id = try addDead("tls")
        let visitor = try await signedIn()
        let token = try await visitor.token(for: "discard=\(id)")
        let answer = await visitor.post("/ops/sign-out", "")
        #expect(answer.header("Set-Cookie")?.contains("Max-Age=0") == true)
        #expect(await visitor.post("/ops/acts", "confirmation=\(token)").header("Location") == "/ops/sign-in")
        #expect(try state(id) == .dead)
    }

    @Test func theDatabaseHoldsNothingThatSignsIn() async throws {
        let visitor = try await signedIn()
        let cookie = try #require(visitor.cookie?.split(separator: "=").last)
        let id = try #require(Base64.decode(String(cookie), .urlSafe))
        let kept = try run(Query("SELECT sha256 FROM operator_session") { $0.blob(0) })
        #expect(kept == [SHA256.digest(id).bytes])
    }

    @Test func theDeploymentsSecretSignsInUntilItChanges() async throws {
        func router(secret: String) async throws -> Router {
            let environment = Environment([
                "HELICARRIER_DB_PATH": rig.place.path, "HELICARRIER_CONFIG_DIR": Repository.root + "/config",
                "HELICARRIER_HUB_URL": "off", "HELICARRIER_SECRET": secret,
            ])
            let site = Site(try ApiSettings(environment), log: .silent) { _ in [] }
            _ = try #require(await site.openWhenPossible())
            return SiteRig.router(site)
        }
        var visitor = Visitor(router: try await router(secret: "open-sesame"))
        #expect(try await visitor.signIn("open-sesam").status == 401)
        #expect(try await visitor.signIn("open-sesame").status == 303)
        #expect(await visitor.get("/ops").text.contains("page:secret"))
        let after = Visitor(router: try await router(secret: "another"), cookie: visitor.cookie)
        #expect(await !after.get("/ops").text.contains("Sign out"))
    }
}
