import Alerts
import Model
import Store

extension AlertRule {
    var policy: AlertPolicy {
        AlertPolicy(
            warning: warnThreshold, critical: criticalThreshold, isInclusive: comparison == .gte,
            recover: recoverThreshold, holdFor: .seconds(forSec), keepFiring: .seconds(keepFiringSec),
            cooldown: .seconds(dedupCooldownSec), repeatAfter: repeatSec.map { .seconds($0) }, window: window.length)
    }

    /// The scope that the rule names; `nil` where it looks at each agent, model or pair that there is.
    var namedScope: AlertScope? {
        guard scopeType != .global else { return .global }
        return scopeRef.map { scope(of: $0) }
    }

    /// The scope that a reference means under this rule.
    func scope(of reference: String) -> AlertScope {
        switch scopeType {
        case .global: .global
        case .agent: .agent(reference)
        case .model: .model(reference)
        // One without a bar fits no session: it never has data.
        case .agentModel: AlertScope(agentModel: reference) ?? .agentModel(agent: reference, model: "")
        }
    }
}

extension AlertRule.Window {
    var length: Duration {
        switch self {
        case .fiveMinutes: .minutes(5)
        case .hour: .hours(1)
        case .day: .days(1)
        case .week: .days(7)
        }
    }
}
