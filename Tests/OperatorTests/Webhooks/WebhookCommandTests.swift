import JSON
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct WebhookCommandTests {
    let world: CommandWorld

    init() throws {
        world = try CommandWorld()
    }

    @discardableResult
    private func run<Output>(_ query: Query<Output>) throws -> [Output] { try world.store.open().run(query) }

    private func add(
        _ id: String, _ state: Subscription.State = .active, signature: Subscription.Signature = .v1,
        change: (inout Subscription) -> Void = { _ in }
    ) throws {
        var subscription = Subscription(
            id: id, url: "https://hooks.example.org/in?key=hidden", types: ["model.*"], state: .active,
            allowHTTP: false,
            description: nil, challenge: nil, createdAt: CommandWorld.start - .days(1))
        subscription.isVerificationSkipped = state != .pending
        subscription.signature = signature
        subscription.state = state == .pending ? .pending : .active
        change(&subscription)
        try run(Query<Void>.addSubscription(subscription))
        let key = NewKey(signature) { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }
        try run(Query<Void>.addSubscriptionKey(key.stored, of: id, createdAt: subscription.createdAt))
        if state == .disabled {
            try run(Query<String>.disableSubscription(id: id, reason: "gone", hasFailed: true, now: CommandWorld.start))
        }
    }

    private func emit(_ name: String) throws {
        let event = OutgoingEvent(
            id: name, type: "model.added", originKey: name, occurredAt: CommandWorld.start, traceParent: nil
        ) { json in
            json.beginObject()
            json.endObject()
        }
        let made = try #require(event)
        try world.store.open().transaction { db throws(SQLiteError) in
            try EmitEvent(made, now: CommandWorld.start).apply(to: db)
        }
    }

    private func deliveries(_ id: String) throws -> [Delivery] { try run(.deliveries(of: id, limit: 100)) }

    private func json(_ words: String...) async throws -> JSONNode {
        world.forget()
        #expect(await world.run(words) == .fine, "\(world.errors)")
        return try JSONDocument(parsing: world.output).root
    }

    @Test func listShowsEachWithItsHealth() async throws {
        try add("sub_1")
        try add("sub_2", .pending)
        try add("sub_3", .disabled)
        try emit("msg_1")
        let listed = try await json("webhooks", "list", "--json")
        #expect(listed.elements.map { $0["state"]?.string } == ["active", "pending", "disabled"])
        #expect(listed[0]?["health"]?["pending"]?.int64 == 1 && listed[0]?["health"]?["breaker"]?.string == "closed")
        #expect(listed[0]?["secret"] == nil)
        let text = await world.output(of: "webhooks", "list")
        #expect(text.contains("https://hooks.example.org/in?…") && !text.contains("hidden"))
        #expect(text.contains("disabled") && text.hasPrefix("ID "))
    }

    @Test func showTellsAllButTheSecret() async throws {
        try add("sub_1") { $0.filter = #"{"id":["a/b"]}"# }
        let secret = try #require(try run(.validKeys(of: "sub_1", now: CommandWorld.start)).first?.secret)
        let text = await world.output(of: "webhooks", "show", "sub_1")
        for word in ["sub_1", #"{"id":["a/b"]}"#, "skipped by an operator", "hmac", "closed"] {
            #expect(text.contains(word), "\(word)")
        }
        let shown = try await json("webhooks", "show", "sub_1", "--json")
        #expect(shown["filter"]?["id"]?[0]?.string == "a/b" && shown["keys"]?.count == 1)
        #expect(!(text + world.output).contains(secret.dropFirst(6)))
    }

    @Test func deliveriesAreListedAndShownWithTheirAttempts() async throws {
        try add("sub_1")
        for name in ["msg_1", "msg_2"] { try emit(name) }
        let first = try #require(try deliveries("sub_1").first { $0.event == "msg_1" })
        var attempt = DeliveryAttempt(
            delivery: first.id, of: "sub_1", number: 1, url: "https://hooks.example.org/in",
            bodySHA256: [UInt8](repeating: 1, count: 32), startedAt: CommandWorld.start, worker: "w")
        (attempt.status, attempt.errorClass, attempt.errorMessage) = (503, "http_5xx", "it answered 503")
        attempt.responseBody = [UInt8]("busy\u{1B}[31m".utf8)
        try run(Query<Void>.saveDeliveryAttempt(attempt))
        try run(Query<Void>.endDelivery(id: first.id, state: .failed, attempts: 1, now: CommandWorld.start))
        let all = try await json("webhooks", "deliveries", "sub_1", "--json")
        #expect(Set(all.elements.compactMap { $0["eventId"]?.string }) == ["msg_1", "msg_2"])
        let failed = try await json("webhooks", "deliveries", "sub_1", "--state", "failed", "--json")
        #expect(failed.elements.map { $0["id"]?.string } == [first.id])
        let one = try await json("webhooks", "deliveries", "sub_1", first.id, "--json")
        #expect(one["attempts"]?[0]?["status"]?.int64 == 503 && one["payload"]?["type"]?.string == "model.added")
        let text = await world.output(of: "webhooks", "deliveries", "sub_1", first.id)
        #expect(text.contains("503 http_5xx: it answered 503") && text.contains("busy?[31m"))
        #expect(await world.output(of: "webhooks", "deliveries", "sub_1").contains("msg_2"))
        let limited = try await json("webhooks", "deliveries", "sub_1", "--limit", "1", "--json")
        #expect(limited.count == 1)
    }

    @Test(arguments: [["webhooks", "resend"], ["webhooks", "resend", "sub_1"]])
    func resendMakesADeliveryOfItsOwn(words: [String]) async throws {
        try add("sub_1")
        try emit("msg_1")
        let first = try #require(try deliveries("sub_1").first)
        world.forget()
        #expect(await world.run(words + [first.id, "--json"]) == .fine)
        let made = try JSONDocument(parsing: world.output).root
        #expect(made["eventId"]?.string == "msg_1")
        let again = try #require(try deliveries("sub_1").first { $0.id == made["deliveryId"]?.string })
        #expect(again.original == first.id && again.trigger == .manual && again.job != nil)
        let audit = try #require(try world.audit().first)
        #expect(audit.who == "test" && audit.action == "webhooks resend" && audit.target == first.id)
    }

    @Test func aTestEventIsSent() async throws {
        try add("sub_1")
        let text = await world.output(of: "webhooks", "test", "sub_1")
        let delivery = try #require(try deliveries("sub_1").first)
        #expect(
            delivery.eventType == "subscription.test" && text.contains(delivery.id) && text.contains(delivery.event))
    }

    @Test func rotatePrintsTheSecretOnce() async throws {
        try add("sub_1")
        let old = try #require(try run(.validKeys(of: "sub_1", now: CommandWorld.start)).first)
        let made = try await json("webhooks", "rotate", "sub_1", "--grace", "2h", "--json")
        let keys = try run(.validKeys(of: "sub_1", now: CommandWorld.start))
        #expect(keys.map(\.id) == [made["keyId"]?.string, old.id] && keys.first?.secret == made["secret"]?.string)
        #expect(made["oldKeysSignUntil"]?.string == (CommandWorld.start + .hours(2)).rfc3339)
        #expect(try run(.validKeys(of: "sub_1", now: CommandWorld.start + .hours(2))).count == 1)
        let text = await world.output(of: "webhooks", "rotate", "sub_1", "--no-grace")
        let last = try run(.validKeys(of: "sub_1", now: CommandWorld.start))
        let secret = try #require(last.first).secret
        #expect(text == secret + "\n" && !world.errors.contains(text.dropFirst(6).dropLast()))
        #expect(last.count == 2, "the one before last still has its grace")
        let told = try world.audit().map { "\($0)" }.joined()
        #expect(keys.allSatisfy { !told.contains($0.secret.dropFirst(6)) })
        try add("sub_2", signature: .v1a)
        #expect(await world.output(of: "webhooks", "rotate", "sub_2").hasPrefix("whpk_"))
    }

    @Test func disableAndEnable() async throws {
        try add("sub_1")
        try add("sub_2", .pending)
        #expect(await world.output(of: "webhooks", "disable", "sub_1", "--reason", "moving").contains("is disabled"))
        #expect(try run(.subscription(id: "sub_1")).first?.disabledReason == "moving")
        for command in [
            ["webhooks", "test", "sub_1"], ["webhooks", "disable", "none"], ["webhooks", "enable", "none"],
        ] {
            world.forget()
            #expect(await world.run(command) == .failed && !world.errors.isEmpty, "\(command)")
        }
        #expect(await world.output(of: "webhooks", "enable", "sub_1").contains("is active"))
        #expect(try run(.subscription(id: "sub_1")).first?.state == .active)
        #expect(await world.output(of: "webhooks", "enable", "sub_2").contains("asked for its challenge"))
        #expect(try deliveries("sub_2").map(\.eventType) == ["subscription.verification"])
    }

    @Test(arguments: [
        (["show", "none"], helicarrier.ExitStatus.failed, "no subscription"),
        (["deliveries", "none"], .failed, "no subscription"),
        (["deliveries", "sub_1", "none"], .failed, "no such delivery"),
        (["resend", "none"], .failed, "no such delivery"),
        (["resend", "sub_1", "none"], .failed, "no such delivery"),
        (["resend", "x", "none"], .failed, "no subscription"),
        (["test", "none"], .failed, "no subscription"), (["rotate", "none"], .failed, "no subscription"),
        (["rotate", "sub_1", "--grace", "8d"], .wrongUsage, "at most 7d"),
        (["rotate", "sub_1", "--grace", "soon"], .wrongUsage, "--grace expects"),
        (["rotate", "sub_1", "--grace", "1h", "--no-grace"], .wrongUsage, "either"),
        (["deliveries", "sub_1", "--state", "lost"], .wrongUsage, "--state expects"),
        (["deliveries", "sub_1", "x", "--state", "failed"], .wrongUsage, "one is named"),
        (["deliveries", "sub_1", "--limit", "0"], .wrongUsage, "--limit expects"), (["show"], .wrongUsage, "missing"),
        (["list", "x"], .wrongUsage, "too many"), (["explode"], .wrongUsage, "there is no command"),
    ])
    func whatCannotBeDoneIsSaid(words: [String], status: helicarrier.ExitStatus, complaint: String) async throws {
        try add("sub_1")
        #expect(await world.run(["webhooks"] + words) == status)
        #expect(world.errors.contains(complaint), "\(world.errors)")
        #expect(try deliveries("sub_1").isEmpty)
    }
}
