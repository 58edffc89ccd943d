import Crypto
import Daemon
import FoundationEssentials
import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import api

/// A secret is in the answer to the creation or rotation that made it, and in nothing else that anybody can read.
@Suite struct SecretTests {
    /// All that a deployment says while subscriptions are made, changed, used and shown.
    private final class Everything {
        var texts: [(place: String, text: String)] = []

        func add(_ place: String, _ response: Response) {
            texts.append((place, response.text + response.headers.map { "\($0.name): \($0.value)\n" }.joined()))
        }
    }

    @Test func itIsShownOnce() async throws {
        let log = EventLog()
        let rig = try await WebhookRig(log: log.logger)
        let said = Everything()
        let key = [HeaderField("Idempotency-Key", "k-1")]
        var shown: [String] = []
        let body = #"{"url":"https://example.org/hook?key=hidden","types":["*"],"skipVerification":true}"#
        let created = await rig.send(.post, "", body, token: WebhookRig.admin, headers: key)
        shown.append(try #require(created.json?["secret"]?.string))
        let id = try #require(created.json?["id"]?.string)
        let rotated = await rig.send(.post, "/\(id)/rotate", headers: key)
        shown.append(try #require(rotated.json?["secret"]?.string))
        let pair = try await rig.make(#"{"url":"https://example.org/pair","signature":"v1a"}"#)
        said.texts.append(("creation of a pair", "\(pair.made.value)"))
        said.add("rotation of a pair", await rig.send(.post, "/\(pair.id)/rotate"))
        // The same creation, asked for again, is the same answer.
        #expect(await rig.send(.post, "", body, token: WebhookRig.admin, headers: key).bytes == created.bytes)
        #expect(await rig.send(.post, "/\(id)/rotate", headers: key).bytes == rotated.bytes)
        said.add("another body", await rig.send(.post, "", "{\"url\":7}", token: WebhookRig.admin, headers: key))

        for (act, body) in [
            ("test", nil), ("disable", nil), ("enable", nil),
            ("replay", #"{"since":"2020-01-01","until":"2030-01-01"}"#),
        ] {
            said.add(act, await rig.send(.post, "/\(id)/\(act)", body))
        }
        said.add("change", try await rig.sendMatching(.patch, id, #"{"description":"x"}"#))
        said.add("no change", try await rig.sendMatching(.patch, id, #"{"secret":"y"}"#))
        try await read(rig, id, said)
        said.texts += log.events.map { ("log", "\($0)") }
        try expectNothing(in: said, rig, shown: shown)
        try expectNothingElseStored(rig)
    }

    /// Reads every route and page with the names that are there, signed in and not.
    private func read(_ rig: WebhookRig, _ id: String, _ said: Everything) async throws {
        let delivery = try #require(try rig.deliveries(id).first?.id)
        var visitor = Visitor(router: rig.rig.router)
        #expect(try await visitor.signIn(WebhookRig.admin).status == 303)
        let reads = rig.rig.router.routes.filter { $0.method == .get && !$0.pattern.hasSuffix("/stream") }
        for route in reads where route.pattern != "/ops/events" {
            let path = route.pattern.replacing(":id", with: id).replacing(":deliveryId", with: delivery)
            let target = path.replacing(":owner", with: "o").replacing(":name", with: "n")
            let headers: HeaderFields = [HeaderField("Authorization", "Bearer \(WebhookRig.admin)")]
            said.add(target, await rig.rig.get(target, headers))
            said.add("\(target), signed in", await visitor.get(target))
        }
        for verb in ["test", "disable"] {
            said.add(verb, await visitor.post("/ops/confirm", "act=webhook-\(verb)&webhook=\(id)"))
        }
        #expect(said.texts.count > 80)
        #expect(said.texts.contains { $0.place.hasPrefix("/ops/webhooks/") && $0.text.contains(id) })
    }

    private func secrets(_ rig: WebhookRig) throws -> [String] {
        try rig.run(Query("SELECT secret FROM subscription_key") { $0.text(0) })
    }

    /// A secret, with and without its prefix, and as hexadecimal digits.
    private func forms(of secret: String) throws -> [String] {
        let bare = String(try #require(secret.split(separator: "_").last))
        let bytes = try #require(Base64.decode(bare))
        return [bare, Base64.encode(bytes, .urlSafe), Hex.encode(bytes)]
    }

    private func expectNothing(in said: Everything, _ rig: WebhookRig, shown: [String]) throws {
        let kept = try secrets(rig)
        #expect(kept.count == 4 && Set(shown).isSubset(of: kept), "the test looks for what there is")
        for secret in kept {
            for form in try forms(of: secret) {
                for (place, text) in said.texts { #expect(!text.contains(form), "\(place)") }
            }
        }
        for (place, text) in said.texts where !place.contains("signed in") {
            let isOwn = place.hasPrefix("/api") || ["test", "disable", "enable", "change", "no change"].contains(place)
            if !isOwn { #expect(!text.contains("key=hidden"), "\(place)") }
        }
    }

    /// Nothing but the keys themselves, and the answer that is kept for who asks again, holds a secret at rest.
    private func expectNothingElseStored(_ rig: WebhookRig) throws {
        let kept = try secrets(rig)
        let copy = rig.rig.place.path + ".copy"
        let connection = try rig.rig.place.open()
        try connection.runScript("DELETE FROM subscription_key; DELETE FROM idempotency;")
        try connection.runScript("VACUUM INTO '\(copy)'")
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: copy)))
        #expect(bytes.contains([UInt8]("subscription.test".utf8)), "the copy holds the rest")
        for secret in kept {
            for form in try forms(of: secret) { #expect(!bytes.contains([UInt8](form.utf8))) }
            let bare = try #require(try forms(of: secret).first)
            let raw = try #require(Base64.decode(bare))
            #expect(!bytes.contains(raw))
        }
    }

    @Test(arguments: [Subscription.Signature.v1, .v1a])
    func noValueShowsIt(signature: Subscription.Signature) throws {
        let key = NewKey(signature, random: RandomBytes.generate)
        let secret = key.stored.secret
        var dumped = ""
        dump(key.stored, to: &dumped)
        for text in ["\(key.stored)", String(reflecting: key.stored), dumped] {
            #expect(!text.contains(secret.dropFirst(6)))
        }
    }
}
