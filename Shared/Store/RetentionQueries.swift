package import Model
package import SQLite

extension Query {
    /// Deletes some of the done and cancelled jobs that ended before a moment, with their attempts; answers each.
    /// Dead ones stay until somebody decides.
    /// - Parameter limit: keeps the write lock short.
    package static func pruneJobs(endedBefore moment: Timestamp, limit: Int) -> Query<JobID> {
        Query<JobID>(
            """
            DELETE FROM job
             WHERE id IN (SELECT id FROM job
                           WHERE (state = 'done' OR state = 'cancelled') AND finished_at_ms < ?1
                             AND unique_held = 0
                           ORDER BY finished_at_ms LIMIT ?2)
            RETURNING id
            """, [.integer(moment.milliseconds), .integer(limit)]
        ) { JobID($0.integer(0)) }
    }

    /// Lets go of unique keys that ended jobs still hold although their period is over, so that they can be pruned.
    package static func releaseUniqueKeys(now: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            UPDATE job SET unique_held = 0
             WHERE unique_held = 1 AND unique_until_ms <= ?1 AND (state = 'done' OR state = 'cancelled')
            """, [.integer(now.milliseconds)])
    }
}
