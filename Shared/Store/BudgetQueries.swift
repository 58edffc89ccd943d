package import Model
package import SQLite

/// What the upstream last said about its own limit.
package struct UpstreamQuota: Equatable, Sendable {
    package let remaining: Int?
    package let quota: Int?
    package let resetsAt: Timestamp?
    package let seenAt: Timestamp?
    package let blockedUntil: Timestamp
    package let blockedReason: String?
}

extension Query {
    /// Calls that may still be counted in the stretch that begins after `since`.
    package static func callsSince(_ since: Int64) -> Query<Int> {
        Query<Int>("SELECT count(*) FROM upstream_call WHERE counts_at_ms > ?1", [.integer(since)]) { $0.count(0) }
    }

    /// The moment at which the stretch that begins after `since` will have lost its first `position` calls.
    package static func callMoment(since: Int64, position: Int) -> Query<Int64> {
        Query<Int64>(
            """
            SELECT counts_at_ms FROM upstream_call WHERE counts_at_ms > ?1 ORDER BY counts_at_ms LIMIT 1 OFFSET ?2
            """, [.integer(since), .integer(position)]
        ) { $0.integer(0) }
    }

    /// Takes one call out of the budget, before it is made.
    package static func reserveCall(at moment: Int64, countsAt: Int64) -> Query<Int64> {
        Query<Int64>(
            "INSERT INTO upstream_call (reserved_at_ms, counts_at_ms) VALUES (?1, ?2) RETURNING id",
            [.integer(moment), .integer(countsAt)]
        ) { $0.integer(0) }
    }

    /// A call has ended: from now on it counts as of this moment.
    package static func settleCall(_ id: Int64, at moment: Int64) -> Query<Void> {
        Query<Void>(
            "UPDATE upstream_call SET counts_at_ms = ?2 WHERE id = ?1 AND counts_at_ms > ?2",
            [.integer(id), .integer(moment)])
    }

    package static func forgetCalls(before: Int64) -> Query<Void> {
        Query<Void>("DELETE FROM upstream_call WHERE counts_at_ms < ?1", [.integer(before)])
    }

    package static func upstreamQuota() -> Query<UpstreamQuota> {
        Query<UpstreamQuota>(
            """
            SELECT remaining, quota, resets_at_ms, seen_at_ms, blocked_until_ms, blocked_reason
              FROM upstream_quota WHERE id = 1
            """
        ) {
            UpstreamQuota(
                remaining: $0.integerOrNull(0).map { Int($0) }, quota: $0.integerOrNull(1).map { Int($0) },
                resetsAt: $0.integerOrNull(2).map { Timestamp(milliseconds: $0) },
                seenAt: $0.integerOrNull(3).map { Timestamp(milliseconds: $0) },
                blockedUntil: Timestamp(milliseconds: $0.integer(4)), blockedReason: $0.textOrNull(5))
        }
    }

    /// Remembers what the upstream said about its limit.
    package static func saveQuota(
        remaining: Int, quota: Int?, resetsAt: Timestamp, seenAt: Timestamp
    ) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO upstream_quota (id, remaining, quota, resets_at_ms, seen_at_ms) VALUES (1, ?1, ?2, ?3, ?4)
            ON CONFLICT (id) DO UPDATE
               SET remaining = excluded.remaining, quota = coalesce(excluded.quota, upstream_quota.quota),
                   resets_at_ms = excluded.resets_at_ms, seen_at_ms = excluded.seen_at_ms
            """,
            [
                .integer(remaining), .integer(quota), .integer(resetsAt.milliseconds), .integer(seenAt.milliseconds),
            ])
    }

    /// Keeps every fetcher from calling until then; an earlier block that lasts longer stays.
    package static func blockUpstream(until: Timestamp, reason: String) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO upstream_quota (id, blocked_until_ms, blocked_reason) VALUES (1, ?1, ?2)
            ON CONFLICT (id) DO UPDATE
               SET blocked_until_ms = excluded.blocked_until_ms, blocked_reason = excluded.blocked_reason
             WHERE upstream_quota.blocked_until_ms < excluded.blocked_until_ms
            """, [.integer(until.milliseconds), .text(reason)])
    }
}
