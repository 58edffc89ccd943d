package import Model
package import SQLite
import Store

/// The time that leases use: the machine's uptime, moved so that it resembles wall time. It never steps, so a clock
/// that is set while jobs run takes no lease away and prolongs none.
///
/// All processes of one boot share one offset, kept in the database.
package struct LeaseClock: Sendable {
    private let offset: Int64
    private let sinceBoot: @Sendable () -> Int64

    /// Joins the clock of this boot, or starts it; after a reboot nobody holds a job, so all leases end.
    package static func join(
        _ database: Database, boot: String, sinceBoot: @escaping @Sendable () -> Int64,
        now: @escaping @Sendable () -> Timestamp
    ) async throws -> LeaseClock {
        if let known = try await database.run(.readLeaseClock(boot: boot)).first {
            return LeaseClock(offset: known, sinceBoot: sinceBoot)
        }
        let offset = try await database.write { db throws(SQLiteError) -> Int64? in
            let fresh = now().milliseconds - sinceBoot()
            guard try db.run(Query<Int64>.startLeaseClock(boot: boot, offset: fresh)).isEmpty == false else {
                return try db.run(Query<Int64>.readLeaseClock(boot: boot)).first
            }
            let moment = now()
            for job in try db.expireLeases(leaseNow: .max, now: moment) where job.state == .dead {
                try TellDeadJob(job, now: moment).apply(to: db)
            }
            return fresh
        }
        return LeaseClock(offset: offset ?? 0, sinceBoot: sinceBoot)
    }

    package func now() -> Int64 { sinceBoot() + offset }
}
