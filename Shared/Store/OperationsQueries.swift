package import Model
package import SQLite

/// Which dead jobs are meant; a criterion that is `nil` holds for all.
package struct DeadJobFilter: Equatable, Sendable {
    package var stage: StageName?
    /// The empty text means jobs that have none.
    package var errorClass: String?
    /// Those that were dead at that moment.
    package var until: Timestamp?

    package init(stage: StageName? = nil, errorClass: String? = nil, until: Timestamp? = nil) {
        self.stage = stage
        self.errorClass = errorClass
        self.until = until
    }

    fileprivate var bindings: [Value] {
        [.text(stage?.rawValue), .text(errorClass), .integer(until?.milliseconds)]
    }
}

/// A job that is dead, and why.
package struct DeadJob: Equatable, Sendable {
    package let id: JobID
    package let stage: String
    package let kind: String
    package let errorClass: String
    package let errorMessage: String
    package let attempts: Int
    package let firstFailedAt: Timestamp
    package let lastFailedAt: Timestamp

    package init(
        id: JobID, stage: String, kind: String, errorClass: String, errorMessage: String, attempts: Int,
        firstFailedAt: Timestamp, lastFailedAt: Timestamp
    ) {
        self.id = id
        self.stage = stage
        self.kind = kind
        self.errorClass = errorClass
        self.errorMessage = errorMessage
        self.attempts = attempts
        self.firstFailedAt = firstFailedAt
        self.lastFailedAt = lastFailedAt
    }

    init(_ row: borrowing Row) {
        self.init(
            id: JobID(row.integer(0)), stage: row.text(1), kind: row.text(2), errorClass: row.text(3),
            errorMessage: row.text(4), attempts: row.count(5),
            firstFailedAt: Timestamp(milliseconds: row.integer(6)),
            lastFailedAt: Timestamp(milliseconds: row.integer(7)))
    }
}

/// How many dead jobs of a stage have an error class.
package struct DeadJobCount: Equatable, Sendable {
    package let errorClass: String
    package let stage: String
    package let jobs: Int

    package init(errorClass: String, stage: String, jobs: Int) {
        self.errorClass = errorClass
        self.stage = stage
        self.jobs = jobs
    }
}

/// A delivery with its last try, of any subscription.
package struct RecentDelivery: Equatable, Sendable {
    package let eventType: String
    package let url: String
    package let state: Delivery.State
    package let attempts: Int
    package let createdAt: Timestamp
    package let nextAttemptAt: Timestamp?
    package let status: Int?
    package let errorClass: String?
    package let took: Duration?

    package init(
        eventType: String, url: String, state: Delivery.State, attempts: Int, createdAt: Timestamp,
        nextAttemptAt: Timestamp? = nil, status: Int? = nil, errorClass: String? = nil, took: Duration? = nil
    ) {
        self.eventType = eventType
        self.url = url
        self.state = state
        self.attempts = attempts
        self.createdAt = createdAt
        self.nextAttemptAt = nextAttemptAt
        self.status = status
        self.errorClass = errorClass
        self.took = took
    }
}

// The index is named: without statistics SQLite would walk the table by its number, through all that waits.
extension Query {
    /// Dead jobs by error class and stage.
    package static func deadJobCounts() -> Query<DeadJobCount> {
        Query<DeadJobCount>(
            """
            SELECT coalesce(error_class, ''), stage, count(*) FROM job INDEXED BY job_dead_error
             WHERE state = 'dead' GROUP BY 1, 2 ORDER BY 1, 2
            """
        ) { DeadJobCount(errorClass: $0.text(0), stage: $0.text(1), jobs: $0.count(2)) }
    }

    package static func deadJobCount(_ filter: DeadJobFilter) -> Query<Int> {
        Query<Int>(
            """
            SELECT count(*) FROM job INDEXED BY job_dead_error
             WHERE state = 'dead' AND (?1 IS NULL OR stage = ?1) AND (?2 IS NULL OR coalesce(error_class, '') = ?2)
               AND (?3 IS NULL OR finished_at_ms <= ?3)
            """, filter.bindings
        ) { $0.count(0) }
    }

