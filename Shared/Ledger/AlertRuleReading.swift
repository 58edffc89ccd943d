package import JSON
package import Model
package import Store

/// Reads a rule, or a part of one that changes another, and says the first thing that is wrong with it, in the order
/// of the contract.
package struct AlertRuleReading {
    /// What is wrong.
    package struct Invalid: Error, Equatable {
        package let field: String
        package let problem: String

        package init(_ field: String, _ problem: String) {
            self.field = field
            self.problem = problem
        }

        /// As the client is told.
        package var message: String { "\(field) \(problem)" }
    }

    private let body: JSONNode

    package init(body: JSONNode) {
        self.body = body
    }

    /// A rule that is new: what may be left out has its usual value.
    package func fresh(id: String, now: Timestamp) throws(Invalid) -> AlertRule {
        let metric: AlertRule.Metric = try required("metric")
        let scopeType: AlertRule.ScopeType = try required("scopeType")
        let scopeRef = try scopeRef(scopeType, before: nil)
        let warn = try threshold("warnThreshold", before: nil)
        let critical = try threshold("criticalThreshold", before: nil)
        var rule = AlertRule(
            id: id, isEnabled: try flag("enabled", otherwise: true), metric: metric, scopeType: scopeType,
            scopeRef: scopeRef, warnThreshold: warn, criticalThreshold: critical, window: try required("window"),
            comparison: try required("comparison"), dedupCooldownSec: 300, now: now)
        try readWaits(into: &rule)
        return try ordered(rule)
    }

    /// A rule as it is after the change.
    package func changed(_ rule: AlertRule) throws(Invalid) -> AlertRule {
        var rule = rule
        rule.metric = try given("metric", otherwise: rule.metric)
        let scopeType = try given("scopeType", otherwise: rule.scopeType)
        rule.scopeRef = try scopeRef(scopeType, before: scopeType == rule.scopeType ? rule.scopeRef : nil)
        rule.scopeType = scopeType
        rule.warnThreshold = try threshold("warnThreshold", before: rule.warnThreshold)
        rule.criticalThreshold = try threshold("criticalThreshold", before: rule.criticalThreshold)
        rule.window = try given("window", otherwise: rule.window)
        rule.comparison = try given("comparison", otherwise: rule.comparison)
        rule.isEnabled = try flag("enabled", otherwise: rule.isEnabled)
        try readWaits(into: &rule)
        return try ordered(rule)
    }

    /// What a rule says beside its thresholds; each has a usual value. `null` gives back the usual one.
    private func readWaits(into rule: inout AlertRule) throws(Invalid) {
        rule.dedupCooldownSec = try seconds("dedupCooldownSec") ?? rule.dedupCooldownSec
        rule.forSec = try seconds("forSec") ?? (body["forSec"] == nil ? rule.forSec : 0)
        rule.keepFiringSec = try seconds("keepFiringSec") ?? (body["keepFiringSec"] == nil ? rule.keepFiringSec : 0)
        if body["repeatSec"] != nil { rule.repeatSec = try seconds("repeatSec") }
        if let node = body["recoverThreshold"] {
            rule.recoverThreshold = node.isNull ? nil : try threshold("recoverThreshold", before: nil)
        }
    }

    private func ordered(_ rule: AlertRule) throws(Invalid) -> AlertRule {
        guard rule.criticalThreshold >= rule.warnThreshold else {
            throw Invalid("criticalThreshold", "must be >= warnThreshold")
        }
        guard rule.recoverThreshold ?? 0 <= rule.warnThreshold else {
            throw Invalid("recoverThreshold", "must be <= warnThreshold")
        }
        return rule
    }

    private func required<Value: RawRepresentable & CaseIterable>(_ name: String) throws(Invalid) -> Value
    where Value.RawValue == String {
        guard let node = body[name], !node.isNull, !node.equals("") else {
            throw Invalid(name, "is required")
        }
        if let value = node.string.flatMap({ Value(rawValue: $0) }) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw Invalid(name, "must be one of \(known)")
    }

    private func given<Value: RawRepresentable & CaseIterable>(
        _ name: String, otherwise value: Value
    ) throws(Invalid) -> Value where Value.RawValue == String {
        body[name] == nil ? value : try required(name)
    }

    private func threshold(_ name: String, before: Double?) throws(Invalid) -> Double {
        guard let node = body[name] else {
            if let before { return before }
            throw Invalid(name, "is required")
        }
        if node.isNull { throw Invalid(name, "is required") }
        guard let number = node.double, number >= 0 else {
            throw Invalid(name, "must be a number >= 0")
        }
        return number
    }

    private func flag(_ name: String, otherwise value: Bool) throws(Invalid) -> Bool {
        guard let node = body[name], !node.isNull else { return value }
        guard let flag = node.bool else { throw Invalid(name, "must be true or false") }
        return flag
    }

    private func seconds(_ name: String) throws(Invalid) -> Int64? {
        guard let node = body[name], !node.isNull else { return nil }
        // A year: longer is a rule that is off.
        guard let number = node.double.flatMap({ Int64(exactly: $0) }), (0...31_536_000).contains(number) else {
            throw Invalid(name, "must be a whole number from 0 to 31536000")
        }
        return number
    }

    /// What the scope names. Everything has no name; without one, a rule for less looks at each agent, model or pair.
    private func scopeRef(_ type: AlertRule.ScopeType, before: String?) throws(Invalid) -> String? {
        var name = before
        if let node = body["scopeRef"] {
            guard node.isNull || node.string != nil else { throw Invalid("scopeRef", "must be a string") }
            name = node.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard type != .global else {
            guard name == nil else { throw Invalid("scopeRef", "must not be given for scopeType global") }
            return nil
        }
        guard let name else { return nil }
        guard name.utf8.count <= 1_025, !name.utf8.contains(0) else {
            throw Invalid("scopeRef", "must have at most 1025 bytes, and no U+0000")
        }
        if type == .agentModel {
            let parts = name.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
                throw Invalid("scopeRef", "must be <agentId>|<modelId>")
            }
        }
        return name
    }
}
