package import Model
package import SQLite

/// A rule by which somebody is told, as it is stored.
package struct AlertRule: Equatable, Sendable {
    package enum Metric: String, CaseIterable, Sendable {
        case dailyCost = "daily_cost_usd"
        case runtimeP95 = "runtime_p95_ms"
        case failureRate = "failure_rate"
    }

    package enum ScopeType: String, CaseIterable, Sendable {
        case global, agent, model
        case agentModel = "agent_model"
    }

    /// How far back a metric looks.
    package enum Window: String, CaseIterable, Sendable {
        case fiveMinutes = "5m"
        case hour = "1h"
        case day = "24h"
        case week = "7d"
    }

    package enum Comparison: String, CaseIterable, Sendable {
        case gt, gte
    }

    package var id: String
    package var isEnabled: Bool
    package var metric: Metric
    package var scopeType: ScopeType
    /// `<agentId>|<modelId>` for an agent with a model. `nil`: each that there is, or everything.
    package var scopeRef: String?
    package var warnThreshold: Double
    package var criticalThreshold: Double
    package var window: Window
    package var comparison: Comparison
    package var dedupCooldownSec: Int64
    /// For how long a threshold must be passed before somebody is told.
    package var forSec: Int64 = 0
    /// For how long an alert goes on after the threshold was last passed.
    package var keepFiringSec: Int64 = 0
    /// What the value must come below before an alert ends; `nil`: the threshold of the warning.
    package var recoverThreshold: Double?
    /// After how long an alert that goes on is told again; 0: never; `nil`: when the cooldown is over.
    package var repeatSec: Int64?
    package var version: Int64
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: String, isEnabled: Bool, metric: Metric, scopeType: ScopeType, scopeRef: String?, warnThreshold: Double,
        criticalThreshold: Double, window: Window, comparison: Comparison, dedupCooldownSec: Int64, now: Timestamp
    ) {
        self.id = id
        self.isEnabled = isEnabled
        self.metric = metric
        self.scopeType = scopeType
        self.scopeRef = scopeRef
        self.warnThreshold = warnThreshold
        self.criticalThreshold = criticalThreshold
        self.window = window
        self.comparison = comparison
        self.dedupCooldownSec = dedupCooldownSec
        version = 1
        createdAt = now
        updatedAt = now
    }

    /// A row that the schema's checks let in can be read; `nil` for one of a newer release.
    init?(_ row: borrowing Row) {
        guard let metric = Metric(rawValue: row.text(2)), let scopeType = ScopeType(rawValue: row.text(3)),
            let window = Window(rawValue: row.text(7)), let comparison = Comparison(rawValue: row.text(8))
        else { return nil }
        self.init(
            id: row.text(0), isEnabled: row.flag(1), metric: metric, scopeType: scopeType,
            scopeRef: row.textOrNull(4), warnThreshold: row.real(5), criticalThreshold: row.real(6), window: window,
            comparison: comparison, dedupCooldownSec: row.integer(9), now: Timestamp(milliseconds: row.integer(11)))
        version = row.integer(10)
        updatedAt = Timestamp(milliseconds: row.integer(12))
        forSec = row.integer(13)
        keepFiringSec = row.integer(14)
        recoverThreshold = row.realOrNull(15)
        repeatSec = row.integerOrNull(16)
    }

    fileprivate var bindings: [Value] {
        [
            .text(id), .flag(isEnabled), .text(metric.rawValue), .text(scopeType.rawValue), .text(scopeRef),
            .real(warnThreshold), .real(criticalThreshold), .text(window.rawValue), .text(comparison.rawValue),
            .integer(dedupCooldownSec), .integer(version), .integer(createdAt.milliseconds),
            .integer(updatedAt.milliseconds), .integer(forSec), .integer(keepFiringSec), .real(recoverThreshold),
            .integer(repeatSec),
        ]
    }
}

/// A rule that holds, or held a moment ago, in a scope.
package struct ActiveAlert: Equatable, Sendable {
    package let ruleID: String
    package let metric: String
    package let scope: String
    package let value: Double?
    package let warnThreshold: Double
    package let criticalThreshold: Double
    package let status: String
    package let triggeredAt: Timestamp
    package let isDeduped: Bool

    init(_ row: borrowing Row) {
        ruleID = row.text(0)
        metric = row.text(1)
        scope = row.text(2)
        value = row.realOrNull(3)
        warnThreshold = row.real(4)
        criticalThreshold = row.real(5)
        status = row.text(6)
        triggeredAt = Timestamp(milliseconds: row.integer(7))
        isDeduped = row.flag(8)
    }
}

extension Query {
    /// In the order in which they were made.
    package static func alertRules() -> Query<AlertRule?> {
        Query<AlertRule?>(
            """
            SELECT rule_id, enabled, metric, scope_type, scope_ref, warn_threshold, critical_threshold, span,
                   comparison, dedup_cooldown_sec, version, created_at_ms, updated_at_ms, for_sec, keep_firing_sec,
                   recover_threshold, repeat_sec
              FROM alert_rules ORDER BY created_at_ms, rule_id
            """
        ) { AlertRule($0) }
    }

    package static func alertRule(_ id: String) -> Query<AlertRule?> {
        Query<AlertRule?>(
            """
            SELECT rule_id, enabled, metric, scope_type, scope_ref, warn_threshold, critical_threshold, span,
                   comparison, dedup_cooldown_sec, version, created_at_ms, updated_at_ms, for_sec, keep_firing_sec,
                   recover_threshold, repeat_sec
              FROM alert_rules WHERE rule_id = ?1
            """, [.text(id)]
        ) { AlertRule($0) }
    }

    /// Stores a rule as it is now, new or not.
    package static func saveAlertRule(_ rule: AlertRule) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO alert_rules (rule_id, enabled, metric, scope_type, scope_ref, warn_threshold,
                                     critical_threshold, span, comparison, dedup_cooldown_sec, version,
                                     created_at_ms, updated_at_ms, for_sec, keep_firing_sec, recover_threshold,
                                     repeat_sec)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            ON CONFLICT (rule_id) DO UPDATE
               SET enabled = excluded.enabled, metric = excluded.metric, scope_type = excluded.scope_type,
                   scope_ref = excluded.scope_ref, warn_threshold = excluded.warn_threshold,
                   critical_threshold = excluded.critical_threshold, span = excluded.span,
                   comparison = excluded.comparison, dedup_cooldown_sec = excluded.dedup_cooldown_sec,
                   version = excluded.version, updated_at_ms = excluded.updated_at_ms, for_sec = excluded.for_sec,
                   keep_firing_sec = excluded.keep_firing_sec, recover_threshold = excluded.recover_threshold,
                   repeat_sec = excluded.repeat_sec
            """, rule.bindings)
    }

    /// What holds now or has just ceased to; reading changes nothing.
    package static func activeAlerts() -> Query<ActiveAlert> {
        Query<ActiveAlert>(
            """
            SELECT alert_state.rule_id, metric, scope, value, warn_threshold, critical_threshold, alert_state.status,
                   triggered_at_ms, deduped
              FROM alert_state JOIN alert_rules ON alert_rules.rule_id = alert_state.rule_id
             WHERE alert_state.status <> 'ok'
             ORDER BY triggered_at_ms DESC, alert_state.rule_id, scope
            """
        ) { ActiveAlert($0) }
    }
}
