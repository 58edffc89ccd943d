import Daemon
import HTTPServer
import JSON
import Jobs
import Ledger
import Model
import Store

/// `/api/v3/alerts`: the rules by which somebody is told, and what holds now. Reading changes nothing.
struct AlertEndpoints: Sendable {
    let site: Site

    func rules(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        do throws(LedgerFailure) {
            let rules = try await open.alerts.rules()
            return LedgerAnswer.ok { json in Self.write(rules, to: &json, Self.write) }
        } catch {
            return site.answer(error)
        }
    }

    func create(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        guard let body = Self.object(request) else { return LedgerAnswer.notJSON }
        let rule: AlertRule
        do throws(AlertRuleReading.Invalid) {
            rule = try AlertRuleReading(body: body).fresh(id: RandomName.make("rule_"), now: SystemClock.now())
        } catch {
            return LedgerAnswer.error(400, error.message)
        }
        do throws(LedgerFailure) {
            try await open.alerts.add(rule, by: Self.who)
            return LedgerAnswer.ok(201) { json in Self.write(rule, to: &json) }
        } catch {
            return site.answer(error)
        }
    }

    func change(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        guard let body = Self.object(request) else { return LedgerAnswer.notJSON }
        do throws(LedgerFailure) {
            let (id, now) = (parameters["ruleId"], SystemClock.now())
            let changed = try await open.alerts.change(id, by: Self.who, now: now) { rule in
                do throws(AlertRuleReading.Invalid) {
                    return Result<AlertRule, AlertRuleReading.Invalid>.success(
                        try AlertRuleReading(body: body).changed(rule))
                } catch {
                    return .failure(error)
                }
            }
            switch changed {
            case nil: return LedgerAnswer.error(404, "Rule not found")
            case .failure(let invalid): return LedgerAnswer.error(400, invalid.message)
            case .success(let rule): return LedgerAnswer.ok { json in Self.write(rule, to: &json) }
            }
        } catch {
            return site.answer(error)
        }
    }

    func active(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        do throws(LedgerFailure) {
            let alerts = try await open.alerts.active()
            return LedgerAnswer.ok { json in Self.write(alerts, to: &json, Self.write) }
        } catch {
            return site.answer(error)
        }
    }

    private static var who: String { Caller.current?.name ?? "api" }

    private static func object(_ request: Request) -> JSONNode? {
        guard let document = try? JSONDocument(parsing: request.body, limits: JSONLimits(depth: 16)),
            document.firstDuplicateKey() == nil, document.root.kind == .object
        else { return nil }
        return document.root
    }

    private static func write<Row>(
        _ rows: [Row], to json: inout JSONWriter, _ write: (Row, inout JSONWriter) -> Void
    ) {
        json.beginObject()
        json.key("rows")
        json.beginArray()
        for row in rows { write(row, &json) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ rule: AlertRule, to json: inout JSONWriter) {
        json.beginObject()
        json.field("ruleId", rule.id)
        json.key("enabled")
        json.bool(rule.isEnabled)
        json.field("metric", rule.metric.rawValue)
        json.field("scopeType", rule.scopeType.rawValue)
        json.field("scopeRef", rule.scopeRef)
        json.key("warnThreshold")
        json.double(rule.warnThreshold)
        json.key("criticalThreshold")
        json.double(rule.criticalThreshold)
        json.field("window", rule.window.rawValue)
        json.field("comparison", rule.comparison.rawValue)
        json.key("dedupCooldownSec")
        json.integer(rule.dedupCooldownSec)
        writeWaits(of: rule, to: &json)
        json.field("createdAt", rule.createdAt.rfc3339)
        json.field("updatedAt", rule.updatedAt.rfc3339)
        json.endObject()
    }

    /// What the first clients of these routes do not know, where a rule says it.
    private static func writeWaits(of rule: AlertRule, to json: inout JSONWriter) {
        json.field("forSec", rule.forSec == 0 ? nil : rule.forSec)
        json.field("keepFiringSec", rule.keepFiringSec == 0 ? nil : rule.keepFiringSec)
        json.field("repeatSec", rule.repeatSec)
        guard let threshold = rule.recoverThreshold else { return }
        json.key("recoverThreshold")
        json.double(threshold)
    }

    private static func write(_ alert: ActiveAlert, to json: inout JSONWriter) {
        json.beginObject()
        json.field("ruleId", alert.ruleID)
        json.field("metric", alert.metric)
        json.field("scope", alert.scope)
        json.key("value")
        json.double(alert.value)
        json.key("warnThreshold")
        json.double(alert.warnThreshold)
        json.key("criticalThreshold")
        json.double(alert.criticalThreshold)
        json.field("status", alert.status)
        json.field("triggeredAt", alert.triggeredAt.rfc3339)
        json.key("deduped")
        json.bool(alert.isDeduped)
        json.endObject()
    }
}
