import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

@Suite struct EventRouteTests {
    private func add(
        _ rig: SiteRig, _ number: Int, type: String = "snapshot.created", feed: String = "hub"
    ) throws {
        let data = #"{"number":\#(number),"feed":"\#(feed)"}"#
        let body = #"{"type":"\#(type)","timestamp":"2026-05-04T08:43:19.965Z","data":\#(data)}"#
        _ = try rig.place.open().run(
            .saveEvent(
                id: "msg_\(number)", type: type, originKey: "\(number)", occurredAt: SiteRig.start,
                body: [UInt8](body.utf8), traceParent: nil))
    }

    private func page(_ rig: SiteRig, _ target: String) async throws -> (ids: [String], cursor: String, hasMore: Bool) {
        let response = await rig.get(target)
        #expect(response.status == 200)
        let root = try JSONDocument(parsing: response.bytes).root
        let events = try #require(root["events"])
        let cursor = try #require(root["page"]?["nextCursor"]?.string)
        #expect(response.header("Link")?.contains(cursor) == true)
        return (events.elements.compactMap { $0["id"]?.string }, cursor, root["page"]?["hasMore"]?.bool == true)
    }

    @Test func aConsumerThatKeepsItsCursorSeesEachEventOnceAndInOrder() async throws {
        let rig = try await SiteRig()
        var (seen, cursor, written) = ([String](), "", 0)
        for burst in [0, 3, 1, 25, 26, 60] {
            for _ in 0..<burst {
                written += 1
                try add(rig, written)
            }
            var goesOn = true
            while goesOn {
                let part = try await page(rig, "/api/v4/events" + (cursor.isEmpty ? "" : "?cursor=\(cursor)"))
                seen += part.ids
                (cursor, goesOn) = (part.cursor, part.hasMore)
            }
        }
        #expect(seen == (1...written).map { "msg_\($0)" })
    }

    @Test func aFeedHasItsOwnInOrderAndOnceEach() async throws {
        let rig = try await SiteRig()
        for feed in ["hub", "daily"] { try rig.publish(feed, models: ["a/b"]) }
        try await rig.refresh()
        for number in 1...60 { try add(rig, number, feed: number % 3 == 0 ? "daily" : "hub") }
        for limit in [1, 7, 20, 100] {
            var (seen, cursor, goesOn) = ([String](), "", true)
            while goesOn {
                let place = cursor.isEmpty ? "" : "&cursor=\(cursor)"
                let part = try await page(rig, "/api/v4/events?feed=daily&limit=\(limit)\(place)")
                seen += part.ids
                (cursor, goesOn) = (part.cursor, part.hasMore)
            }
            #expect(seen == (1...20).map { "msg_\($0 * 3)" })
            #expect(await rig.get("/api/v4/events?cursor=\(cursor)").text.contains("cursor_mismatch"))
        }
        #expect(await rig.get("/api/v4/events?feed=no").status == 400)
    }

    @Test func anEventIsWhatAWebhookCarries() async throws {
        let rig = try await SiteRig()
        try add(rig, 7)
        let root = try JSONDocument(parsing: await rig.get("/api/v4/events").bytes).root
        let event = try #require(root["events"]?[0]?["event"])
        #expect(event["type"]?.string == "snapshot.created" && event["data"]?["number"]?.int64 == 7)
    }

    @Test func theChallengeOfASubscriberIsForNobodyElse() async throws {
        let rig = try await SiteRig()
        try add(rig, 1, type: "subscription.verification")
        try add(rig, 2)
        try add(rig, 3, type: "subscription.test")
        #expect(try await page(rig, "/api/v4/events").ids == ["msg_2"])
    }

    @Test(arguments: [
        ("/api/v4/events?cursor=x", "cursor_invalid"), ("/api/v4/events?limit=0", "invalid_parameter"),
        ("/api/v4/events?since=1", "invalid_parameter"),
    ])
    func whatIsNotAPlaceIsRefused(target: String, code: String) async throws {
        let response = try await SiteRig().get(target)
        #expect(response.status == 400)
        #expect(try JSONDocument(parsing: response.bytes).root["code"]?.string == code)
    }

    @Test func aCursorOfAnotherListIsAMismatch() async throws {
        let rig = try await SiteRig()
        let cursor = Cursor(snapshot: "hub-1", query: "models", offset: 3).sealed(with: rig.open.cursorKey)
        let response = await rig.get("/api/v4/events?cursor=\(cursor)")
        #expect(response.text.contains("cursor_mismatch"))
    }

    @Test func theStreamTellsOfSnapshotsBacklogAndDeliveriesAndThenOfWhatChanged() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        try await rig.refresh()
        let response = await rig.get("/api/v4/stream")
        #expect(response.header("Content-Type") == "text/event-stream")
        guard case .stream(let stream) = response.body else {
            Issue.record("no stream")
            return
        }
        let first = String(decoding: try #require(await stream.next()), as: UTF8.self)
        for name in ["snapshot", "backlog", "deliveries"] { #expect(first.contains("event: \(name)\ndata: {")) }
        #expect(first.contains(#""feed":"hub""#) && stream.isEndless)

        let before = try await LiveNews.read(rig.site, rig.open)
        #expect(LiveNews.event(from: before, to: before) == nil)
        try rig.publish(hour: 1, models: ["a/b"])
        try await rig.refresh()
        let after = try await LiveNews.read(rig.site, rig.open)
        let change = String(decoding: try #require(LiveNews.event(from: before, to: after)), as: UTF8.self)
        #expect(change.hasPrefix("event: snapshot\n") && !change.contains("event: backlog"))
    }
}
