import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Testing

@testable import api

@Suite struct WebhookPageTests {
    private static let url = #"{"url":"https://hooks.example.org/in/s3cret?key=1","skipVerification":true}"#

    private func attempt(_ delivery: Delivery) -> DeliveryAttempt {
        var attempt = DeliveryAttempt(
            delivery: delivery.id, of: delivery.subscription, number: 1, url: "https://hooks.example.org/in/s3cret",
            bodySHA256: [UInt8](repeating: 1, count: 32), startedAt: SiteRig.start, worker: "w1")
        attempt.address = "192.0.2.7"
        attempt.status = 500
        attempt.responseBody = [UInt8]("<script>alert(1)</script>".utf8)
        (attempt.errorClass, attempt.errorMessage) = ("http_5xx", "the receiver answered 500")
        attempt.steps.total = 84
        return attempt
    }

    private func signedIn(_ rig: WebhookRig) async throws -> Visitor {
        var visitor = Visitor(router: rig.rig.router)
        #expect(try await visitor.signIn(WebhookRig.admin).status == 303)
        return visitor
    }

    @Test func withoutSubscriptionsThePageSaysHowToMakeOne() async throws {
        let page = await (try WebhookRig()).send(.get, "/ops/webhooks", token: nil)
        #expect(page.status == 200 && page.text.contains("helicarrier token create --scope webhooks"))
        #expect(page.header("Content-Security-Policy")?.contains("frame-ancestors 'none'") == true)
    }

