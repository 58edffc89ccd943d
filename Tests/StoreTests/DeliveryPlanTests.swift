import Model
import SQLite
import Store
import TestKit
import Testing

/// What is asked at each attempt stays on its index, however many deliveries there are.
@Suite struct DeliveryPlanTests {
    private static let fill = """
        INSERT INTO subscription (id, url, types, state, created_at_ms, updated_at_ms)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
        SELECT 'sub_' || i, 'https://example.com/', '*', 'active', 0, 0 FROM n;
        INSERT INTO event (id, type, origin_key, occurred_at_ms, body)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
        SELECT 'msg_' || i, 'model.added', i, i, x'7b7d' FROM n;
        INSERT INTO delivery (id, event_id, subscription_id, state, created_at_ms, ended_at_ms, next_attempt_at_ms,
                              position)
        SELECT subscription.id || event.id, event.id, subscription.id,
               CASE WHEN sequence % 10 = 0 THEN 'pending' ELSE 'succeeded' END, sequence,
               CASE WHEN sequence % 10 = 0 THEN NULL ELSE sequence END,
               CASE WHEN sequence % 10 = 0 THEN sequence END, sequence
          FROM subscription, event;
        """

    private static let wanted: [(part: String, step: String)] = [
        ("SELECT state, ordered, max_in_flight", "USING INDEX delivery_under_way (subscription_id=?)"),
        ("ORDER BY next_attempt_at_ms, position LIMIT ?3", "USING INDEX delivery_waiting (subscription_id=?)"),
        ("ORDER BY position LIMIT 1", "USING INDEX delivery_in_order (subscription_id=?)"),
        ("SELECT max(position)", "USING COVERING INDEX delivery_position (subscription_id=?)"),
        ("SELECT id, next_start_ms FROM subscription", "USING INDEX subscription_next_start"),
        (
            "SELECT count(*), count(error_class)",
            "USING INDEX delivery_attempt_health (subscription_id=? AND started_at_ms>?)"
        ),
        ("WHERE ended_at_ms < ?1", "USING INDEX delivery_ended (ended_at_ms<?)"),
        ("LEFT JOIN job ON job.id = delivery.job_id", "USING INDEX delivery_under_way"),
    ]

    @Test(arguments: [false, true])
    func staysOnItsIndex(analyzed: Bool) throws {
        let place = try TemporaryDatabase()
        let connection = try place.open()
        try connection.runScript(Self.fill)
        if analyzed { try connection.runScript("ANALYZE") }
        for (part, step) in Self.wanted {
            let sql = try #require(SourceStatement.all.first { $0.sql.contains(part) }?.sql, "\(part)")
            let plan = try connection.plan(of: sql)
            #expect(plan.contains { $0.contains(step) }, "\(part): \(plan.joined(separator: "\n"))")
        }
    }
}
