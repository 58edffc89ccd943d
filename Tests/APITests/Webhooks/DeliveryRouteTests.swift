import HTTPServer
import JSON
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

@Suite struct DeliveryRouteTests {
    private func attempt(_ delivery: String, of subscription: String, number: Int) -> DeliveryAttempt {
        var attempt = DeliveryAttempt(
            delivery: delivery, of: subscription, number: number, url: "https://example.org/hook?…",
            bodySHA256: [UInt8](repeating: 0xAB, count: 32), startedAt: SiteRig.start, worker: "notifier-1")
        attempt.address = "192.0.2.7"
        attempt.httpVersion = "2"
        attempt.tlsVersion = "TLSv1.3"
        attempt.requestHeaders = [.init("webhook-id", "msg_1"), .init("webhook-signature", "‹redacted›")]
        attempt.keys = ["key_1", "key_2"]
        (attempt.steps.dns, attempt.steps.connect, attempt.steps.tls) = (1, 2, 3)
        (attempt.steps.firstByte, attempt.steps.total) = (40, 50)
        attempt.status = 503
        attempt.responseHeaders = [.init("retry-after", "90")]
        attempt.responseBody = [0x62, 0x75, 0xFF, 0x79]
        attempt.isTruncated = true
        (attempt.errorClass, attempt.errorMessage) = ("http_5xx", "the receiver answered 503")
        attempt.retryAfter = .seconds(90)
        attempt.nextAttemptAt = SiteRig.start + .seconds(90)
        attempt.traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        return attempt
    }

