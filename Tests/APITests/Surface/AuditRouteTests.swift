import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// What was done over the API is on record, and only an administrator reads it.
@Suite struct AuditRouteTests {
    private func read(
        _ rig: WebhookRig, _ query: String = "", token: String? = WebhookRig.admin
    ) async throws -> (response: Response, root: JSONNode) {
        let headers = token.map { [HeaderField("Authorization", "Bearer \($0)")] } ?? []
        let response = await rig.rig.router.respond(
            to: Request(.get, "/api/v4/audit" + query, headers: HeaderFields(headers)))
        return (response, try JSONDocument(parsing: response.bytes).root)
    }

    private func told(_ root: JSONNode) -> [String] {
        root["entries"]?.elements.map { entry in
            ["who", "action", "target", "result"].map { entry[$0]?.string ?? "?" }.joined(separator: "|")
        } ?? []
    }

    @Test func everyActOnASubscriptionIsOnRecord() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.makeActive()
        _ = await rig.send(.post, "/\(id)/rotate")
        _ = await rig.send(.post, "/\(id)/test")
        let delivery = try #require(try rig.deliveries(id).first?.id)
        _ = await rig.send(.post, "/\(id)/deliveries/\(delivery)/resend", token: WebhookRig.admin)
        _ = await rig.send(
            .post, "/\(id)/replay", #"{"since":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}"#)
        _ = await rig.send(.post, "/\(id)/disable")
        _ = await rig.send(.post, "/\(id)/enable")
        #expect(try await rig.sendMatching(.patch, id, #"{"description":"x"}"#).status == 200)
        #expect(try await rig.sendMatching(.delete, id).status == 204)
        let (member, admin) = ("api:tok_hc_member", "api:tok_hc_operator")
        let replay = "events from 2026-01-01T00:00:00.000Z to 2026-01-02T00:00:00.000Z"
        let root = try await read(rig).root
        #expect(
            told(root).reversed() == [
                "\(admin)|webhooks create|\(id)|active", "\(member)|webhooks rotate|\(id)|a new key",
                "\(member)|webhooks test|\(id)|a test event", "\(admin)|webhooks resend|\(delivery)|sent again",
                "\(member)|webhooks replay|\(id)|\(replay)", "\(member)|webhooks disable|\(id)|disabled",
                "\(member)|webhooks enable|\(id)|enabled", "\(member)|webhooks change|\(id)|changed",
                "\(member)|webhooks delete|\(id)|deleted",
            ])
        #expect(
            root["entries"]?.elements.allSatisfy { $0["at"]?.string.flatMap(Timestamp.init(rfc3339:)) != nil } == true)
    }

    /// What was refused changed nothing, and what is asked for twice under one key was done once.
    @Test func onlyWhatWasDoneIsOnRecord() async throws {
        let rig = try await WebhookRig()
        let id = try await rig.make().id
        #expect(await rig.send(.post, "/\(id)/rotate", #"{"graceSeconds":-1}"#).status == 400)
        #expect(await rig.send(.post, "/sub_none/enable").status == 404)
        #expect(await rig.send(.post, "/\(id)/rotate", token: "hc_reader").status == 403)
        #expect(await rig.send(.delete, "/\(id)", headers: [HeaderField("If-Match", "\"old\"")]).status == 412)
        for _ in 0..<2 {
            let answer = await rig.send(.post, "/\(id)/rotate", headers: [HeaderField("Idempotency-Key", "k-1")])
            #expect(answer.status == 200)
        }
        let actions = try rig.run(.auditEntries(limit: 10)).map(\.entry.action)
        #expect(actions == ["webhooks rotate", "webhooks create"])
    }

    @Test(
        arguments: [(nil, 401), ("hc_reader", 403), (WebhookRig.member, 403), (WebhookRig.admin, 200)]
            as [(String?, Int)])
    func onlyAdministratorsRead(token: String?, status: Int) async throws {
        let rig = try await WebhookRig()
        let response = try await read(rig, token: token).response
        #expect(response.status == status)
        if status == 200 { #expect(response.header("Cache-Control") == "private, no-cache") }
    }

    @Test func pagesFollowEachOther() async throws {
        let rig = try await WebhookRig()
        for number in 0..<7 {
            let entry = AuditEntry(
                at: SiteRig.start, who: number % 2 == 0 ? "ada" : "bo", action: "queue pause", target: "\(number)",
                result: "done")
            try rig.run(.audit(entry))
        }
        for (query, targets) in [("?limit=2", [6, 5, 4, 3, 2, 1, 0]), ("?limit=2&who=ada", [6, 4, 2, 0])] {
            var (found, next) = ([String](), Optional(query))
            while let target = next {
                let (response, root) = try await read(rig, target)
                try #require(response.status == 200, "\(target)")
                found += root["entries"]?.elements.compactMap { $0["target"]?.string } ?? []
                let link = response.header("Link").map { $0.dropFirst("</api/v4/audit".count) }
                next = link.map { String($0.prefix { $0 != ">" }) }
                #expect((root["page"]?["nextCursor"]?.string != nil) == (next != nil))
            }
            #expect(found == targets.map(String.init))
        }
        let cursor = try #require(try await read(rig, "?limit=2").root["page"]?["nextCursor"]?.string)
        #expect(try await read(rig, "?who=ada&cursor=\(cursor)").root["code"]?.string == "cursor_mismatch")
        #expect(try await read(rig, "?cursor=x\(cursor)").root["code"]?.string == "cursor_invalid")
        for query in ["?what=1", "?who=", "?action=", "?who=\(String(repeating: "x", count: 201))", "?who=a&who=b"] {
            #expect(try await read(rig, query).response.status == 400, "\(query)")
        }
        #expect(try await read(rig, "?action=webhooks").root["entries"]?.count == 0)
    }

    @Test func whoMakesAndChangesARuleIsOnRecord() async throws {
        let rig = try await LedgerRig()
        let rule =
            #"{"metric":"failure_rate","scopeType":"global","warnThreshold":0.1,"criticalThreshold":0.5,"#
            + #""window":"24h","comparison":"gt"}"#
        let made = await rig.ask(.post, "/api/v3/alerts/rules", rule)
        let id = try #require(try JSONDocument(parsing: made.bytes).root["ruleId"]?.string)
        #expect(await rig.ask(.patch, "/api/v3/alerts/rules/\(id)", #"{"warnThreshold":9}"#).status == 400)
        #expect(await rig.ask(.patch, "/api/v3/alerts/rules/\(id)", #"{"enabled":false}"#).status == 200)
        let audit = try rig.rig.place.open().run(.auditEntries(limit: 9)).map(\.entry)
        #expect(audit.map(\.action) == ["alerts change", "alerts create"] && audit.allSatisfy { $0.target == id })
        #expect(audit.map(\.result) == ["disabled", "failure_rate"] && Set(audit.map(\.who)) == ["api:secret"])
    }
}