    /// One page of dead jobs: by error class, in it the newest first.
    package static func deadJobs(_ filter: DeadJobFilter, limit: Int, offset: Int) -> Query<DeadJob> {
        Query<DeadJob>(
            """
            SELECT job.id, stage, kind, coalesce(error_class, ''), coalesce(error_message, ''), attempt,
                   coalesce((SELECT min(ended_at_ms) FROM job_attempt WHERE job_id = job.id), finished_at_ms),
                   finished_at_ms
              FROM job INDEXED BY job_dead_error
             WHERE state = 'dead' AND (?1 IS NULL OR stage = ?1) AND (?2 IS NULL OR coalesce(error_class, '') = ?2)
               AND (?3 IS NULL OR finished_at_ms <= ?3)
             ORDER BY error_class, finished_at_ms DESC, job.id DESC LIMIT ?4 OFFSET ?5
            """, filter.bindings + [.integer(limit), .integer(offset)]
        ) { DeadJob($0) }
    }

    /// A dead job, if it is one.
    package static func deadJob(_ id: JobID) -> Query<DeadJob> {
        Query<DeadJob>(
            """
            SELECT job.id, stage, kind, coalesce(error_class, ''), coalesce(error_message, ''), attempt,
                   coalesce((SELECT min(ended_at_ms) FROM job_attempt WHERE job_id = job.id), finished_at_ms),
                   finished_at_ms
              FROM job WHERE id = ?1 AND state = 'dead'
            """, [.integer(id.rawValue)]
        ) { DeadJob($0) }
    }

    /// The numbers of dead jobs behind a number, a batch at a time.
    package static func deadJobNumbers(_ filter: DeadJobFilter, after id: JobID, limit: Int) -> Query<JobID> {
        Query<JobID>(
            """
            SELECT id FROM job INDEXED BY job_dead_error
             WHERE state = 'dead' AND (?1 IS NULL OR stage = ?1) AND (?2 IS NULL OR coalesce(error_class, '') = ?2)
               AND (?3 IS NULL OR finished_at_ms <= ?3) AND id > ?4
             ORDER BY id LIMIT ?5
            """, filter.bindings + [.integer(id.rawValue), .integer(limit)]
        ) { JobID($0.integer(0)) }
    }

    /// The newest deliveries of all subscriptions, with what came of their last try.
    package static func recentDeliveries(limit: Int) -> Query<RecentDelivery> {
        Query<RecentDelivery>(
            """
            SELECT event.type, subscription.url, recent.state, coalesce(tried.number, recent.attempts),
                   recent.created_at_ms, recent.next_attempt_at_ms, tried.status, tried.error_class, tried.total_ms
              FROM (SELECT * FROM delivery ORDER BY created_at_ms DESC LIMIT ?1) AS recent
                   JOIN event ON event.id = recent.event_id
                   JOIN subscription ON subscription.id = recent.subscription_id
                   LEFT JOIN delivery_attempt AS tried
                        ON tried.delivery_id = recent.id
                           AND tried.number = (SELECT max(number) FROM delivery_attempt WHERE delivery_id = recent.id)
             ORDER BY recent.created_at_ms DESC, recent.id DESC
            """, [.integer(limit)]
        ) {
            RecentDelivery(
                eventType: $0.text(0), url: $0.text(1), state: Delivery.State(rawValue: $0.text(2)) ?? .cancelled,
                attempts: $0.count(3), createdAt: Timestamp(milliseconds: $0.integer(4)),
                nextAttemptAt: $0.integerOrNull(5).map { Timestamp(milliseconds: $0) },
                status: $0.integerOrNull(6).map { Int($0) }, errorClass: $0.textOrNull(7),
                took: $0.integerOrNull(8).map { .milliseconds($0) })
        }
    }

    /// Of the deliveries made since a moment: how many have ended, and how many of them well.
    package static func endedDeliveries(since moment: Timestamp) -> Query<(ended: Int, succeeded: Int)> {
        Query<(ended: Int, succeeded: Int)>(
            """
            SELECT count(*), coalesce(sum(state = 'succeeded'), 0) FROM delivery
             WHERE created_at_ms > ?1 AND (state = 'succeeded' OR state = 'failed')
            """, [.integer(moment.milliseconds)]
        ) { (ended: $0.count(0), succeeded: $0.count(1)) }
    }
}
