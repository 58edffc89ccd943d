import JSON
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import scorer

/// Rules over real facts, and what is stored of each evaluation.
@Suite struct AlertStageTests {
    @Test func eachChangeIsAStateARowAndAnEvent() async throws {
        let rig = try AlertRig()
        try rig.rule()
        try rig.sessions(9)
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global ok ok 0.0"])
        #expect(try rig.events().isEmpty && rig.transitions().isEmpty)
        try rig.sessions(2, .failed)
        try await rig.evaluate()
        try rig.sessions(20, .failed)
        try await rig.evaluate()
        try rig.sessions(20)
        try await rig.evaluate()
        try rig.clear()
        try rig.sessions(1)
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global resolved ok 0.0"])
        try await rig.evaluate()
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global ok ok 0.0"])
        #expect(
            try rig.events() == [
                "alert.warning r1 global first", "alert.critical r1 global escalation",
                "alert.warning r1 global deescalation", "alert.resolved r1 global resolved",
            ])
        #expect(
            try rig.transitions() == [
                "r1 global ok warning first", "r1 global warning critical escalation",
                "r1 global critical warning deescalation", "r1 global warning resolved resolved recovered",
                "r1 global resolved ok -",
            ])
    }

    @Test func anEventSaysWhatHappened() async throws {
        let rig = try AlertRig()
        try rig.rule("r1", .dailyCost, .agentModel, "planner|m-1", warn: 1, critical: 2, window: .day)
        try rig.sessions(3, cost: 500_000_001)
        try rig.sessions(1, cost: nil)
        try rig.sessions(9, agent: "other", cost: 9_000_000_000)
        try await rig.evaluate()
        let body = try #require(
            try rig.place.open().run(Query("SELECT body FROM event") { String(decoding: $0.blob(0), as: UTF8.self) })
                .first)
        let at = rig.time.now().rfc3339
        #expect(
            body == """
                {"type":"alert.warning","timestamp":"\(at)","data":{"ruleId":"r1","metric":"daily_cost_usd",\
                "scope":"agent_model:planner|m-1","agentId":"planner","modelId":"m-1","severity":"warning",\
                "formerSeverity":"ok","reason":"first","ending":null,\
                "fingerprint":"r1|agent_model:planner|m-1|warning","value":1.500000003,"threshold":1,\
                "warnThreshold":1,"criticalThreshold":2,"comparison":"gt","window":"24h","sessions":4,\
                "unknownSessions":1,"triggeredAt":"\(at)","transitionId":1,"link":"/api/v3/alerts/active"}}
                """)
    }

    /// Fault 16: the scope holds for each metric, and for nothing else.
    @Test(arguments: AlertRule.Metric.allCases, AlertRule.ScopeType.allCases)
    func theScopeHoldsForEachMetric(metric: AlertRule.Metric, type: AlertRule.ScopeType) async throws {
        let rig = try AlertRig()
        let (reference, name): (String?, String) =
            switch type {
            case .global: (nil, "global")
            case .agent: ("bad", "agent:bad")
            case .model: ("m-bad", "model:m-bad")
            case .agentModel: ("bad|m-bad", "agent_model:bad|m-bad")
            }
        try rig.rule("named", metric, type, reference, warn: 0.5, critical: 1_000_000)
        if type != .global { try rig.rule("each", metric, type, nil, warn: 0.5, critical: 1_000_000) }
        try rig.sessions(5, agent: "good", model: "m-good", runtime: 0, cost: 0)
        try rig.sessions(5, agent: "good", model: "m-bad", runtime: 0, cost: 0)
        try rig.sessions(5, agent: "bad", model: "m-good", runtime: 0, cost: 0)
        try await rig.evaluate()
        #expect(try rig.events().isEmpty)
        try rig.sessions(40, .failed, agent: "bad", model: "m-bad", runtime: 1, cost: 1_000_000_000)
        try await rig.evaluate()
        let mine = "alert.warning named \(name) first"
        #expect(try rig.events().filter { $0.contains(" named ") } == [mine])
        let each = try rig.events().filter { $0.contains(" each ") }
        #expect(each == (type == .global ? [] : ["alert.warning each \(name) first"]))
        // A rule that names another scope has seen nothing of it.
        try rig.rule(
            "other", metric, type == .global ? .agent : type, type == .agentModel ? "good|m-bad" : "good", warn: 0.5,
            critical: 1_000_000)
        try await rig.evaluate()
        #expect(try !rig.events().contains { $0.contains(" other ") })
    }

    @Test func whatIsNotKnownIsNoDataAndNeverZero() async throws {
        let rig = try AlertRig()
        try rig.rule("cost", .dailyCost, warn: 0, critical: 1) { $0.comparison = .gte }
        try rig.rule("rate", .failureRate, warn: 0, critical: 1) { $0.comparison = .gte }
        try rig.rule("p95", .runtimeP95, warn: 0, critical: 1) { $0.comparison = .gte }
        try rig.sessions(3, .running, cost: 5)
        try await rig.evaluate()
        // Nothing ended, so nothing was spent: that is known, and 0 reaches a threshold of 0.
        #expect(
            try rig.states() == [
                "cost global warning warning 0.0", "p95 global ok no_data", "rate global ok no_data",
            ])
        try rig.clear()
        try rig.sessions(3, runtime: nil, cost: nil)
        try await rig.evaluate(after: .seconds(400))
        #expect(
            try rig.states() == [
                "cost global warning no_data", "p95 global ok no_data", "rate global warning warning 0.0",
            ])
        #expect(try rig.events().filter { $0.contains(" cost ") } == ["alert.warning cost global first"])
    }

    @Test func onlySettledSessionsOfTheWindowCount() async throws {
        let rig = try AlertRig()
        try rig.rule(warn: 0.1, critical: 0.9, window: .fiveMinutes)
        try rig.sessions(1, ago: .seconds(298))
        try rig.sessions(5, .failed, ago: .seconds(300))
        try rig.sessions(5, .failed, ago: .seconds(-2))
        try rig.sessions(5, .running)
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global ok ok 0.0"])
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global critical critical 1.0"], "the window is open at its beginning")
    }

    @Test func thePercentileIsExact() async throws {
        let rig = try AlertRig()
        try rig.rule("p", .runtimeP95, warn: 1, critical: 1_000_000)
        for runtime in (1...40 as ClosedRange<Int64>).shuffled() { try rig.sessions(1, runtime: runtime * 10) }
        try rig.sessions(3, runtime: nil)
        try await rig.evaluate()
        #expect(try rig.states() == ["p global warning warning 380.0"])
    }

    @Test func aRuleWithoutAReferenceLooksAtEach() async throws {
        let rig = try AlertRig()
        try rig.rule("each", .failureRate, .agent)
        try rig.sessions(1, agent: "a")
        try rig.sessions(1, .failed, agent: "b")
        try rig.sessions(1, .failed, agent: "c")
        try await rig.evaluate()
        #expect(try rig.states() == ["each agent:b critical critical 1.0", "each agent:c critical critical 1.0"])
        try rig.sessions(20, agent: "b")
        try await rig.evaluate()
        try await rig.evaluate()
        #expect(try rig.states() == ["each agent:c critical critical 1.0"], "what is well again leaves nothing behind")
        #expect(
            try rig.events() == [
                "alert.critical each agent:b first", "alert.critical each agent:c first",
                "alert.resolved each agent:b resolved",
            ])
    }

    @Test func somethingCriticalMutesWarningsOfItsScope() async throws {
        let rig = try AlertRig()
        try rig.rule("a", warn: 0.1, critical: 0.5)
        try rig.rule("b", warn: 0.1, critical: 1)
        try rig.rule("c", .failureRate, .agent, "planner", warn: 0.1, critical: 1)
        try rig.sessions(9, .failed)
        try rig.sessions(1)
        try await rig.evaluate()
        #expect(
            try rig.states() == [
                "a global critical critical 0.9", "b global warning warning 0.9 (critical)",
                "c agent:planner warning warning 0.9",
            ])
        #expect(try rig.events() == ["alert.critical a global first", "alert.warning c agent:planner first"])
        try rig.sessions(20)
        try await rig.evaluate()
        #expect(
            try rig.events().dropFirst(2) == ["alert.warning a global deescalation", "alert.warning b global first"])
        _ = try rig.silence("rule=a")
        try rig.sessions(90, .failed)
        try await rig.evaluate(after: .seconds(400))
        #expect(
            try rig.states().prefix(2) == [
                "a global critical critical 0.825 (silence)", "b global warning warning 0.825",
            ], "what nobody hears mutes nothing")
    }

    /// Somebody looks when the rule's time is over, however long nobody is told.
    @Test func aRulesTimeRunsBesideASilence() async throws {
        let rig = try AlertRig()
        try rig.rule { $0.forSec = 30 }
        _ = try rig.silence("metric=failure_rate", for: .hours(1))
        try rig.sessions(5, .failed)
        try await rig.evaluate()
        let start = rig.time.now()
        let next = try rig.place.open().run(
            Query("SELECT min(run_at_ms) FROM job WHERE kind = 'evaluate-alerts'") { $0.integer(0) })
        #expect(next == [(start + .seconds(30)).milliseconds])
        try await rig.evaluate(after: .seconds(30))
        #expect(try rig.states() == ["r1 global critical critical 1.0 (silence)"] && rig.events().isEmpty)
    }

    @Test func aSilenceHoldsUntilItEnds() async throws {
        let rig = try AlertRig()
        try rig.rule()
        let silence = try rig.silence("metric=failure_rate", "scope=global", for: .seconds(60))
        try rig.sessions(5, .failed)
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global critical critical 1.0 (silence)"] && rig.events().isEmpty)
        #expect(try rig.transitions() == ["r1 global ok critical -"])
        #expect(
            try rig.count("SELECT count(*) FROM job WHERE kind = 'evaluate-alerts' AND state = 'scheduled'") == 1,
            "somebody looks when the silence ends")
        try await rig.evaluate(after: .seconds(58))
        #expect(try rig.events().isEmpty)
        try await rig.evaluate(after: .seconds(1))
        #expect(try rig.events() == ["alert.critical r1 global first"])
        #expect(try rig.place.open().run(.endAlertSilence(silence, now: rig.time.now())).isEmpty)
        _ = try rig.silence("agent=planner")
        try rig.clear()
        try rig.sessions(5, agent: "planner")
        try await rig.evaluate()
        #expect(try rig.events().last == "alert.resolved r1 global resolved", "a global alert has no agent")
    }
}