    @Test func everySubscriptionHasARowWithItsHealth() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make(Self.url, token: WebhookRig.admin).id
        _ = try await rig.make(#"{"url":"https://new.example/","description":"<b>mine</b>"}"#)
        try rig.emit()
        try rig.run(Query<Void>.saveDeliveryAttempt(attempt(try #require(try rig.deliveries(id).first))))
        try rig.run(
            Query<Void>("UPDATE subscription SET consecutive_failures = 4 WHERE id = ?1", [.text(id)]))
        let text = await rig.send(.get, "/ops/webhooks", token: nil).text
        #expect(text.contains("hooks.example.org") && text.contains(">Failing<") && text.contains(">4</span>"))
        #expect(text.contains("new.example") && text.contains(">Not verified<"))
        #expect(text.contains("&lt;b&gt;mine") && !text.contains("<b>mine"))
        #expect(!text.contains("s3cret"), "the path of a webhook often is its password")
        #expect(await rig.send(.get, "/ops", token: nil).text.contains(#"href="/ops/webhooks""#))
    }

    @Test func manySubscriptionsComeInPages() async throws {
        let rig = try await WebhookRig()
        for index in 0..<27 { _ = try await rig.make(#"{"url":"https://h\#(index).example/"}"#) }
        let (first, second) = (
            await rig.send(.get, "/ops/webhooks", token: nil).text,
            await rig.send(.get, "/ops/webhooks?page=2", token: nil).text
        )
        #expect(first.contains("h0.example") && !first.contains("h25.example") && first.contains("1–25 of 27"))
        #expect(second.contains("h26.example") && !second.contains("h24.example") && second.contains("Page 2 of 2"))
        #expect(await rig.send(.get, "/ops/webhooks?page=99", token: nil).text.contains("Page 2 of 2"))
    }

    @Test func whatReceiversAnsweredIsForOperators() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make(Self.url, token: WebhookRig.admin).id
        try rig.emit()
        try rig.run(Query<Void>.saveDeliveryAttempt(attempt(try #require(try rig.deliveries(id).first))))
        let open = await rig.send(.get, "/ops/webhooks/\(id)", token: nil).text
        #expect(open.contains("model.added") && open.contains(">500</span>") && open.contains("1 attempt"))
        for hidden in ["192.0.2.7", "alert(1)", "s3cret", "the receiver answered"] { #expect(!open.contains(hidden)) }
        let full = await (try signedIn(rig)).get("/ops/webhooks/\(id)").text
        for told in ["192.0.2.7", "&lt;script&gt;alert(1)", "in/s3cret", "the receiver answered 500"] {
            #expect(full.contains(told), "\(told)")
        }
        #expect(!full.contains("<script>alert") && !full.contains("key=1"))
    }

    @Test func deliveriesAreShownByStateAndInPages() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        for index in 0..<27 { try rig.emit(at: SiteRig.start + .seconds(Int64(index)), name: "msg_\(index)") }
        let last = try #require(try rig.deliveries(id).first { $0.event == "msg_26" })
        try rig.run(Query<Void>.endDelivery(id: last.id, state: .failed, attempts: 1, now: SiteRig.start))
        let first = await rig.send(.get, "/ops/webhooks/\(id)", token: nil).text
        #expect(first.contains(">msg_26<") && !first.contains(">msg_1<"))
        let start = try #require(first.firstRange(of: #"rel="next" href=""#)?.upperBound)
        let older = String(first[start...].prefix { $0 != "#" })
        let second = await rig.send(.get, older, token: nil).text
        #expect(second.contains(">msg_1<") && second.contains(">msg_0<") && !second.contains(">msg_2<"))
        let failed = await rig.send(.get, "/ops/webhooks/\(id)?state=failed", token: nil).text
        #expect(failed.contains(">msg_26<") && !failed.contains(">msg_25<"))
        let none = await rig.send(.get, "/ops/webhooks/\(id)?state=cancelled", token: nil).text
        #expect(none.contains("No delivery fits."))
        for odd in ["?state=lost", "?before=x", "?before=1.2.3", "?done=x"] {
            #expect(await rig.send(.get, "/ops/webhooks/\(id)\(odd)", token: nil).status == 200, "\(odd)")
        }
    }

    @Test func whatIsNotThereIsAPageThatSaysSo() async throws {
        let page = await (try WebhookRig()).send(.get, "/ops/webhooks/none", token: nil)
        #expect(page.status == 404 && page.header("Content-Type")?.hasPrefix("text/html") == true)
    }

    @Test func aResendIsConfirmedAndDoneOnce() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        try rig.emit()
        let delivery = try #require(try rig.deliveries(id).first?.id)
        let visitor = try await signedIn(rig)
        let act = "act=webhook-resend&webhook=\(id)&delivery=\(delivery)"
        #expect(await visitor.post("/ops/confirm", act).text.contains("Send model.added again?"))
        #expect(try rig.deliveries(id).count == 1, "asking changes nothing")
        let token = try await visitor.token(for: act)
        let done = await visitor.post("/ops/acts", "confirmation=\(token)")
        let place = try #require(done.header("Location"))
        #expect(done.status == 303 && place.hasPrefix("/ops/webhooks/\(id)?done="))
        #expect(await visitor.get(place).text.contains("The event is sent again, as delivery dlv_"))
        #expect(try rig.deliveries(id).map(\.trigger).contains(.manual))
        #expect(await visitor.post("/ops/acts", "confirmation=\(token)").status == 409)
        #expect(try rig.deliveries(id).count == 2)
        let audit = try #require(try rig.run(.auditEntries(limit: 1)).first?.entry)
        #expect(audit.action == "webhooks resend" && audit.target == delivery && audit.who == "page:tok_hc_operator")
    }

    @Test func theOtherActsAreConfirmedToo() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        let visitor = try await signedIn(rig)
        for (verb, state, words) in [
            ("test", Subscription.State.active, "A test event is sent"), ("disable", .disabled, "is disabled."),
            ("enable", .active, "is active."),
        ] {
            let token = try await visitor.token(for: "act=webhook-\(verb)&webhook=\(id)")
            let done = await visitor.post("/ops/acts", "confirmation=\(token)")
            #expect(await visitor.get(try #require(done.header("Location"))).text.contains(words), "\(verb)")
            #expect(try rig.subscription(id).state == state)
        }
    }

    @Test(arguments: [
        ("act=webhook-resend&webhook=ID", 400), ("act=webhook-explode&webhook=ID", 400), ("act=webhook-test", 400),
        ("act=webhook-resend&webhook=ID&delivery=none", 409), ("act=webhook-test&webhook=none", 409),
        ("act=webhook-enable&webhook=ID", 409), ("act=webhook&webhook=ID", 400),
    ])
    func whatCannotBeDoneIsSaid(act: String, status: Int) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        let answer = await (try signedIn(rig)).post("/ops/confirm", act.replacing("ID", with: id))
        #expect(answer.status == status && answer.text.contains("Nothing to do"))
    }

    @Test func withoutASessionAnActLeadsToSignInAndBack() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        var visitor = Visitor(router: rig.rig.router)
        let answer = await visitor.post("/ops/confirm", "act=webhook-disable&webhook=\(id)")
        let place = try #require(answer.header("Location"))
        #expect(answer.status == 303 && place.hasPrefix("/ops/sign-in?next="))
        let back = try await visitor.signIn(WebhookRig.admin, next: "%2Fops%2Fwebhooks%2F\(id)")
        #expect(back.header("Location") == "/ops/webhooks/\(id)")
        #expect(try rig.subscription(id).state == .active)
        let foreign = [HeaderField("Host", "ops.example"), HeaderField("Origin", "http://evil.example")]
        let forged = await visitor.post("/ops/confirm", "act=webhook-disable&webhook=\(id)", headers: foreign)
        #expect(forged.status == 403)
    }
}
