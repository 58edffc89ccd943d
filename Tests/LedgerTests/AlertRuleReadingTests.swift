import JSON
import Ledger
import Model
import Store
import Testing

/// What a rule may say beside the fields of the first clients: usual values, limits, and the way back.
@Suite struct AlertRuleReadingTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)
    private static let plain =
        #""metric":"failure_rate","scopeType":"agent","warnThreshold":0.2,"criticalThreshold":0.5,"window":"1h","#
        + #""comparison":"gt""#

    private static func fresh(_ more: String = "") throws -> AlertRule {
        let body = try JSONDocument(parsing: "{\(plain)\(more.isEmpty ? "" : ",\(more)")}")
        return try AlertRuleReading(body: body.root).fresh(id: "r", now: now)
    }

    private static func change(_ rule: AlertRule, _ body: String) throws -> AlertRule {
        try AlertRuleReading(body: try JSONDocument(parsing: body).root).changed(rule)
    }

    @Test func whatIsNotSaidHasItsUsualValue() throws {
        let rule = try Self.fresh()
        #expect(rule.scopeRef == nil, "without a reference the rule looks at each agent")
        #expect(rule.forSec == 0 && rule.keepFiringSec == 0 && rule.dedupCooldownSec == 300)
        #expect(rule.recoverThreshold == nil && rule.repeatSec == nil)
    }

    @Test func waitsAreReadChangedAndTakenBack() throws {
        let said = #""forSec":60,"keepFiringSec":120,"repeatSec":0,"recoverThreshold":0.1,"dedupCooldownSec":5"#
        var rule = try Self.fresh(said)
        #expect(rule.forSec == 60 && rule.keepFiringSec == 120 && rule.repeatSec == 0)
        #expect(rule.recoverThreshold == 0.1 && rule.dedupCooldownSec == 5)
        rule = try Self.change(rule, #"{"forSec":61}"#)
        #expect(rule.forSec == 61 && rule.keepFiringSec == 120 && rule.repeatSec == 0 && rule.recoverThreshold == 0.1)
        rule = try Self.change(
            rule, #"{"forSec":null,"keepFiringSec":null,"repeatSec":null,"recoverThreshold":null}"#)
        #expect(rule.forSec == 0 && rule.keepFiringSec == 0 && rule.repeatSec == nil && rule.recoverThreshold == nil)
    }

    @Test(arguments: [
        (#""forSec":-1"#, "forSec must be a whole number from 0 to 31536000"),
        (#""keepFiringSec":"60""#, "keepFiringSec must be a whole number from 0 to 31536000"),
        (#""repeatSec":0.5"#, "repeatSec must be a whole number from 0 to 31536000"),
        (#""recoverThreshold":-1"#, "recoverThreshold must be a number >= 0"),
        (#""recoverThreshold":0.21"#, "recoverThreshold must be <= warnThreshold"),
    ])
    func whatMeansNothingIsRefused(more: String, message: String) {
        let refused = #expect(throws: AlertRuleReading.Invalid.self) { try Self.fresh(more) }
        #expect(refused?.message == message)
    }

    @Test func aThresholdMayNotFallBelowTheRecovery() throws {
        let rule = try Self.fresh(#""recoverThreshold":0.1"#)
        let invalid = AlertRuleReading.Invalid("recoverThreshold", "must be <= warnThreshold")
        #expect(throws: invalid) { try Self.change(rule, #"{"warnThreshold":0.05}"#) }
    }
}
