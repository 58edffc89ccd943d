import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// The alerts' part of `/metrics`, from a database with known figures.
@Suite struct AlertMetricsTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func text(_ place: TemporaryDatabase) throws -> String {
        var metrics = OpenMetrics()
        try AlertMetrics.read(try place.open(), now: now).write(to: &metrics)
        return String(decoding: metrics.finished(), as: UTF8.self)
    }

    @Test func alertsAreCountedByWhatIsWrong() throws {
        let place = try TemporaryDatabase()
        try place.open().runScript(
            """
            INSERT INTO alert_rules (rule_id, enabled, metric, scope_type, warn_threshold, critical_threshold, span,
                                     comparison, dedup_cooldown_sec, created_at_ms, updated_at_ms)
            VALUES ('r', 1, 'failure_rate', 'agent', 1, 2, '1h', 'gt', 300, 0, 0);
            INSERT INTO alert_state (rule_id, scope, status, fingerprint, triggered_at_ms, evaluated_at_ms, severity,
                                     suppression)
            VALUES ('r', 'agent:1', 'critical', 'f', 0, 1799999999000, 'no_data', NULL),
                   ('r', 'agent:2', 'warning', 'f', 0, 1799999998000, 'warning', 'silence'),
                   ('r', 'agent:3', 'resolved', 'f', 0, 1799999998500, 'ok', NULL),
                   ('r', 'agent:4', 'ok', 'f', NULL, 1799999998500, 'no_data', NULL),
                   ('r', 'agent:5', 'ok', 'f', NULL, 1799999998500, 'error', NULL),
                   ('r', 'agent:6', 'ok', 'f', NULL, 1799999998500, 'ok', NULL);
            """)
        let text = try text(place)
        for line in [
            "helicarrier_alerts{severity=\"ok\"} 2", "helicarrier_alerts{severity=\"warning\"} 1",
            "helicarrier_alerts{severity=\"critical\"} 1", "helicarrier_alerts{severity=\"no_data\"} 1",
            "helicarrier_alerts{severity=\"error\"} 1", "helicarrier_alerts_suppressed 1",
            "helicarrier_alert_evaluation_age_seconds 1",
        ] {
            #expect(text.contains(line + "\n") || text.contains(line + ".0\n"), "\(line) in \(text)")
        }
    }

    @Test func withoutAlertsThereIsNoAge() throws {
        let text = try text(TemporaryDatabase())
        #expect(text.contains("helicarrier_alerts{severity=\"critical\"} 0\n"))
        #expect(!text.contains("evaluation_age"))
    }
}
