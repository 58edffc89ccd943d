package import Model
package import SQLite

extension Query {
    /// Makes the period known; a changed interval counts from the last firing.
    static func registerPeriodic(_ name: String, every: Duration, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO periodic (name, every_ms, next_at_ms) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE
               SET every_ms = excluded.every_ms,
                   next_at_ms = coalesce(periodic.last_at_ms + excluded.every_ms, periodic.next_at_ms)
             WHERE periodic.every_ms <> excluded.every_ms
            """, [.text(name), .integer(every.milliseconds), .integer(now.milliseconds)])
    }

    /// Moves the period past `now`; answers a row only to the one process that did.
    ///
    /// A tick that is more than an hour further away than one interval was set by a clock that has been put back since:
    /// it counts as due, or a wrong clock could silence the work for years. The hour is far more than two processes can
    /// disagree about `now` because one of them waited for the write lock.
    static func tickPeriodic(_ name: String, now: Timestamp) -> Query<Int64> {
        Query<Int64>(
            """
            UPDATE periodic
               SET last_at_ms = ?2,
                   next_at_ms = CASE WHEN next_at_ms > ?2 THEN ?2 + every_ms
                                     ELSE next_at_ms + every_ms * ((?2 - next_at_ms) / every_ms + 1) END
             WHERE name = ?1 AND (next_at_ms <= ?2 OR next_at_ms > ?2 + every_ms + 3600000)
            RETURNING next_at_ms
            """, [.text(name), .integer(now.milliseconds)]
        ) { $0.integer(0) }
    }

    /// When a period is next due; no row if it is not known.
    package static func nextTick(_ name: String) -> Query<Timestamp> {
        Query<Timestamp>("SELECT next_at_ms FROM periodic WHERE name = ?1", [.text(name)]) {
            Timestamp(milliseconds: $0.integer(0))
        }
    }

    /// A row if any lease is over.
    package static func anyExpired(leaseNow: Int64) -> Query<Int64> {
        Query<Int64>(
            "SELECT id FROM job WHERE state = 'running' AND lease_until_ms < ?1 LIMIT 1", [.integer(leaseNow)]
        ) { $0.integer(0) }
    }

    /// A row if a job of the kind waits to be claimed and may be: what tells a worker whether to take the write lock.
    package static func anyReady(kind: String, stage: StageName, now: Timestamp) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT id FROM job
             WHERE kind = ?1 AND state = 'ready'
               AND NOT EXISTS (SELECT 1 FROM pause
                                WHERE target IN (?1, ?2) AND (until_ms IS NULL OR until_ms > ?3))
             LIMIT 1
            """, [.text(kind), .text(stage.rawValue), .integer(now.milliseconds)]
        ) { $0.integer(0) }
    }
}
