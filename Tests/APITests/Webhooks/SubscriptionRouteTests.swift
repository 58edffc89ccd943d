import HTTPServer
import JSON
import Model
import SQLite
import Store
import Testing

@testable import api

@Suite struct SubscriptionRouteTests {
    private static let full = #"""
        {"url":"https://Example.org/hook?key=1","types":["model.*","snapshot.created"],
         "filter":{"type":["model.added"],"model.id":["a/b",7,true,null]},"ordered":true,"allowHttp":true,
         "signature":"v1","description":"mine","maxInFlight":3,"ratePerSecond":20}
        """#

    @Test func everyFieldOfACreationIsKeptAndShown() async throws {
        let rig = try await WebhookRig()
        let (id, made) = try await rig.make(Self.full)
        #expect(made["url"]?.string == "https://example.org/hook?key=1")
        #expect(made["types"]?.elements.compactMap(\.string) == ["model.*", "snapshot.created"])
        #expect(
            made["filter"]?["model.id"]?.elements.map(\.value) == [.string("a/b"), .integer(7), .bool(true), .null])
        #expect(made["ordered"]?.bool == true && made["allowHttp"]?.bool == true)
        #expect(made["signature"]?.string == "v1" && made["description"]?.string == "mine")
        #expect(made["maxInFlight"]?.int64 == 3 && made["ratePerSecond"]?.int64 == 20)
        #expect(made["state"]?.string == "pending" && made["verifiedAt"]?.isNull == true)
        #expect(made["publicKey"]?.isNull == true && made["keys"]?.count == 1)
        #expect(try rig.subscription(id).createdBy == "tok_hc_member")
        let shown = await rig.send(.get, "/\(id)")
        #expect(shown.status == 200 && shown.header("Cache-Control") == "private, no-cache")
        var expected = made.members.map { JSONMember($0.key, $0.value.value) }
        expected.removeAll { $0.key == "secret" }
        #expect(shown.json?.value == .object(expected), "the same without the secret")
        let listed = await rig.send(.get, "")
        #expect(listed.json?["webhooks"]?[0]?.value == .object(expected))
    }

    @Test func whatIsNotSaidHasADefault() async throws {
        let rig = try await WebhookRig()
        let (_, made) = try await rig.make()
        #expect(made["types"]?.elements.compactMap(\.string) == ["*"] && made["filter"]?.isNull == true)
        #expect(made["ordered"]?.bool == false && made["allowHttp"]?.bool == false)
        #expect(made["maxInFlight"]?.int64 == 8 && made["ratePerSecond"]?.int64 == 100)
        #expect(made["signature"]?.string == "v1" && made["description"]?.isNull == true)
    }

    @Test(arguments: [
        (#"{}"#, ["/url": "missing"]), (#"{"url":7}"#, ["/url": "wrong_type"]),
        (#"{"url":null}"#, ["/url": "wrong_type"]), (#"[]"#, ["": "wrong_type"]),
        (#"{"url":"https://a.example/","types":[]}"#, ["/types": "out_of_range"]),
        (#"{"url":"https://a.example/","types":null}"#, ["/types": "wrong_type"]),
        (
            #"{"url":"https://a.example/","types":["model.added","x","model.added",7]}"#,
            ["/types/1": "unknown_value", "/types/2": "repeated", "/types/3": "wrong_type"]
        ),
        (#"{"url":"https://a.example/","types":["subscription.test"]}"#, ["/types/0": "unknown_value"]),
        (#"{"url":"https://a.example/","filter":[]}"#, ["/filter": "wrong_type"]),
        (#"{"url":"https://a.example/","filter":{"a":"b"}}"#, ["/filter/a": "wrong_type"]),
        (#"{"url":"https://a.example/","filter":{"a":[]}}"#, ["/filter/a": "wrong_type"]),
        (#"{"url":"https://a.example/","filter":{"a":[1,{}]}}"#, ["/filter/a/1": "wrong_type"]),
        (#"{"url":"https://a.example/","filter":{"a..b":[1]}}"#, ["/filter/a..b": "invalid"]),
        (#"{"url":"https://a.example/","ordered":1}"#, ["/ordered": "wrong_type"]),
        (#"{"url":"https://a.example/","allowHttp":"yes"}"#, ["/allowHttp": "wrong_type"]),
        (#"{"url":"https://a.example/","signature":"v2"}"#, ["/signature": "unknown_value"]),
        (#"{"url":"https://a.example/","signature":1}"#, ["/signature": "unknown_value"]),
        (#"{"url":"https://a.example/","maxInFlight":0}"#, ["/maxInFlight": "out_of_range"]),
        (#"{"url":"https://a.example/","maxInFlight":65}"#, ["/maxInFlight": "out_of_range"]),
        (#"{"url":"https://a.example/","maxInFlight":1.5}"#, ["/maxInFlight": "wrong_type"]),
        (#"{"url":"https://a.example/","maxInFlight":1e400}"#, ["": "malformed_json"]),
        (#"{"url":"https://a.example/","ratePerSecond":1001}"#, ["/ratePerSecond": "out_of_range"]),
        (#"{"url":"https://a.example/","ratePerSecond":"9"}"#, ["/ratePerSecond": "wrong_type"]),
        (#"{"url":"https://a.example/","description":7}"#, ["/description": "wrong_type"]),
        (
            #"{"url":"https://a.example/","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}"#,
            ["/secret": "unknown_field"]
        ),
        (#"{"url":"https://a.example/","a/b~c":1}"#, ["/a~1b~0c": "unknown_field"]),
        (#"{"url":"http://a.example/"}"#, ["/url": "refused_url"]),
    ])
    func everyFaultOfACreationIsNamed(body: String, faults: [String: String]) async throws {
        let rig = try await WebhookRig()
        let response = await rig.send(.post, "", body)
        #expect(response.isProblem(400, "invalid_body") && response.faults == faults, "\(response.text)")
        #expect(try rig.run(.subscriptionCount()) == [0])
    }

    @Test(arguments: [nil, "hc_nobody", "hc_reader"] as [String?])
    func everyRouteNeedsItsScope(token: String?) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let routes: [(HTTPServer.Method, String)] = [
            (.get, ""), (.post, ""), (.get, "/\(id)"), (.patch, "/\(id)"), (.delete, "/\(id)"),
            (.get, "/\(id)/health"), (.post, "/\(id)/rotate"), (.post, "/\(id)/test"), (.post, "/\(id)/enable"),
            (.post, "/\(id)/disable"), (.post, "/\(id)/replay"), (.get, "/\(id)/deliveries"),
            (.get, "/\(id)/deliveries/x"), (.post, "/\(id)/deliveries/x/resend"),
        ]
        for (method, path) in routes {
            let response = await rig.send(method, path, token: token)
            let isRefused = token == "hc_reader" ? response.isProblem(403, "forbidden") : response.status == 401
            #expect(isRefused, "\(method) \(path)")
        }
    }

    @Test(arguments: ["/none", "/none/health", "/none/deliveries", "/none/deliveries/x"])
    func whatIsNotThereIsNotFound(path: String) async throws {
        #expect(await (try WebhookRig()).send(.get, path).isProblem(404, "not_found"))
    }

    @Test(
        arguments: [
            (HTTPServer.Method.patch, "", "{}"), (.delete, "", nil), (.post, "/rotate", nil), (.post, "/test", nil),
            (.post, "/enable", nil), (.post, "/disable", nil),
            (.post, "/replay", #"{"since":"2026-01-01","until":"2026-02-01"}"#), (.post, "/deliveries/x/resend", nil),
        ] as [(HTTPServer.Method, String, String?)])
    func norIsWhatIsDoneWithIt(method: HTTPServer.Method, path: String, body: String?) async throws {
        let rig = try await WebhookRig()
        #expect(await rig.send(method, "/none\(path)", body).isProblem(404, "not_found"))
    }

    /// Without plans every token is the operator's own; `DoorTests` has those of a plan.
    @Test func theVerificationCanBeSkipped() async throws {
        let rig = try await WebhookRig(["HELICARRIER_SECRET": "open-sesame-open-sesame"])
        let body = #"{"url":"https://example.org/hook","skipVerification":true}"#
        #expect(await rig.send(.post, "", body).status == 201)
        let made = await rig.send(.post, "", body, token: WebhookRig.admin)
        #expect(made.status == 201 && made.json?["state"]?.string == "active")
        #expect(made.json?["verificationSkipped"]?.bool == true)
        let secret = [HeaderField("x-secret-key", "open-sesame-open-sesame")]
        #expect(await rig.send(.post, "", body, token: nil, headers: secret).status == 201)
        let id = try #require(made.json?["id"]?.string)
        #expect(try rig.deliveries(id).isEmpty, "there is no challenge to send")
    }

    @Test func aChallengeIsSentAndIsNotShown() async throws {
        let rig = try await WebhookRig()
        let (id, _) = try await rig.make()
        let challenge = try #require(try rig.subscription(id).challenge)
        #expect(challenge.utf8.count == 32)
        let delivery = try #require(try rig.deliveries(id).first)
        #expect(delivery.eventType == "subscription.verification")
        for path in ["", "/\(id)", "/\(id)/health", "/\(id)/deliveries"] {
            #expect(await !rig.send(.get, path).text.contains(challenge), "\(path)")
        }
    }

    @Test func aListIsWalkedWithoutGapsWhileMoreAreMade() async throws {
        let rig = try await WebhookRig()
        var made: [String] = []
        for _ in 0..<5 { made.append(try await rig.make().id) }
        var (seen, cursor) = ([String](), "")
        repeat {
            let page = await rig.send(.get, "?limit=2\(cursor)")
            let root = try #require(page.json)
            seen += root["webhooks"]?.elements.compactMap { $0["id"]?.string } ?? []
            let next = root["page"]?["nextCursor"]?.string
            #expect((next != nil) == (page.header("Link")?.contains("rel=\"next\"") == true))
            cursor = next.map { "&cursor=\($0)" } ?? ""
            if seen.count == 2 { made.append(try await rig.make().id) }
        } while !cursor.isEmpty
        #expect(Set(seen) == Set(made) && seen.count == made.count)
    }

    @Test(arguments: [
        ("?limit=0", "invalid_parameter"), ("?limit=101", "invalid_parameter"),
        ("?limit=2&limit=2", "invalid_parameter"),
        ("?colour=red", "invalid_parameter"), ("?state=active", "invalid_parameter"), ("?cursor=x", "cursor_invalid"),
    ])
    func aBadParameterOfAListIsNamed(query: String, code: String) async throws {
        #expect(await (try WebhookRig()).send(.get, query).isProblem(400, code))
    }
}
