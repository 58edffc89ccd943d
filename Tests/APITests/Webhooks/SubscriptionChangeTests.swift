import HTTPServer
import JSON
import Model
import SQLite
import Store
import Testing

@testable import api

@Suite struct SubscriptionChangeTests {
    @Test(arguments: [HTTPServer.Method.patch, .delete])
    func aChangeMustSayWhatItIsAbout(method: HTTPServer.Method) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let body = method == .patch ? #"{"description":"x"}"# : nil
        #expect(await rig.send(method, "/\(id)", body).isProblem(428, "precondition_required"))
        let tag = try #require(await rig.send(.get, "/\(id)").header("ETag"))
        for wrong in ["\"other\"", "W/\(tag)", "\"\(id)-1\"", "nonsense"] {
            let response = await rig.send(method, "/\(id)", body, headers: [HeaderField("If-Match", wrong)])
            #expect(response.isProblem(412, "precondition_failed"), "\(wrong)")
        }
        let both = [HeaderField("If-Match", "\"other\", W/\"weak\", \(tag)")]
        let done = await rig.send(method, "/\(id)", body, headers: both)
        #expect(done.status == (method == .patch ? 200 : 204))
        let again = await rig.send(method, "/\(id)", body, headers: both)
        #expect(again.status == (method == .patch ? 412 : 404), "the tag names what was")
    }

    @Test func anyVersionWillDoWhereTheCallerSaysSo() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let any = [HeaderField("If-Match", "*")]
        #expect(await rig.send(.patch, "/\(id)", #"{"ordered":true}"#, headers: any).status == 200)
        #expect(await rig.send(.delete, "/\(id)", headers: any).status == 204)
    }

    @Test func aMergePatchChangesWhatItNames() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive(
            #","types":["model.*"],"description":"old","maxInFlight":2,"filter":{"a":[1]}"#)
        let response = try await rig.sendMatching(
            .patch, id, #"{"types":["snapshot.created"],"ordered":true,"ratePerSecond":5}"#)
        let root = try #require(response.json)
        let tag = await rig.send(.get, "/\(id)").header("ETag")
        #expect(response.status == 200 && response.header("ETag") == tag)
        #expect(root["types"]?.elements.compactMap(\.string) == ["snapshot.created"])
        #expect(root["ordered"]?.bool == true && root["ratePerSecond"]?.int64 == 5)
        #expect(root["description"]?.string == "old" && root["maxInFlight"]?.int64 == 2)
        #expect(root["filter"]?.value == .object([JSONMember("a", .array([.integer(1)]))]))
        #expect(root["state"]?.string == "active", "the receiver is the same")
        #expect(root["secret"] == nil && root["keys"]?.count == 1)
    }

    @Test func nullBringsTheDefaultBack() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive(
            #","types":["model.*"],"description":"old","maxInFlight":2,"ratePerSecond":2"#
                + #","filter":{"a":[1]},"ordered":true"#
        )
        let body = #"""
            {"types":null,"description":null,"maxInFlight":null,"ratePerSecond":null,"filter":null,"ordered":null,
             "allowHttp":null}
            """#
        let root = try #require(try await rig.sendMatching(.patch, id, body, type: "application/json").json)
        #expect(root["types"]?.elements.compactMap(\.string) == ["*"] && root["description"]?.isNull == true)
        #expect(root["maxInFlight"]?.int64 == 8 && root["ratePerSecond"]?.int64 == 100)
        #expect(root["filter"]?.isNull == true && root["ordered"]?.bool == false)
    }

    @Test func anEmptyPatchChangesNothingThatMatters() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        #expect(try await rig.sendMatching(.patch, id, "{}").status == 200)
        #expect(try rig.subscription(id).state == .active)
        #expect(try rig.deliveries(id).isEmpty)
    }

    @Test func aNewURLIsANewReceiver() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        let changed = try await rig.sendMatching(.patch, id, #"{"url":"https://other.example/"}"#)
        #expect(changed.json?["state"]?.string == "pending" && changed.json?["verificationSkipped"]?.bool == false)
        #expect(try rig.subscription(id).challenge != nil)
        #expect(try rig.deliveries(id).map(\.eventType) == ["subscription.verification"])
        try rig.emit()
        #expect(try rig.deliveries(id).count == 1, "nothing else is for it yet")
        let same = try await rig.sendMatching(.patch, id, #"{"url":"https://other.example/"}"#)
        #expect(same.status == 200)
        #expect(try rig.deliveries(id).count == 1, "the same URL asks nothing")
    }

    @Test func theNewVerificationCanBeSkippedToo() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let body = #"{"skipVerification":true}"#
        let done = try await rig.sendMatching(.patch, id, body)
        #expect(done.json?["state"]?.string == "active" && done.json?["verificationSkipped"]?.bool == true)
        let moved = try await rig.sendMatching(
            .patch, id, #"{"url":"https://other.example/","skipVerification":true}"#, token: WebhookRig.admin)
        #expect(moved.json?["state"]?.string == "active")
        #expect(try rig.subscription(id).challenge == nil)
    }

    @Test func aDisabledOneStaysDisabledAndIsAskedWhenItIsEnabled() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        #expect(await rig.send(.post, "/\(id)/disable").status == 200)
        let changed = try await rig.sendMatching(.patch, id, #"{"url":"https://other.example/"}"#)
        #expect(changed.json?["state"]?.string == "disabled")
        #expect(try rig.deliveries(id).isEmpty)
        let enabled = await rig.send(.post, "/\(id)/enable")
        #expect(enabled.json?["state"]?.string == "pending")
        #expect(try rig.deliveries(id).map(\.eventType) == ["subscription.verification"])
    }

    @Test(arguments: [
        (#"{"url":null}"#, ["/url": "wrong_type"]), (#"{"id":"x"}"#, ["/id": "read_only"]),
        (#"{"state":"active"}"#, ["/state": "read_only"]), (#"{"signature":"v1a"}"#, ["/signature": "read_only"]),
        (#"{"signature":null}"#, ["/signature": "read_only"]), (#"{"secret":"x"}"#, ["/secret": "read_only"]),
        (#"{"keys":[]}"#, ["/keys": "read_only"]), (#"{"createdAt":null}"#, ["/createdAt": "read_only"]),
        (#"{"what":1}"#, ["/what": "unknown_field"]), (#"{"what":null}"#, ["/what": "unknown_field"]),
        (#"[]"#, ["": "wrong_type"]),
        (#"{"types":[]}"#, ["/types": "out_of_range"]), (#"{"maxInFlight":65}"#, ["/maxInFlight": "out_of_range"]),
        (#"{"url":"http://a.example/"}"#, ["/url": "refused_url"]),
        (#"{"filter":{"a":1}}"#, ["/filter/a": "wrong_type"]),
        (#"{"url":"https://10.0.0.1/","ordered":7}"#, ["/url": "refused_url", "/ordered": "wrong_type"]),
    ])
    func everyFaultOfAChangeIsNamed(body: String, faults: [String: String]) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let before = await rig.send(.get, "/\(id)")
        let response = try await rig.sendMatching(.patch, id, body)
        #expect(response.isProblem(400, "invalid_body") && response.faults == faults, "\(response.text)")
        let after = await rig.send(.get, "/\(id)")
        #expect(after.bytes == before.bytes && after.header("ETag") == before.header("ETag"))
    }

    /// A merge patch goes into the filter as well (RFC 7396).
    @Test(arguments: [
        (#"{"id":["b"]}"#, #"{"feed":["hub"],"id":["b"]}"#), (#"{"id":null}"#, #"{"feed":["hub"]}"#),
        (#"{"license":["mit"],"feed":null}"#, #"{"id":["a"],"license":["mit"]}"#),
        (#"{"id":null,"feed":null}"#, "null"), ("null", "null"),
    ])
    func aChangeOfTheFilterChangesWhatItNames(change: String, filter: String) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make(#"{"url":"https://a.example/","filter":{"id":["a"],"feed":["hub"]}}"#).id
        let response = try await rig.sendMatching(.patch, id, #"{"filter":\#(change)}"#)
        #expect(response.status == 200)
        let wanted = try JSONDocument(parsing: filter).root.value
        let found = try #require(response.json?["filter"]?.value)
        if case .object(let members) = found, case .object(let expected) = wanted {
            #expect(Set(members) == Set(expected))
        } else {
            #expect(found == wanted)
        }
    }

    @Test func encryptionIsNotTakenAwayFromAURLThatHasNone() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make(#"{"url":"http://a.example/","allowHttp":true}"#).id
        let response = try await rig.sendMatching(.patch, id, #"{"allowHttp":false}"#)
        #expect(response.isProblem(400, "invalid_body") && response.faults == ["/allowHttp": "refused_url"])
        let both = try await rig.sendMatching(.patch, id, #"{"allowHttp":false,"url":"https://a.example/"}"#)
        #expect(both.status == 200)
    }

    @Test func aPatchHasItsMediaType() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        let response = try await rig.sendMatching(.patch, id, "{}", type: "application/json-patch+json")
        #expect(response.isProblem(415, "unsupported_media_type"))
        #expect(response.header("Accept-Patch") == "application/merge-patch+json, application/json")
    }

    @Test func aDeletedOneTakesItsDeliveriesAlong() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        #expect(try rig.deliveries(id).count == 1)
        #expect(try await rig.sendMatching(.delete, id).status == 204)
        #expect(try rig.deliveries(id).isEmpty)
        let keys = try rig.run(Query("SELECT count(*) FROM subscription_key") { $0.count(0) })
        #expect(keys == [0])
    }
}
