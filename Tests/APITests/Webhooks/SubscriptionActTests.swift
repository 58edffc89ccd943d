import Crypto
import Daemon
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Testing

@testable import api

@Suite struct SubscriptionActTests {
    @Test func aRotationMakesANewKeyAndLetsTheOldOneSignForAWhile() async throws {
        let rig = try await WebhookRig()
        let (id, made) = try await rig.make()
        let before = SystemClock.now()
        let response = await rig.send(.post, "/\(id)/rotate", #"{"graceSeconds":3600}"#)
        let after = SystemClock.now()
        let root = try #require(response.json)
        #expect(response.status == 200 && response.header("Cache-Control") == "no-store")
        let (old, new) = (try #require(made["secret"]?.string), try #require(root["secret"]?.string))
        #expect(new.hasPrefix("whsec_") && new != old)
        let keys = try rig.run(.validKeys(of: id, now: SystemClock.now()))
        #expect(keys.map(\.secret) == [new, old], "the current one signs first")
        let ends = root["keys"]?.elements.map { $0["expiresAt"]?.string } ?? []
        let end = try #require(ends.last.flatMap(\.self).flatMap(Timestamp.init(rfc3339:)))
        #expect(ends.count == 2 && ends[0] == nil)
        #expect((before + .hours(1)...after + .hours(1)).contains(end))
        #expect(try rig.run(.validKeys(of: id, now: end)).map(\.secret) == [new])
        let tag = await rig.send(.get, "/\(id)").header("ETag")
        #expect(response.header("ETag") == tag)
    }

    @Test(arguments: [(nil, 86_400), ("{}", 86_400), (#"{"graceSeconds":604800}"#, 604_800)] as [(String?, Int64)])
    func theGraceHasADefault(body: String?, seconds: Int64) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let before = SystemClock.now()
        #expect(await rig.send(.post, "/\(id)/rotate", body).status == 200)
        let after = SystemClock.now()
        let end = try #require(try rig.run(.shownKeys(of: id, now: after)).last?.expiresAt)
        #expect((before + .seconds(seconds)...after + .seconds(seconds)).contains(end))
    }

    @Test func withoutGraceTheOldKeyEndsAtOnce() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let root = try #require(await rig.send(.post, "/\(id)/rotate", #"{"graceSeconds":0}"#).json)
        #expect(root["keys"]?.count == 1)
        #expect(try rig.run(.validKeys(of: id, now: SystemClock.now())).map(\.secret) == [root["secret"]?.string])
    }

    @Test(arguments: [
        (#"{"graceSeconds":-1}"#, ["/graceSeconds": "out_of_range"]),
        (#"{"graceSeconds":604801}"#, ["/graceSeconds": "out_of_range"]),
        (#"{"graceSeconds":1.5}"#, ["/graceSeconds": "wrong_type"]),
        (#"{"graceSeconds":"1"}"#, ["/graceSeconds": "wrong_type"]),
        (#"{"graceSeconds":null}"#, ["/graceSeconds": "wrong_type"]), (#"{"grace":1}"#, ["/grace": "unknown_field"]),
        ("[]", ["": "wrong_type"]), ("{", ["": "malformed_json"]),
    ])
    func aBadRotationIsNamedAndMakesNoKey(body: String, faults: [String: String]) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let response = await rig.send(.post, "/\(id)/rotate", body)
        #expect(response.isProblem(400, "invalid_body") && response.faults == faults, "\(response.text)")
        #expect(await rig.send(.post, "/\(id)/rotate", body, type: "text/plain").status == 415)
        #expect(try rig.run(.validKeys(of: id, now: SystemClock.now())).count == 1)
    }

    @Test func tenOldKeysSignAtMost() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        var secrets: [String] = []
        for _ in 0..<13 {
            let root = try #require(await rig.send(.post, "/\(id)/rotate").json)
            secrets.append(try #require(root["secret"]?.string))
        }
        let keys = try rig.run(.validKeys(of: id, now: SystemClock.now()))
        #expect(keys.count == 11 && keys.first?.secret == secrets.last)
        #expect(Set(keys.map(\.secret)) == Set(secrets.suffix(11)))
        let kept = try rig.run(Query("SELECT count(*) FROM subscription_key") { $0.count(0) })
        #expect(kept == [11], "what signs no more is not kept")
    }

    @Test func aPairShowsItsPublicHalfOnly() async throws {
        let rig = try await WebhookRig()
        let (id, made) = try await rig.make(#"{"url":"https://example.org/hook","signature":"v1a"}"#)
        #expect(made["secret"]?.isNull == true && made["signature"]?.string == "v1a")
        let first = try #require(made["publicKey"]?.string)
        let rotated = try #require(await rig.send(.post, "/\(id)/rotate").json)
        let second = try #require(rotated["publicKey"]?.string)
        #expect(first.hasPrefix("whpk_") && second.hasPrefix("whpk_") && first != second)
        let shared = try await rig.make().id
        let response = await rig.send(.get, "/.well-known/webhook-keys", token: nil)
        #expect(response.status == 200 && response.header("Content-Type") == "application/jwk-set+json")
        let keys = try #require(response.json?["keys"]).elements.map { $0 }
        #expect(keys.compactMap { $0["whpk"]?.string } == [first, second])
        for key in keys {
            #expect(key["kty"]?.string == "OKP" && key["crv"]?.string == "Ed25519" && key["alg"]?.string == "EdDSA")
            let bytes = try #require(key["x"]?.string.flatMap { Base64.decode($0, .urlSafe) })
            #expect("whpk_" + Base64.encode(bytes) == key["whpk"]?.string && key["d"] == nil)
        }
        let ids = rotated["keys"]?.elements.compactMap { $0["id"]?.string } ?? []
        #expect(Set(keys.compactMap { $0["kid"]?.string }) == Set(ids))
        #expect(try rig.run(.shownKeys(of: shared, now: SystemClock.now())).map(\.publicKey) == [nil])
        let tag = try #require(response.header("ETag"))
        let again = await rig.send(
            .get, "/.well-known/webhook-keys", token: nil, headers: [HeaderField("If-None-Match", tag)])
        #expect(again.status == 304)
        #expect(await rig.send(.get, "/.well-known/webhook-keys?a=b", token: nil).isProblem(400, "invalid_parameter"))
    }

    @Test func aTestEventIsSentToWhoAsksForIt() async throws {
        let rig = try await WebhookRig()
        let (id, other) = (try await rig.makeActive(), try await rig.makeActive())
        let response = await rig.send(.post, "/\(id)/test")
        #expect(response.status == 202)
        let delivery = try #require(try rig.deliveries(id).first)
        #expect(
            delivery.id == response.json?["deliveryId"]?.string && delivery.event == response.json?["eventId"]?.string)
        #expect(delivery.eventType == "subscription.test" && delivery.trigger == .test)
        #expect(try rig.deliveries(other).isEmpty)
    }

    @Test func disablingSendsNothingMoreAndTellsOthers() async throws {
        let rig = try await WebhookRig()
        let (id, other) = (try await rig.makeActive(), try await rig.makeActive())
        try rig.emit()
        let response = await rig.send(.post, "/\(id)/disable")
        #expect(response.status == 200 && response.json?["state"]?.string == "disabled")
        #expect(response.json?["disabledReason"]?.string == "disabled through the API")
        try rig.emit()
        let waiting = try rig.deliveries(id).filter { $0.state == .pending && $0.job == nil }
        let count = try rig.deliveries(id).count
        #expect(waiting.isEmpty && count == 1)
        let told = try rig.deliveries(other).map(\.eventType)
        #expect(told.filter { $0 == "subscription.disabled" }.count == 1)
        #expect(await rig.send(.post, "/\(id)/test").isProblem(409, "conflict"))
        let replay = #"{"since":"2026-01-01","until":"2027-01-01"}"#
        #expect(await rig.send(.post, "/\(id)/replay", replay).isProblem(409, "conflict"))
        let again = await rig.send(.post, "/\(id)/disable")
        #expect(again.status == 200 && again.header("ETag") == response.header("ETag"), "it is so already")
    }

    @Test func enablingBeginsAnew() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        try rig.run(
            Query<Void>(
                """
                UPDATE subscription SET consecutive_failures = 25, failing_since_ms = 1, throttled_until_ms = ?2,
                       breaker_until_ms = ?2 WHERE id = ?1
                """, [.text(id), .integer((SystemClock.now() + .days(1)).milliseconds)]))
        #expect(await rig.send(.post, "/\(id)/disable").status == 200)
        let enabled = await rig.send(.post, "/\(id)/enable")
        #expect(enabled.status == 200 && enabled.json?["state"]?.string == "active")
        #expect(enabled.json?["disabledReason"]?.isNull == true)
        let health = try #require(await rig.send(.get, "/\(id)/health").json)
        #expect(health["consecutiveFailures"]?.int64 == 0 && health["breaker"]?.string == "closed")
        #expect(health["failingSince"]?.isNull == true && health["throttledUntil"]?.isNull == true)
        let again = await rig.send(.post, "/\(id)/enable")
        #expect(again.header("ETag") == enabled.header("ETag"), "it is so already")
        try rig.emit()
        #expect(try rig.deliveries(id).count == 1)
    }

    @Test func oneThatNeverAnsweredIsAskedAgain() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let first = try rig.subscription(id).challenge
        let response = await rig.send(.post, "/\(id)/enable")
        #expect(response.json?["state"]?.string == "pending")
        let second = try rig.subscription(id).challenge
        #expect(second != nil && second != first)
        #expect(try rig.deliveries(id).count == 2)
    }

    @Test(arguments: ["/rotate", "/test", "/enable", "/disable"])
    func anActUnderAKeyIsDoneOnce(act: String) async throws {
        let rig = try await WebhookRig()
        let (id, other) = (try await rig.make().id, try await rig.make().id)
        let key = [HeaderField("Idempotency-Key", "k-1")]
        let first = await rig.send(.post, "/\(id)\(act)", headers: key)
        let version = try rig.subscription(id).version
        let again = await rig.send(.post, "/\(id)\(act)", headers: key)
        #expect(first.status < 300 && again.status == first.status && again.bytes == first.bytes)
        #expect(again.header("Idempotency-Replayed") == "true" && first.header("Idempotency-Replayed") == nil)
        #expect(try rig.subscription(id).version == version)
        let elsewhere = await rig.send(.post, "/\(other)\(act)", headers: key)
        #expect(elsewhere.header("Idempotency-Replayed") == nil, "a key belongs to its route")
        if act == "/rotate" {
            let changed = await rig.send(.post, "/\(id)\(act)", #"{"graceSeconds":1}"#, headers: key)
            #expect(changed.isProblem(422, "idempotency_mismatch"))
        }
    }

    @Test func healthIsToldWithoutChangingTheTag() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        let tag = await rig.send(.get, "/\(id)").header("ETag")
        let now = SystemClock.now()
        try rig.run(
            Query<Void>(
                """
                UPDATE subscription SET consecutive_failures = 3, failing_since_ms = ?2, failing_notice = 50,
                       last_attempt_at_ms = ?2, last_success_at_ms = ?3, breaker_until_ms = ?4 WHERE id = ?1
                """,
                [
                    .text(id), .integer(now.milliseconds), .integer((now - .hours(2)).milliseconds),
                    .integer((now + .hours(1)).milliseconds),
                ]))
        let response = await rig.send(.get, "/\(id)/health")
        let health = try #require(response.json)
        #expect(health["consecutiveFailures"]?.int64 == 3 && health["breaker"]?.string == "open")
        #expect(health["failingNoticePercent"]?.int64 == 50 && health["successRate24h"]?.isNull == true)
        #expect(health["lastSuccessAt"]?.string == (now - .hours(2)).rfc3339)
        #expect(response.header("ETag") != nil)
        #expect(await rig.send(.get, "/\(id)").header("ETag") == tag)
    }
}
