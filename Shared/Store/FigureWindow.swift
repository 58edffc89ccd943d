package import Model
package import SQLite

/// The stretch of time that figures of the queue are about: a whole number of steps, of which the last one runs.
package enum FigureWindow: String, CaseIterable, Sendable {
    case hour = "1h"
    case sixHours = "6h"
    case day = "24h"
    case week = "7d"

    /// How long each step is. `queue_count` is kept fine enough for two windows of each length.
    package var step: Duration {
        switch self {
        case .hour: .minutes(1)
        case .sixHours: .minutes(10)
        case .day: .minutes(30)
        case .week: .hours(3)
        }
    }

    package var steps: Int {
        switch self {
        case .hour: 60
        case .sixHours: 36
        case .day: 48
        case .week: 56
        }
    }

    /// Where the first of a number of steps begins of which the last one holds `now`.
    package func start(at now: Timestamp, steps: Int) -> Timestamp {
        let running = now.milliseconds - now.milliseconds % step.milliseconds
        return Timestamp(milliseconds: running - Int64(steps - 1) * step.milliseconds)
    }

    package func start(at now: Timestamp) -> Timestamp { start(at: now, steps: steps) }
}

/// How the attempts of a stage ended in some stretch of time.
package struct StageEnds: Equatable, Sendable {
    package var done = 0
    /// Attempts that failed and will be repeated, and leases that ran out.
    package var retried = 0
    /// Jobs that became dead.
    package var died = 0
    /// How long half of the attempts took at most. The true figure is up to a quarter less.
    package var p50: Duration?
    /// How long 95 of a hundred attempts took at most, as precise as `p50`.
    package var p95: Duration?

    package init(done: Int = 0, retried: Int = 0, died: Int = 0, p50: Duration? = nil, p95: Duration? = nil) {
        self.done = done
        self.retried = retried
        self.died = died
        self.p50 = p50
        self.p95 = p95
    }
}

extension Query {
    /// How attempts ended since a moment, by stage; a stage without any is left out.
    package static func stageEnds(since moment: Timestamp) -> Query<(stage: String, ends: StageEnds)> {
        Query<(stage: String, ends: StageEnds)>(
            """
            WITH recent (stage, what, le_ms, amount) AS (
                    SELECT stage, what, le_ms, sum(amount) FROM queue_count
                     WHERE minute_ms >= ?1
                       AND (what = 'done' OR what = 'retried' OR what = 'expired' OR what = 'dead' OR what = 'run')
                     GROUP BY stage, what, le_ms),
                 run (stage, le_ms, upto, total) AS (
                    SELECT stage, le_ms, sum(amount) OVER (PARTITION BY stage ORDER BY le_ms),
                           sum(amount) OVER (PARTITION BY stage)
                      FROM recent WHERE what = 'run')
            SELECT stage, coalesce(sum(CASE WHEN what = 'done' THEN amount END), 0),
                   coalesce(sum(CASE WHEN what = 'retried' OR what = 'expired' THEN amount END), 0),
                   coalesce(sum(CASE WHEN what = 'dead' THEN amount END), 0),
                   (SELECT min(le_ms) FROM run WHERE run.stage = recent.stage AND upto * 2 >= total),
                   (SELECT min(le_ms) FROM run WHERE run.stage = recent.stage AND upto * 100 >= total * 95)
              FROM recent GROUP BY stage
            """, [.integer(moment.milliseconds)]
        ) {
            let ends = StageEnds(
                done: $0.count(1), retried: $0.count(2), died: $0.count(3),
                p50: $0.integerOrNull(4).map { .milliseconds($0) }, p95: $0.integerOrNull(5).map { .milliseconds($0) })
            return (stage: $0.text(0), ends: ends)
        }
    }
}
