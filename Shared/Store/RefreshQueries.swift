package import Model
package import SQLite

/// Where an observation comes from.
package enum Origin: String, Sendable {
    case upstream
    case `import`
}

/// One observation of a feed, from the first page to the snapshot. Its id becomes the snapshot's.
package struct Refresh: Equatable, Sendable {
    package let id: String
    package let feed: String
    package let origin: Origin
    package let observedAt: Timestamp
    package let state: String
    package let callsUsed: Int
    package let startedAt: Timestamp
}

extension Query {
    /// Makes a feed known; a known one stays as it is.
    package static func registerFeed(_ name: String, now: Timestamp) -> Query<Void> {
        Query<Void>(
            "INSERT INTO feed (name, created_at_ms) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            [.text(name), .integer(now.milliseconds)])
    }

    /// The names of all feeds that have a snapshot, `hub` first.
    package static func feedNames() -> Query<String> {
        Query<String>(
            """
            SELECT name FROM feed WHERE EXISTS (SELECT 1 FROM snapshot WHERE snapshot.feed_id = feed.id)
             ORDER BY CASE WHEN name = 'hub' THEN 0 ELSE 1 END, name
            """
        ) { $0.text(0) }
    }

    /// The newest moment of a feed that there is or will be a snapshot of.
    package static func newestObservation(feed: String) -> Query<Timestamp> {
        Query<Timestamp>(
            """
            SELECT observed_at_ms FROM refresh
             WHERE feed_id = (SELECT id FROM feed WHERE name = ?1) AND state IN ('fetched', 'normalized')
             ORDER BY observed_at_ms DESC LIMIT 1
            """, [.text(feed)]
        ) { Timestamp(milliseconds: $0.integer(0)) }
    }

    /// Starts an observation of a feed that is known. Answers a row only if there was none of that moment.
    package static func startRefresh(
        feed: String, origin: Origin, observedAt: Timestamp, state: String, now: Timestamp
    ) -> Query<String> {
        Query<String>(
            """
            INSERT INTO refresh (id, feed_id, origin, observed_at_ms, state, started_at_ms)
            SELECT ?1, id, ?3, ?4, ?5, ?6 FROM feed WHERE name = ?2
            ON CONFLICT DO NOTHING
            RETURNING id
            """,
            [
                .text(Snapshot.id(feed: feed, observedAt: observedAt)), .text(feed), .text(origin.rawValue),
                .integer(observedAt.milliseconds), .text(state), .integer(now.milliseconds),
            ]
        ) { $0.text(0) }
    }

    package static func refresh(id: String) -> Query<Refresh> {
        Query<Refresh>(
            """
            SELECT refresh.id, feed.name, origin, observed_at_ms, state, calls_used, started_at_ms
              FROM refresh JOIN feed ON feed.id = refresh.feed_id WHERE refresh.id = ?1
            """, [.text(id)]
        ) {
            Refresh(
                id: $0.text(0), feed: $0.text(1), origin: Origin(rawValue: $0.text(2)) ?? .import,
                observedAt: Timestamp(milliseconds: $0.integer(3)), state: $0.text(4), callsUsed: $0.count(5),
                startedAt: Timestamp(milliseconds: $0.integer(6)))
        }
    }

    package static func countCalls(refresh: String, calls: Int) -> Query<Void> {
        Query<Void>(
            "UPDATE refresh SET calls_used = calls_used + ?2 WHERE id = ?1", [.text(refresh), .integer(calls)])
    }

    package static func setRefreshState(
        _ id: String, state: String, error: String? = nil, endedAt: Timestamp? = nil
    ) -> Query<Void> {
        Query<Void>(
            """
            UPDATE refresh
               SET state = ?2, error = coalesce(?3, error), ended_at_ms = coalesce(?4, ended_at_ms)
             WHERE id = ?1
            """,
            [.text(id), .text(state), .text(error), .integer(endedAt?.milliseconds)])
    }

    /// Adds a fault of an observation that goes on without what was lost.
    package static func noteRefreshError(_ id: String, _ error: String) -> Query<Void> {
        Query<Void>(
            "UPDATE refresh SET error = CASE WHEN error IS NULL THEN ?2 ELSE error || '; ' || ?2 END WHERE id = ?1",
            [.text(id), .text(error)])
    }

    /// Says how fetching is: `ok`, or `degraded` by what this observation had to go on without.
    package static func reportFetch(_ refresh: String, now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO component (name, status, since_ms, last_error)
            SELECT 'huggingFaceFetch', CASE WHEN error IS NULL THEN 'ok' ELSE 'degraded' END, ?2, error
              FROM refresh WHERE id = ?1
            ON CONFLICT (name) DO UPDATE
               SET since_ms = CASE WHEN component.status = excluded.status
                                   THEN component.since_ms ELSE excluded.since_ms END,
                   status = excluded.status, last_error = excluded.last_error
            """, [.text(refresh), .integer(now.milliseconds)])
    }

    /// Observations of a feed whose pages are still being fetched.
    /// - Returns: also whether a job is there that goes on with it: an operator may have cancelled it.
    package static func fetchingRefreshes(
        feed: String
    ) -> Query<(id: String, startedAt: Timestamp, isWorkedOn: Bool)> {
        Query<(id: String, startedAt: Timestamp, isWorkedOn: Bool)>(
            """
            SELECT refresh.id, refresh.started_at_ms,
                   CASE WHEN EXISTS (SELECT 1 FROM job
                                      WHERE unique_held = 1 AND unique_key > 'fetch-page:' || refresh.id || ':'
                                        AND unique_key < 'fetch-page:' || refresh.id || ';'
                                        AND job.state IN ('scheduled', 'ready', 'running')) THEN 1 ELSE 0 END
              FROM refresh JOIN feed ON feed.id = refresh.feed_id
             WHERE feed.name = ?1 AND refresh.state = 'fetching' ORDER BY refresh.started_at_ms
            """, [.text(feed)]
        ) { ($0.text(0), Timestamp(milliseconds: $0.integer(1)), $0.flag(2)) }
    }

    /// The newest observation that was taken from the upstream: its state, error and start.
    package static func newestUpstreamRefresh(
        feed: String
    ) -> Query<(id: String, state: String, error: String?, startedAt: Timestamp)> {
        Query<(id: String, state: String, error: String?, startedAt: Timestamp)>(
            """
            SELECT refresh.id, state, error, started_at_ms FROM refresh JOIN feed ON feed.id = refresh.feed_id
             WHERE feed.name = ?1 AND origin = 'upstream' ORDER BY started_at_ms DESC LIMIT 1
            """, [.text(feed)]
        ) { ($0.text(0), $0.text(1), $0.textOrNull(2), Timestamp(milliseconds: $0.integer(3))) }
    }
}
