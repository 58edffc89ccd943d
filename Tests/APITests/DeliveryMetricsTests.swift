import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

/// The webhooks' part of `/metrics`, from a database with known figures.
@Suite struct DeliveryMetricsTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func text(_ place: TemporaryDatabase) throws -> String {
        var metrics = OpenMetrics()
        try DeliveryMetrics.read(try place.open(), now: now).write(to: &metrics)
        return String(decoding: metrics.finished(), as: UTF8.self)
    }

    @Test func attemptsAreCountedByOutcomeAndLength() throws {
        let place = try TemporaryDatabase()
        let connection = try place.open()
        for (outcome, what, bound, length) in [
            ("ok", "total", 4, 3), ("ok", "total", 4, 4), ("ok", "total", 1_024, 1_000), ("ok", "wait", 64, 60),
            ("timeout", "total", 16_384, 15_000),
        ] as [(String, String, Int64, Int64)] {
            try connection.run(
                Query<Void>.countDelivery(outcome: outcome, what: what, bound: bound, milliseconds: length))
        }
        let text = try text(place)
        for line in [
            "helicarrier_webhook_attempts_total{outcome=\"ok\"} 3",
            "helicarrier_webhook_attempts_total{outcome=\"timeout\"} 1",
            "helicarrier_webhook_attempt_seconds_bucket{outcome=\"ok\",le=\"0.004\"} 2",
            "helicarrier_webhook_attempt_seconds_bucket{outcome=\"ok\",le=\"1.024\"} 3",
            "helicarrier_webhook_attempt_seconds_bucket{outcome=\"timeout\",le=\"8.192\"} 0",
            "helicarrier_webhook_attempt_seconds_bucket{outcome=\"timeout\",le=\"+Inf\"} 1",
            "helicarrier_webhook_attempt_seconds_sum{outcome=\"ok\"} 1.007",
            "helicarrier_webhook_wait_seconds_count{outcome=\"ok\"} 1",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }

    @Test func whatWaitsAndWhoIsInTroubleIsShown() throws {
        let place = try TemporaryDatabase()
        try place.open().runScript(
            """
            INSERT INTO subscription (id, url, types, state, created_at_ms, updated_at_ms, disabled_reason,
                                      breaker_until_ms, throttled_until_ms)
            VALUES ('a', 'x', '*', 'active', 0, 0, NULL, 1800000000001, NULL),
                   ('b', 'x', '*', 'active', 0, 0, NULL, 1800000000000, 1800000000001),
                   ('c', 'x', '*', 'pending', 0, 0, NULL, NULL, NULL),
                   ('d', 'x', '*', 'disabled', 0, 0, 'gone', 1800000000001, 1800000000001);
            INSERT INTO event (id, type, origin_key, occurred_at_ms, body) VALUES ('e', 't', 'o', 0, x'7b7d');
            INSERT INTO delivery (id, event_id, subscription_id, state, created_at_ms, ended_at_ms, job_id)
            VALUES ('1', 'e', 'a', 'pending', 0, NULL, 7), ('2', 'e', 'a', 'pending', 0, NULL, NULL),
                   ('3', 'e', 'b', 'failed', 0, 1, NULL);
            """)
        let text = try text(place)
        for line in [
            "helicarrier_webhook_deliveries_pending 2", "helicarrier_webhook_attempts_under_way 1",
            "helicarrier_webhook_breakers_open 1", "helicarrier_webhook_throttled 1",
            "helicarrier_webhook_subscriptions{state=\"active\"} 2",
            "helicarrier_webhook_subscriptions{state=\"pending\"} 1",
            "helicarrier_webhook_subscriptions{state=\"disabled\"} 1",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }
}
