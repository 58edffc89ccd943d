import Model
import SQLite
import Store

/// The alerts' part of `/metrics`: how the rules of the ledger stand.
struct AlertMetrics: Sendable {
    let counts: [AlertCount]
    let totals: AlertTotals?
    let now: Timestamp

    static func read(_ db: borrowing Connection, now: Timestamp) throws(SQLiteError) -> AlertMetrics {
        AlertMetrics(counts: try db.run(.alertCounts()), totals: try db.run(.alertTotals()).first, now: now)
    }

    func write(to metrics: inout OpenMetrics) {
        metrics.family(
            "helicarrier_alerts", .gauge,
            "Rules of the ledger in their scopes, by what is wrong; resolved ones are ok.")
        for severity in AlertSeverity.allCases {
            let amount = counts.first { $0.severity == severity.rawValue }?.amount ?? 0
            metrics.sample("helicarrier_alerts", [("severity", severity.rawValue)], amount)
        }
        metrics.family("helicarrier_alerts_suppressed", .gauge, "Alerts that nobody is told of, silenced or muted.")
        metrics.sample("helicarrier_alerts_suppressed", [], totals?.suppressed ?? 0)
        guard let evaluatedAt = totals?.evaluatedAt else { return }
        metrics.family("helicarrier_alert_evaluation_age_seconds", .gauge, "Since the rules were evaluated last.")
        metrics.sample(
            "helicarrier_alert_evaluation_age_seconds", [], Double((now - evaluatedAt).milliseconds) / 1_000)
    }
}
