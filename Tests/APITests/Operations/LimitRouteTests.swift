import Crypto
import HTTPServer
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// Limits at the page: those of the queue, which operators set, and that of signing in.
@Suite struct LimitRouteTests {
    private let rig: SiteRig

    init() async throws {
        rig = try await SiteRig()
        let record = TokenRecord(
            id: "tok_1", scopes: ["queue"], plan: nil, label: "ada", createdAt: SiteRig.start, expiresAt: nil)
        try rig.place.open().run(Query<Void>.addToken(record, sha256: SHA256.digest([UInt8]("hc_queue".utf8)).bytes))
    }

    private func visitor(_ address: String = "203.0.113.1", _ router: Router? = nil) -> Visitor {
        Visitor(router: router ?? rig.router, address: address)
    }

    @Test func aLimitIsChangedBehindAQuestion() async throws {
        var visitor = visitor()
        #expect(try await visitor.signIn("hc_queue").status == 303)
        let form = await visitor.get("/ops/limit?target=fetch-page")
        #expect(form.status == 200 && form.text.contains("Limits of fetch-page"))
        #expect(form.text.contains("name=\"running\"") && !form.text.contains("name=\"depth\""))
        let act = "act=limit&target=fetch-page&running=4&rate=10%2F1s"
        let question = await visitor.post("/ops/confirm", act).text
        #expect(question.contains("Change the limits of fetch-page?") && question.contains("10 / 1s"))
        #expect(try rig.place.open().limits(of: "fetch-page").limit.running == nil, "asking changes nothing")
        let token = try await visitor.token(for: act)
        let done = await visitor.post("/ops/acts", "confirmation=\(token)")
        let place = try #require(done.header("Location"))
        let words = "The limits of fetch-page are changed: running 4, rate 10/1s."
        #expect(await visitor.get(place).text.contains(words))
        let limits = try rig.place.open().limits(of: "fetch-page")
        #expect(limits.text(.running) == "4" && limits.text(.rate) == "10/1s")
        let audit = try #require(try rig.place.open().run(.auditEntries(limit: 1)).first?.entry)
        #expect(audit.who == "page:ada" && audit.action == "queue limit" && audit.target == "fetch-page")
        #expect(await visitor.post("/ops/acts", "confirmation=\(token)").status == 409)
        #expect(await visitor.post("/ops/confirm", act).status == 409, "it is so already")
    }

    @Test func whatStaysIsNotPartOfTheQuestion() async throws {
        var visitor = visitor()
        _ = try await visitor.signIn("hc_queue")
        let token = try await visitor.token(for: "act=limit&target=fetch&depth=5000000&objective=10m")
        // Somebody else changes the other limit while this one is thought about.
        try rig.place.open().run(.limit(QueueLimit(target: "fetch", depth: 7, objective: .minutes(5))))
        #expect(await visitor.post("/ops/acts", "confirmation=\(token)").status == 303)
        let limit = try rig.place.open().limits(of: "fetch").limit
        #expect(limit == QueueLimit(target: "fetch", depth: 7, objective: .minutes(10)))
    }

    @Test(arguments: ["depth=many&objective=5m", "depth=0", "objective=%3Cb%3E"])
    func whatIsNoLimitIsAskedForAgain(fields: String) async throws {
        let answer = await visitor().post("/ops/confirm", "act=limit&target=fetch&\(fields)")
        #expect(answer.status == 400 && answer.text.contains("role=\"alert\""))
        #expect(answer.text.contains("aria-invalid=\"true\"") && !answer.text.contains("<b>\""))
    }

    @Test(arguments: ["", "?target=parse", "?target="])
    func thereIsAFormForWhatThereIs(query: String) async {
        #expect(await visitor().get("/ops/limit" + query).status == 404)
    }

    @Test func failedSignInsAreLimitedOverAllProcesses() async throws {
        let second = try SiteRig.site(at: rig.place.path)
        _ = try #require(await second.openWhenPossible())
        let routers = [rig.router, SiteRig.router(second)]
        for place in 0..<5 {
            var guess = visitor("203.0.113.9", routers[place % 2])
            #expect(try await guess.signIn("hc_guess\(place)").status == 401)
        }
        for router in routers {
            var late = visitor("203.0.113.9", router)
            let answer = try await late.signIn("hc_queue", next: "/ops?page=2")
            #expect(answer.status == 429 && late.cookie == nil, "what is right is not looked at either")
            let wait = try #require(answer.header("Retry-After").flatMap { Int($0) })
            #expect((1...60).contains(wait))
            #expect(answer.text.contains("Too many tries have failed") && answer.text.contains("/ops?page=2"))
        }
        var elsewhere = visitor("203.0.113.10", routers[1])
        #expect(try await elsewhere.signIn("hc_queue").status == 303)
    }

    @Test func whatSucceedsIsNoFailure() async throws {
        for _ in 0..<20 {
            var visitor = visitor()
            #expect(try await visitor.signIn("hc_queue").status == 303)
        }
        for _ in 0..<4 {
            var guess = visitor()
            #expect(try await guess.signIn("hc_guess").status == 401)
        }
        var visitor = visitor()
        #expect(try await visitor.signIn("hc_queue").status == 303, "the last try of five")
    }

    @Test(arguments: FigureWindow.allCases)
    func eachWindowHasItsPageAndItsStream(window: FigureWindow) async throws {
        let page = await rig.get("/ops?window=\(window.rawValue)")
        #expect(page.status == 200 && page.text.contains("<b>last \(window.words)</b>"))
        guard case .stream(let stream) = await rig.get("/ops/events?window=\(window.rawValue)").body else {
            Issue.record("no stream")
            return
        }
        let first = String(decoding: try #require(await stream.next()), as: UTF8.self)
        #expect(first.contains("\"fetch.bars.words\":\"Fetch, jobs done: 0 in the last \(window.words)\""))
        #expect(await rig.get("/ops?window=1y").text.contains("<b>last hour</b>"))
    }
}
