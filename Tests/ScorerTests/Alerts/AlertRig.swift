import JSON
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import scorer

/// A real ledger with rules and sessions, a clock that the test moves, and the stage that evaluates.
struct AlertRig {
    let place: TemporaryDatabase
    let database: Database
    let time = ManualTime()

    init() throws {
        place = try TemporaryDatabase()
        database = try place.database()
    }

    /// A rule on failures: a warning above a tenth, critical above a half, of the last hour.
    @discardableResult
    func rule(
        _ id: String = "r1", _ metric: AlertRule.Metric = .failureRate, _ type: AlertRule.ScopeType = .global,
        _ reference: String? = nil, warn: Double = 0.1, critical: Double = 0.5, window: AlertRule.Window = .hour,
        change: (inout AlertRule) -> Void = { _ in }
    ) throws -> AlertRule {
        var rule = AlertRule(
            id: id, isEnabled: true, metric: metric, scopeType: type, scopeRef: reference, warnThreshold: warn,
            criticalThreshold: critical, window: window, comparison: .gt, dedupCooldownSec: 300, now: time.now())
        change(&rule)
        try place.open().run(Query<Void>.saveAlertRule(rule))
        return rule
    }

    /// Sessions that ended this long ago.
    func sessions(
        _ count: Int, _ status: SessionStatus = .success, agent: String = "planner", model: String = "m-1",
        runtime: Int64? = 1_000, cost: Int64? = nil, ago: Duration = .seconds(1)
    ) throws {
        try place.open().transaction { db throws(SQLiteError) in
            for _ in 0..<count {
                let id = RandomName.make("s-")
                var row = SessionRow(
                    sessionID: id, agentID: agent, modelID: model, status: status,
                    startedAt: time.now() - ago - .milliseconds(runtime ?? 0), source: .ingest, contract: "v1",
                    fingerprint: [UInt8](repeating: 1, count: 32), ingestedAt: time.now())
                if !status.isOpen { row.endedAt = time.now() - ago }
                if let runtime, !status.isOpen { (row.runtime, row.runtimeSource) = (runtime, .derived) }
                try db.run(Query<Void>.addSession(row))
                if let cost {
                    try db.run(
                        Query<Void>(
                            "UPDATE session_ledger SET cost_nanousd = ?2 WHERE session_id = ?1",
                            [.text(id), .integer(cost)]))
                }
            }
        }
    }

    func clear() throws { try place.open().runScript("DELETE FROM session_ledger") }

    /// Evaluates now, as the job does.
    @discardableResult
    func evaluate(after step: Duration = .seconds(1), mostNotices: Int = SaveAlerts.mostNotices) async throws -> Int {
        time.advance(by: step)
        let stage = AlertStage(database: database, now: time.now)
        let result = try await stage.run(EvaluateAlerts(), JobContext(job: JobID(1), log: .silent))
        try place.open().transaction { db throws(SQLiteError) in
            for write in result.writes {
                if var alerts = write as? SaveAlerts {
                    alerts.mostNotices = mostNotices
                    try alerts.apply(to: db)
                } else {
                    try write.apply(to: db)
                }
            }
        }
        return result.writes.count
    }

    func silence(_ matchers: String..., for length: Duration = .hours(1)) throws -> Int64 {
        let added = try place.open().run(
            .addAlertSilence(matchers, reason: "", by: "test", until: time.now() + length, now: time.now()))
        return try #require(added.first)
    }

    /// How rules stand, as `rule scope status severity value`.
    func states() throws -> [String] {
        try place.open().run(.alertStates()).map { row in
            let state = row.state
            let value = state.value.map { " \($0)" } ?? ""
            let quiet = state.suppression.map { " (\($0.rawValue))" } ?? ""
            return "\(row.rule) \(row.scope) \(state.status.rawValue) \(state.severity.rawValue)\(value)\(quiet)"
        }
    }

    /// What was told, in order.
    func events() throws -> [String] {
        try place.open().run(Query("SELECT type, body FROM event ORDER BY sequence") { ($0.text(0), $0.blob(1)) }).map {
            type, body in
            let data = try JSONDocument(parsing: body).root["data"]
            return "\(type) \(data?["ruleId"]?.string ?? "?") \(data?["scope"]?.string ?? "?") "
                + (data?["reason"]?.string ?? "?")
        }
    }

    func transitions() throws -> [String] {
        try place.open().run(.alertTransitions(limit: 1_000)).reversed().map { _, transition in
            [
                transition.rule, transition.scope, transition.from, transition.to, transition.notice ?? "-",
                transition.ending,
            ].compactMap(\.self).joined(separator: " ")
        }
    }

    func count(_ sql: StaticString) throws -> Int {
        try place.open().run(Query(sql) { $0.count(0) }).first ?? 0
    }
}
