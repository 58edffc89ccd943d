import Alerts
import JSON
import Jobs
import Model
import Store

/// The events `alert.warning`, `alert.critical` and `alert.resolved`.
struct AlertNews: Sendable {
    let rule: AlertRule
    let scope: AlertScope
    let figure: AlertFigure
    let before: AlertState
    let state: AlertState
    let notice: AlertNotice
    let end: AlertEnd?

    /// What is told once: without the value, which is another one each time.
    static func fingerprint(rule: String, scope: String, status: AlertStatus) -> String {
        "\(rule)|\(scope)|\(status.rawValue)"
    }

    private var type: String {
        switch state.status.level {
        case nil: "alert.resolved"
        case .warning: "alert.warning"
        case .critical: "alert.critical"
        }
    }

    /// - Parameter transition: the row that the event tells: by it the event is told once.
    /// - Returns: `nil` only if the body would not fit an event.
    func event(transition: Int64, _ traceParent: String?) -> OutgoingEvent? {
        OutgoingEvent(
            type: type, originKey: "alert:\(transition)", occurredAt: state.evaluatedAt, traceParent: traceParent
        ) { write(transition, to: &$0) }
    }

    private func write(_ transition: Int64, to json: inout JSONWriter) {
        let level = state.status.level
        let status = level.map { AlertStatus($0) } ?? before.status
        let known = [
            ("ruleId", rule.id), ("metric", rule.metric.rawValue), ("scope", Self.short(scope.name)),
            ("agentId", scope.agent.map(Self.short)), ("modelId", scope.model.map(Self.short)),
            ("severity", level?.rawValue ?? "ok"), ("formerSeverity", before.told?.rawValue ?? "ok"),
            ("reason", notice.rawValue), ("ending", end?.rawValue),
            (
                "fingerprint",
                Self.fingerprint(rule: rule.id, scope: Self.short(scope.name), status: status)
            ),
        ]
        json.beginObject()
        for (key, value) in known {
            json.key(text: key)
            json.string(value)
        }
        json.key("value")
        json.double(state.value)
        json.key("threshold")
        json.double(level.map { $0 == .warning ? rule.warnThreshold : rule.criticalThreshold })
        json.key("warnThreshold")
        json.double(rule.warnThreshold)
        json.key("criticalThreshold")
        json.double(rule.criticalThreshold)
        json.key("comparison")
        json.string(rule.comparison.rawValue)
        json.key("window")
        json.string(rule.window.rawValue)
        json.key("sessions")
        json.integer(figure.sessions)
        json.key("unknownSessions")
        json.integer(figure.unknown)
        json.key("triggeredAt")
        json.string((state.triggeredAt ?? before.triggeredAt)?.rfc3339)
        json.key("transitionId")
        json.integer(transition)
        json.key("link")
        json.string("/api/v3/alerts/active")
        json.endObject()
    }

    /// Names come from senders, and an event is thin.
    private static func short(_ name: String) -> String {
        name.utf8.count <= 1_000 ? name : String(name.prefix(250)) + "…"
    }
}
