import JSON
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct AlertCommandTests {
    let world: CommandWorld

    init() throws {
        world = try CommandWorld()
    }

    private func add(_ id: String, _ scope: String, change: (inout AlertState) -> Void = { _ in }) throws {
        let connection = try world.store.open()
        let rule = AlertRule(
            id: id, isEnabled: true, metric: .failureRate, scopeType: .global, scopeRef: nil, warnThreshold: 0.1,
            criticalThreshold: 0.5, window: .hour, comparison: .gt, dedupCooldownSec: 300, now: CommandWorld.start)
        try connection.run(Query<Void>.saveAlertRule(rule))
        var state = AlertState(evaluatedAt: CommandWorld.start)
        change(&state)
        try connection.run(
            Query<Void>.saveAlertState(StoredAlert(rule: id, scope: scope, state: state), fingerprint: "f"))
    }

    private func json(_ words: String...) async throws -> JSONNode {
        world.forget()
        #expect(await world.run(words) == .fine, "\(world.errors)")
        return try JSONDocument(parsing: world.output).root
    }

    @Test func theListShowsWhatStandsAndWhatIsSilent() async throws {
        try add("r1", "global") { state in
            (state.status, state.severity, state.value) = (.critical, .critical, 0.75)
            (state.triggeredAt, state.told, state.notifiedAt) = (CommandWorld.start, .critical, CommandWorld.start)
        }
        try add("r2", "global") { state in
            (state.status, state.severity, state.triggeredAt) = (.warning, .noData, CommandWorld.start)
            state.suppression = .critical
        }
        try add("r3", "agent:a\u{1B}[2J") { $0.warning = AlertCondition(since: CommandWorld.start) }
        let list = try await json("alerts", "list", "--json")
        let alerts = Array(try #require(list["alerts"]).elements)
        #expect(alerts.map { $0["lifecycle"]?.string } == ["active", "suppressed", "pending"])
        #expect(alerts.map { $0["severity"]?.string } == ["critical", "no_data", "ok"])
        #expect(alerts[0]["value"]?.double == 0.75 && alerts[0]["told"]?.string == "critical")
        #expect(alerts[1]["suppressedBy"]?.string == "critical" && alerts[1]["value"]?.isNull == true)
        let table = await world.output(of: "alerts", "list")
        #expect(table.contains("suppressed (something critical)") && !table.contains("\u{1B}"))
        #expect(!table.contains("SILENCE"))
    }

    @Test func aSilenceIsMadeShownAndEnded() async throws {
        let made = try await json(
            "alerts", "silence", "--match", "agent=nightly-*", "--match", "severity!=critical", "--for", "2h",
            "--reason", "we know", "--json")
        #expect(made["id"]?.int64 == 1 && made["reason"]?.string == "we know")
        #expect(made["expiresAt"]?.string == (CommandWorld.start + .hours(2)).rfc3339)
        let jobs = "SELECT count(*) FROM job WHERE kind = 'evaluate-alerts' AND state = 'ready'" as StaticString
        #expect(try world.store.open().run(Query(jobs) { $0.count(0) }) == [1], "it holds at once")
        let table = await world.output(of: "alerts", "list")
        #expect(table.contains("agent=nightly-* severity!=critical") && table.contains("we know"))
        #expect(await world.output(of: "alerts", "unsilence", "1") == "silence 1 has ended\n")
        #expect(await world.run(["alerts", "unsilence", "1"]) == .failed)
        #expect(try await json("alerts", "list", "--json")["silences"].map { Array($0.elements).isEmpty } == true)
        let audit = try world.audit().reversed().map { "\($0.who) \($0.action) \($0.target): \($0.result)" }
        let until = (CommandWorld.start + .hours(2)).rfc3339
        #expect(
            audit == [
                "test alerts silence agent=nightly-* severity!=critical: until \(until): we know",
                "test alerts unsilence 1: ended", "test alerts unsilence 1: there is none, or it has ended",
            ])
    }

    @Test func aSilenceEndsByItself() async throws {
        _ = await world.output(of: "alerts", "silence", "--match", "rule=*", "--for", "1h")
        world.advance(by: .hours(1))
        #expect(try await json("alerts", "list", "--json")["silences"].map { Array($0.elements).isEmpty } == true)
        #expect(await world.run(["alerts", "unsilence", "1"]) == .failed)
    }

    @Test(arguments: [
        (["alerts", "silence", "--for", "1h"], "say which alerts"),
        (["alerts", "silence", "--match", "agent=a"], "say for how long"),
        (["alerts", "silence", "--match", "who=a", "--for", "1h"], "'who=a' does not say what to match"),
        (["alerts", "silence", "--match", "agent", "--for", "1h"], "'agent' does not say what to match"),
        (["alerts", "silence", "--match", "agent=a", "--for", "400d"], "--for expects at most 365d"),
        (["alerts", "silence", "--match", "agent=a", "--for", "soon"], "--for expects"),
        (["alerts", "unsilence", "x"], "'x' is not the number of a silence"),
        (["alerts", "history", "--limit", "0"], "--limit expects"), (["alerts", "quiet"], "there is no command"),
    ])
    func wrongUsageIsExplained(words: [String], says: String) async {
        #expect(await world.run(words) == .wrongUsage)
        #expect(world.errors.contains(says), "\(world.errors)")
    }

    @Test func theHistoryIsToldNewestFirst() async throws {
        let connection = try world.store.open()
        for (rule, notice) in [("r1", "first"), ("r2", "first"), ("r1", "resolved")] {
            try connection.run(
                .addAlertTransition(
                    AlertTransition(
                        rule: rule, metric: "failure_rate", scope: "global", from: "ok", to: "warning",
                        suppression: nil, notice: notice, ending: nil, value: 0.5, at: CommandWorld.start)))
        }
        #expect(try await json("alerts", "history", "--json").elements.map { $0["id"]?.int64 } == [3, 2, 1])
        let mine = try await json("alerts", "history", "--rule", "r1", "--limit", "1", "--json").elements
        #expect(mine.map { $0["notice"]?.string } == ["resolved"])
        #expect(await world.output(of: "alerts", "history").contains("failure_rate"))
        #expect(try await json("alerts", "history", "--rule", "none", "--json").elements.map(\.self).isEmpty)
    }
}
