package import Model
package import SQLite

/// A job that housekeeping has looked at.
package struct OldJob: Sendable {
    package let id: JobID
    package let createdAt: Timestamp
    /// It is done or cancelled, ended before the moment that was asked for, and holds no unique key.
    package let isOver: Bool
}

extension Query {
    /// The jobs behind a number, in their order, and which of them ended before a moment. Numbers rise with time, so
    /// this finds what is old without an index, to which every job that ends would have to write.
    package static func jobs(after id: JobID, endedBefore moment: Timestamp, limit: Int) -> Query<OldJob> {
        Query<OldJob>(
            """
            SELECT id, created_at_ms,
                   CASE WHEN (state = 'done' OR state = 'cancelled') AND finished_at_ms < ?2 AND unique_held = 0
                        THEN 1 ELSE 0 END
              FROM job WHERE id > ?1 ORDER BY id LIMIT ?3
            """, [.integer(id.rawValue), .integer(moment.milliseconds), .integer(limit)]
        ) {
            OldJob(
                id: JobID($0.integer(0)), createdAt: Timestamp(milliseconds: $0.integer(1)), isOver: $0.flag(2))
        }
    }

    /// Deletes those of these jobs that are done or cancelled and ended before a moment, with their attempts. Dead ones
    /// stay until somebody decides.
    package static func prune(_ ids: [JobID], endedBefore moment: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            DELETE FROM job
             WHERE id IN (SELECT value FROM json_each(?1))
               AND (state = 'done' OR state = 'cancelled') AND finished_at_ms < ?2 AND unique_held = 0
            """, [.text(JobID.list(ids)), .integer(moment.milliseconds)])
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