    @Test func everyFieldOfTheAttemptLogIsTold() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        try rig.emit(name: "msg_1")
        let delivery = try #require(try rig.deliveries(id).first)
        try rig.run(Query<Void>.saveDeliveryAttempt(attempt(delivery.id, of: id, number: 1)))
        let response = await rig.send(.get, "/\(id)/deliveries/\(delivery.id)")
        let root = try #require(response.json)
        #expect(response.status == 200 && root["id"]?.string == delivery.id && root["eventId"]?.string == "msg_1")
        #expect(root["type"]?.string == "model.added" && root["state"]?.string == "pending")
        #expect(root["originalId"]?.isNull == true && root["trigger"]?.string == "scheduled")
        #expect(
            root["payload"]?["data"]?["model"]?.string == "a/b" && root["payload"]?["type"]?.string == "model.added")
        let told = try #require(root["attempts"]?[0])
        #expect(
            told.members.map(\.key) == [
                "attemptId", "deliveryId", "eventId", "subscriptionId", "number", "trigger", "url", "address",
                "httpVersion", "tlsVersion", "requestHeaders", "bodySha256", "signingKeyIds", "startedAt", "dnsMs",
                "connectMs", "tlsMs", "firstByteMs", "totalMs", "status", "responseHeaders", "responseBody",
                "responseTruncated", "errorClass", "errorMessage", "retryAfterMs", "nextAttemptAt", "worker",
                "traceparent",
            ])
        #expect(told["responseBody"]?.string == "bu\u{FFFD}y" && told["responseTruncated"]?.bool == true)
        #expect(told["retryAfterMs"]?.int64 == 90_000 && told["errorClass"]?.string == "http_5xx")
        #expect(told["signingKeyIds"]?.elements.compactMap(\.string) == ["key_1", "key_2"])
        #expect(told["bodySha256"]?.string == String(repeating: "ab", count: 32) && told["number"]?.int64 == 1)
        let listed = await rig.send(.get, "/\(id)/deliveries").json?["deliveries"]?[0]
        #expect(listed?["attempts"]?[0]?.value == told.value)
        let tag = try #require(response.header("ETag"))
        let again = await rig.send(
            .get, "/\(id)/deliveries/\(delivery.id)", headers: [HeaderField("If-None-Match", tag)])
        #expect(again.status == 304)
    }

    @Test func aDeliveryBelongsToItsSubscription() async throws {
        let rig = try await WebhookRig()
        let (id, other) = (try await rig.make().id, try await rig.make().id)
        let delivery = try #require(try rig.deliveries(id).first?.id)
        #expect(await rig.send(.get, "/\(id)/deliveries/\(delivery)").status == 200)
        #expect(await rig.send(.get, "/\(other)/deliveries/\(delivery)").isProblem(404, "not_found"))
        #expect(await rig.send(.post, "/\(other)/deliveries/\(delivery)/resend").isProblem(404, "not_found"))
        #expect(await rig.send(.get, "/\(id)/deliveries/\(delivery)?a=b").isProblem(400, "invalid_parameter"))
        #expect(try rig.deliveries(other).count == 1)
    }

    @Test func aResendIsADeliveryOfItsOwnWithTheSameEvent() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        try rig.emit()
        let first = try #require(try rig.deliveries(id).first)
        try rig.run(Query<Void>.endDelivery(id: first.id, state: .failed, attempts: 10, now: SiteRig.start))
        let key = [HeaderField("Idempotency-Key", "again")]
        let trace = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"
        let response = await rig.send(
            .post, "/\(id)/deliveries/\(first.id)/resend", headers: key + [HeaderField("traceparent", trace)])
        #expect(response.status == 202 && response.json?["eventId"]?.string == first.event)
        #expect(await rig.send(.post, "/\(id)/deliveries/\(first.id)/resend", headers: key).bytes == response.bytes)
        let made = try #require(try rig.deliveries(id).first { $0.id == response.json?["deliveryId"]?.string })
        #expect(made.event == first.event && made.trigger == .manual && made.original == first.id && made.counts)
        let job = try #require(made.job, "it starts at once")
        let told = try rig.run(Query<JobRecord>.job(job)).first?.traceParent
        #expect(made.state == .pending && told?.dropFirst(3).prefix(32) == trace.dropFirst(3).prefix(32))
        let before = try #require(try rig.run(.delivery(id: first.id)).first)
        #expect(before.state == .failed && before.attempts == 10, "the log stays")
        #expect(try rig.deliveries(id).count == 2)
        _ = await rig.send(.post, "/\(id)/disable")
        #expect(await rig.send(.post, "/\(id)/deliveries/\(first.id)/resend").isProblem(409, "conflict"))
    }

    @Test func deliveriesAreListedByStateAndWalked() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        for index in 0..<7 {
            try rig.emit(name: "msg_\(index)")
            let made = try #require(try rig.deliveries(id).first { $0.event == "msg_\(index)" })
            guard index % 2 == 0 else { continue }
            try rig.run(Query<Void>.endDelivery(id: made.id, state: .failed, attempts: 1, now: SiteRig.start))
        }
        for (state, count) in [("failed", 4), ("pending", 3), ("succeeded", 0)] {
            var (seen, query) = ([String](), "?state=\(state)&limit=2")
            while true {
                let root = try #require(await rig.send(.get, "/\(id)/deliveries\(query)").json)
                #expect(root["page"]?["total"]?.int64 == Int64(count))
                seen += root["deliveries"]?.elements.compactMap { $0["eventId"]?.string } ?? []
                guard let next = root["page"]?["nextCursor"]?.string else { break }
                let elsewhere = await rig.send(.get, "/\(id)/deliveries?cursor=\(next)")
                #expect(elsewhere.isProblem(400, "cursor_mismatch"))
                query = "?state=\(state)&limit=2&cursor=\(next)"
            }
            #expect(seen.count == count && Set(seen).count == count)
        }
        #expect(await rig.send(.get, "/\(id)/deliveries?state=lost").isProblem(400, "invalid_parameter"))
    }
}

@Suite struct ReplayTests {
    private func body(_ from: Int64 = 0, _ to: Int64 = 24, _ more: String = "") -> String {
        let (since, until) = ((SiteRig.start + .hours(from)).rfc3339, (SiteRig.start + .hours(to)).rfc3339)
        return #"{"since":"\#(since)","until":"\#(until)"\#(more)}"#
    }

    @Test func whatHappenedInATimeIsSentAgain() async throws {
        let rig = try await WebhookRig()
        for hour in 0..<4 { try rig.emit(at: SiteRig.start + .hours(Int64(hour)), name: "msg_\(hour)") }
        let id = try await rig.makeActive()
        let response = await rig.send(.post, "/\(id)/replay", body(1, 3))
        #expect(response.status == 202 && response.json?["deliveries"]?.int64 == 2)
        #expect(response.json?["nextCursor"]?.isNull == true)
        let made = try rig.deliveries(id)
        #expect(Set(made.map(\.event)) == ["msg_1", "msg_2"], "until is not included")
        #expect(made.allSatisfy { $0.trigger == .replay && !$0.counts && $0.state == .pending })
    }

