import HTTPServer
import JSON
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// `/api/v3/alerts`: rules are made, changed and shown; what is wrong with one is said in fixed words.
@Suite struct AlertRouteTests {
    private static let rule =
        #"{"metric":"runtime_p95_ms","scopeType":"agent","scopeRef":"planner","warnThreshold":1000,"#
        + #""criticalThreshold":5000.5,"window":"1h","comparison":"gte"}"#

    private static func with(_ field: String, _ value: String?) -> String {
        let fields = [
            ("metric", #""failure_rate""#), ("scopeType", #""global""#), ("warnThreshold", "0.1"),
            ("criticalThreshold", "0.5"), ("window", #""24h""#), ("comparison", #""gt""#),
        ]
        let kept = fields.filter { $0.0 != field } + (value.map { [(field, $0)] } ?? [])
        return "{" + kept.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    @Test func aRuleIsMadeShownAndChanged() async throws {
        let rig = try await LedgerRig()
        #expect(await rig.said(.get, "/api/v3/alerts/rules") == #"200 {"rows":[]}"#)
        let made = await rig.ask(.post, "/api/v3/alerts/rules", Self.rule)
        let root = try JSONDocument(parsing: made.bytes).root
        let id = try #require(root["ruleId"]?.string)
        let at = try #require(root["createdAt"]?.string)
        let body =
            #"{"ruleId":"\#(id)","enabled":true,"metric":"runtime_p95_ms","scopeType":"agent","scopeRef":"planner","#
            + #""warnThreshold":1000,"criticalThreshold":5000.5,"window":"1h","comparison":"gte","#
            + #""dedupCooldownSec":300,"createdAt":"\#(at)","updatedAt":"\#(at)"}"#
        #expect(made.status == 201 && made.text == body)
        #expect(await rig.said(.get, "/api/v3/alerts/rules") == #"200 {"rows":[\#(body)]}"#)
        let changed = await rig.ask(
            .patch, "/api/v3/alerts/rules/\(id)", #"{"enabled":false,"scopeType":"global","warnThreshold":5000.5}"#)
        let after = try JSONDocument(parsing: changed.bytes).root
        #expect(changed.status == 200 && after["enabled"]?.bool == false && after["scopeRef"] == nil)
        #expect(after["warnThreshold"]?.double == 5000.5 && after["createdAt"]?.string == at)
        #expect(await rig.said(.get, "/api/v3/alerts/rules") == #"200 {"rows":[\#(changed.text)]}"#)
        #expect(await rig.said(.patch, "/api/v3/alerts/rules/none", "{}") == #"404 {"error":"Rule not found"}"#)
    }

    @Test(arguments: [
        ("metric", nil, "metric is required"), ("metric", "null", "metric is required"),
        ("metric", "\"cost\"", "metric must be one of daily_cost_usd, runtime_p95_ms, failure_rate"),
        ("scopeType", nil, "scopeType is required"),
        ("scopeType", "\"team\"", "scopeType must be one of global, agent, model, agent_model"),
        ("scopeRef", "\"planner\"", "scopeRef must not be given for scopeType global"),
        ("scopeRef", "7", "scopeRef must be a string"),
        ("warnThreshold", nil, "warnThreshold is required"),
        ("warnThreshold", "\"1\"", "warnThreshold must be a number >= 0"),
        ("warnThreshold", "-1", "warnThreshold must be a number >= 0"),
        ("criticalThreshold", nil, "criticalThreshold is required"),
        ("criticalThreshold", "0.09", "criticalThreshold must be >= warnThreshold"),
        ("window", nil, "window is required"), ("window", "\"2h\"", "window must be one of 5m, 1h, 24h, 7d"),
        ("comparison", nil, "comparison is required"), ("comparison", "\"lt\"", "comparison must be one of gt, gte"),
        ("enabled", "1", "enabled must be true or false"),
        ("dedupCooldownSec", "-1", "dedupCooldownSec must be a whole number from 0 to 31536000"),
        ("dedupCooldownSec", "0.5", "dedupCooldownSec must be a whole number from 0 to 31536000"),
    ])
    func aRuleThatMeansNothingIsRefused(field: String, value: String?, message: String) async throws {
        let rig = try await LedgerRig()
        let body = Self.with(field, value)
        #expect(await rig.said(.post, "/api/v3/alerts/rules", body) == #"400 {"error":"\#(message)"}"#)
        #expect(await rig.said(.get, "/api/v3/alerts/rules") == #"200 {"rows":[]}"#)
    }

    @Test func aChangeIsJudgedWithWhatStays() async throws {
        let rig = try await LedgerRig()
        let made = try JSONDocument(parsing: await rig.ask(.post, "/api/v3/alerts/rules", Self.rule).bytes).root
        let path = "/api/v3/alerts/rules/\(made["ruleId"]?.string ?? "")"
        for (body, message) in [
            (#"{"warnThreshold":6000}"#, "criticalThreshold must be >= warnThreshold"),
            (#"{"scopeType":"agent_model","scopeRef":"planner|"}"#, "scopeRef must be <agentId>|<modelId>"),
            (#"{"metric":null}"#, "metric is required"),
        ] {
            #expect(await rig.said(.patch, path, body) == #"400 {"error":"\#(message)"}"#)
        }
        for body in ["", "[]", "{", #"{"enabled":true,"enabled":false}"#] {
            #expect(await rig.said(.patch, path, body) == #"400 {"error":"Invalid JSON payload"}"#)
            #expect(await rig.said(.post, "/api/v3/alerts/rules", body) == #"400 {"error":"Invalid JSON payload"}"#)
        }
        let good = #"{"scopeType":"agent_model","scopeRef":"planner|a|b"}"#
        #expect(await rig.said(.patch, path, good).hasPrefix("200 "))
    }

    /// Fault 20: to look at alerts changes nothing.
    @Test func fault20LookingChangesNothing() async throws {
        let rig = try await LedgerRig()
        await rig.tell("s", state: "failed")
        _ = await rig.ask(.post, "/api/v3/alerts/rules", Self.rule)
        let connection = try rig.rig.place.open()
        let version = Query("PRAGMA data_version") { $0.integer(0) }
        let before = try connection.run(version)
        for _ in 0..<3 { #expect(await rig.said(.get, "/api/v3/alerts/active") == #"200 {"rows":[]}"#) }
        #expect(try connection.run(version) == before)
    }
}
