import Ledger
import Model
import Store
import Testing

/// What every engine promises of rules.
@Suite struct AlertConformanceTests {
    private struct Refused: Error, Equatable {}

    private static func rule(_ id: String, at now: Timestamp = Told.start) -> AlertRule {
        AlertRule(
            id: id, isEnabled: true, metric: .dailyCost, scopeType: .agent, scopeRef: "planner", warnThreshold: 0.1,
            criticalThreshold: 2.5, window: .day, comparison: .gte, dedupCooldownSec: 300, now: now)
    }

    @Test(arguments: Engine.allCases)
    func rulesAreKeptAsTheyWereMade(engine: Engine) async throws {
        let alerts = try engine.open().alerts
        for (id, seconds) in [("late", 9), ("b", 1), ("a", 1)] {
            try await alerts.add(Self.rule(id, at: Told.start + .seconds(seconds)), by: "ada")
        }
        let rules = try await alerts.rules()
        #expect(rules.map(\.id) == ["a", "b", "late"])
        #expect(rules.last == Self.rule("late", at: Told.start + .seconds(9)))
        #expect(try await alerts.active().isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func aChangeSeesTheRuleAsItStands(engine: Engine) async throws {
        let alerts = try engine.open().alerts
        try await alerts.add(Self.rule("a"), by: "ada")
        let later = Told.start + .hours(1)
        let changed = try await alerts.change("a", by: "ada", now: later) { rule in
            var rule = rule
            rule.warnThreshold *= 2
            rule.isEnabled = false
            return Result<AlertRule, Refused>.success(rule)
        }
        var expected = Self.rule("a")
        (expected.warnThreshold, expected.isEnabled, expected.version, expected.updatedAt) = (0.2, false, 2, later)
        #expect(changed == .success(expected))
        #expect(try await alerts.rules() == [expected])
        let refused = try await alerts.change("a", by: "ada", now: later) { _ in
            Result<AlertRule, Refused>.failure(Refused())
        }
        #expect(refused == .failure(Refused()))
        #expect(try await alerts.rules() == [expected], "what is refused changes nothing")
        let nobody = try await alerts.change("b", by: "ada", now: later) { Result<AlertRule, Refused>.success($0) }
        #expect(nobody == nil)
    }
}