    @Test func onlyWhatTheSubscriptionWants() async throws {
        let rig = try await WebhookRig()
        try rig.emit("model.added", name: "msg_1", model: "a/b")
        try rig.emit("model.added", name: "msg_2", model: "c/d")
        try rig.emit("model.removed", name: "msg_3", model: "a/b")
        try rig.emit("snapshot.created", name: "msg_4", model: "a/b")
        let id = try await rig.makeActive(#","types":["model.*"],"filter":{"model":["a/b"]}"#)
        _ = await rig.send(.post, "/\(id)/test")
        #expect(await rig.send(.post, "/\(id)/replay", body(-1)).json?["deliveries"]?.int64 == 2)
        let types = #","types":["model.removed","snapshot.created"]"#
        #expect(await rig.send(.post, "/\(id)/replay", body(-1, 24, types)).json?["deliveries"]?.int64 == 1)
        let events = try rig.deliveries(id).filter { $0.trigger == .replay }.map(\.event)
        #expect(Set(events) == ["msg_1", "msg_3"] && events.count == 3)
    }

    @Test func aReplayHasABoundAndGoesOnFromThere() async throws {
        let rig = try await WebhookRig()
        let db = try rig.rig.place.open()
        let count = ReplayEvents.mostDeliveries * 2 + 100
        try db.transaction { db throws(SQLiteError) in
            for index in 0..<count {
                try db.run(
                    .saveEvent(
                        id: "msg_\(index)", type: "model.added", originKey: "\(index)", occurredAt: SiteRig.start,
                        body: [UInt8](#"{"type":"model.added","data":{}}"#.utf8), traceParent: nil))
            }
        }
        let id = try await rig.makeActive()
        var (counts, cursor) = ([Int64](), "")
        repeat {
            let response = await rig.send(.post, "/\(id)/replay", body(0, 1, cursor))
            try #require(response.status == 202, "\(response.text)")
            counts.append(try #require(response.json?["deliveries"]?.int64))
            cursor = response.json?["nextCursor"]?.string.map { #","cursor":"\#($0)""# } ?? ""
            if counts.count == 1 {
                let other = await rig.send(.post, "/\(id)/replay", body(0, 2, cursor))
                #expect(other.isProblem(400, "cursor_mismatch"))
            }
        } while !cursor.isEmpty
        #expect(counts == [1_000, 1_000, 100])
        #expect(Set(try rig.deliveries(id).map(\.event)).count == count, "each once")
    }

    @Test(arguments: [
        (#"{}"#, ["/since": "missing", "/until": "missing"]),
        (#"{"since":"yesterday","until":7}"#, ["/since": "not_a_time", "/until": "not_a_time"]),
        (#"{"since":"2026-02-01","until":"2026-01-01"}"#, ["/until": "out_of_range"]),
        (#"{"since":"2026-01-01","until":"2026-01-01"}"#, ["/until": "out_of_range"]),
        (#"{"since":"2026-01-01","until":"2026-02-01","types":[]}"#, ["/types": "out_of_range"]),
        (#"{"since":"2026-01-01","until":"2026-02-01","types":["x"]}"#, ["/types/0": "unknown_value"]),
        (#"{"since":"2026-01-01","until":"2026-02-01","cursor":7}"#, ["/cursor": "wrong_type"]),
        (#"{"since":"2026-01-01","until":"2026-02-01","from":1}"#, ["/from": "unknown_field"]),
        (#"[]"#, ["": "wrong_type"]), ("", ["": "malformed_json"]),
    ])
    func aBadReplayIsNamed(body: String, faults: [String: String]) async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        let response = await rig.send(.post, "/\(id)/replay", body)
        #expect(response.isProblem(400, "invalid_body") && response.faults == faults, "\(response.text)")
    }

    @Test func aMadeUpCursorAndAnUnprovenReceiverAreRefused() async throws {
        let rig = try await WebhookRig()
        let (active, pending) = (try await rig.makeActive(), try await rig.make().id)
        let response = await rig.send(.post, "/\(active)/replay", body(0, 1, #","cursor":"abc""#))
        #expect(response.isProblem(400, "cursor_invalid"))
        #expect(await rig.send(.post, "/\(pending)/replay", body()).isProblem(409, "conflict"))
        #expect(await rig.send(.post, "/\(active)/replay", body(), type: "text/plain").status == 415)
    }
}
