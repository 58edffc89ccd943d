import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import scorer

/// Rules that change, results that come too late, and work that is too much for one transaction.
@Suite struct AlertChangeTests {
    @Test func aRuleThatIsDisabledEndsItsAlerts() async throws {
        let rig = try AlertRig()
        var rule = try rig.rule()
        try rig.sessions(5, .failed)
        try await rig.evaluate()
        (rule.isEnabled, rule.version) = (false, 2)
        try rig.place.open().run(Query<Void>.saveAlertRule(rule))
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global resolved ok"])
        #expect(try rig.transitions().last == "r1 global critical resolved resolved rule_disabled")
        try await rig.evaluate()
        #expect(try rig.states().isEmpty)
        #expect(try rig.events() == ["alert.critical r1 global first", "alert.resolved r1 global resolved"])
    }

    @Test func aRuleThatLooksElsewhereEndsItsAlertsThere() async throws {
        let rig = try AlertRig()
        var rule = try rig.rule("r1", .failureRate, .agent, "a")
        try rig.sessions(5, .failed, agent: "a")
        try rig.sessions(5, .failed, agent: "b")
        try await rig.evaluate()
        (rule.scopeRef, rule.version) = ("b", 2)
        try rig.place.open().run(Query<Void>.saveAlertRule(rule))
        try await rig.evaluate()
        #expect(
            try rig.events() == [
                "alert.critical r1 agent:a first", "alert.resolved r1 agent:a resolved",
                "alert.critical r1 agent:b first",
            ])
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 agent:b critical critical 1.0"])
    }

    /// A scorer that was slow has older figures than those that were judged already.
    @Test func aResultThatComesTooLateIsNotJudged() async throws {
        let rig = try AlertRig()
        let rule = try rig.rule()
        let connection = try rig.place.open()
        try rig.sessions(5, .failed)
        let old = try AlertFigures.read([rule], at: rig.time.now(), from: connection)
        try rig.sessions(95)
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 global ok ok 0.05"])
        try connection.transaction { db throws(SQLiteError) in
            try SaveAlerts(figures: old, traceParent: nil).apply(to: db)
        }
        #expect(try rig.states() == ["r1 global ok ok 0.05"] && rig.events().isEmpty)
    }

    @Test func figuresOfAnotherVersionOfTheRuleAreNotJudged() async throws {
        let rig = try AlertRig()
        var rule = try rig.rule()
        let connection = try rig.place.open()
        try rig.sessions(5, .failed)
        let old = try AlertFigures.read([rule], at: rig.time.now(), from: connection)
        (rule.metric, rule.version) = (.dailyCost, 2)
        try connection.run(Query<Void>.saveAlertRule(rule))
        try connection.transaction { db throws(SQLiteError) in
            try SaveAlerts(figures: old, traceParent: nil).apply(to: db)
        }
        #expect(try rig.states().isEmpty && rig.events().isEmpty)
    }

    @Test func aClockThatIsPutBackDoesNotStopTheEvaluation() async throws {
        let rig = try AlertRig()
        try rig.rule()
        try rig.sessions(5)
        try await rig.evaluate()
        rig.time.setClock(to: rig.time.now() - .days(30))
        try rig.sessions(50, .failed)
        try await rig.evaluate()
        #expect(try rig.events() == ["alert.critical r1 global first"])
    }

    @Test func manyNotificationsAreToldInSeveralTransactions() async throws {
        let rig = try AlertRig()
        try rig.rule("each", .failureRate, .agent)
        for agent in 0..<7 { try rig.sessions(1, .failed, agent: "a\(agent)") }
        try await rig.evaluate(mostNotices: 3)
        #expect(try rig.events().count == 3)
        let waiting = "SELECT count(*) FROM job WHERE kind = 'evaluate-alerts' AND state = 'ready'" as StaticString
        #expect(try rig.count(waiting) == 1)
        for _ in 0..<2 { try await rig.evaluate(mostNotices: 3) }
        #expect(try rig.events().count == 7)
        try await rig.evaluate(mostNotices: 3)
        #expect(try rig.events().count == 7 && Set(rig.events()).count == 7)
    }

    @Test func aFigureThatCannotBeComputedHarmsNoOther() async throws {
        let rig = try AlertRig()
        try rig.rule("cost", .dailyCost, warn: 1, critical: 2)
        try rig.rule("p95", .runtimeP95, warn: 1, critical: 2)
        try rig.sessions(2, runtime: 5, cost: .max)
        try await rig.evaluate()
        #expect(try rig.states() == ["cost global ok error", "p95 global critical critical 5.0"])
    }

    @Test func whatHappenedLongAgoIsForgotten() async throws {
        let rig = try AlertRig()
        try rig.rule()
        try rig.sessions(5, .failed)
        try await rig.evaluate()
        _ = try rig.silence("rule=nothing", for: .seconds(1))
        try await rig.evaluate(after: .days(89))
        #expect(try rig.transitions().first == "r1 global ok critical first")
        try await rig.evaluate(after: .days(2))
        #expect(try rig.transitions().first != "r1 global ok critical first")
        #expect(try rig.count("SELECT count(*) FROM alert_silence") == 0)
    }

    /// As the importer stores what another system knew.
    @Test func aStateFromAnotherSystemGoesOn() async throws {
        let rig = try AlertRig()
        try rig.rule("r1", .failureRate, .agent, "planner")
        try rig.place.open().runScript(
            """
            INSERT INTO alert_state (rule_id, scope, status, fingerprint, triggered_at_ms, notified_at_ms,
                                     evaluated_at_ms, told)
            VALUES ('r1', 'planner', 'critical', 'f', 1, 1, 1, 'critical');
            """)
        try rig.sessions(5, .failed)
        try await rig.evaluate()
        #expect(try rig.states() == ["r1 agent:planner critical critical 1.0"])
        #expect(try rig.events() == ["alert.critical r1 agent:planner repeat"])
        try rig.clear()
        try rig.sessions(5)
        try await rig.evaluate()
        #expect(try rig.events().last == "alert.resolved r1 agent:planner resolved")
    }

    /// Where an evaluation takes long, what comes soon after it is looked at together.
    @Test func evaluationsTakeATenthOfTheTimeAtMost() async throws {
        let rig = try AlertRig()
        try rig.rule()
        let start = rig.time.now()
        let pace = AlertPace()
        #expect(pace.opening(at: start, within: .seconds(30)) == nil)
        pace.note(from: start, to: start + .seconds(2))
        #expect(pace.opening(at: start + .seconds(3), within: .seconds(30)) == start + .seconds(20))
        #expect(pace.opening(at: start + .seconds(20), within: .seconds(30)) == nil)
        #expect(pace.opening(at: start + .seconds(3), within: .seconds(10)) == start + .seconds(12))
        #expect(pace.opening(at: start, within: .seconds(30)) == nil, "the clock was put back")
        pace.note(from: start, to: start)
        #expect(pace.opening(at: start, within: .seconds(30)) == nil, "what takes no time waits for nothing")
    }

    @Test func nothingIsDoneWithoutRules() async throws {
        let rig = try AlertRig()
        try rig.sessions(5, .failed)
        #expect(try await rig.evaluate() == 0)
    }

    /// What waits for a moment of its own is looked at then, and is no reason not to look earlier.
    @Test func theMomentWhenSomethingIsDueIsPlanned() async throws {
        let rig = try AlertRig()
        try rig.rule { ($0.forSec, $0.keepFiringSec) = (30, 20) }
        try rig.sessions(5, .failed)
        try await rig.evaluate()
        let due =
            "SELECT run_at_ms FROM job WHERE state = 'scheduled' AND unique_key LIKE 'evaluate-alerts:due%'"
            as StaticString
        let plans = try rig.place.open().run(Query(due) { $0.integer(0) })
        #expect(plans == [(rig.time.now() + .seconds(30)).milliseconds])
        #expect(try rig.place.open().enqueue(EvaluateAlerts().job(), now: rig.time.now()) != nil)
        try await rig.evaluate(after: .seconds(30))
        #expect(try rig.events() == ["alert.critical r1 global first"])
        #expect(
            try rig.transitions() == ["r1 global ok pending -", "r1 global pending critical first"])
    }
}
