import Model
import SQLite
import Store

/// Claims in a worker's name, for the places that are free in it.
struct Claiming: Sendable {
    let worker: String
    let clock: LeaseClock
    let timing: LeaseTiming
    let now: @Sendable () -> Timestamp

    /// Of these places, those for whose kind something waits.
    func worthwhile(_ free: [Slots.Free], in db: borrowing Connection) throws(SQLiteError) -> [Slots.Free] {
        let moment = now()
        var found: [Slots.Free] = []
        for place in free {
            let runner = place.runner
            if try !db.run(Query<Int64>.anyReady(kind: runner.kind, stage: runner.stage, now: moment)).isEmpty {
                found.append(place)
            }
        }
        return found
    }

    /// Takes jobs for these places, in the caller's transaction.
    func claim(for free: [Slots.Free], in db: borrowing Connection) throws(SQLiteError) -> [Claim] {
        // Read under the write lock: a lease that was reckoned before the wait for it could be over already.
        let (leaseNow, moment) = (clock.now(), now())
        var claims: [Claim] = []
        for place in free {
            let runner = place.runner
            let jobs = try db.claim(
                ClaimRequest(
                    kind: runner.kind, stage: runner.stage, limit: place.count, worker: worker, lease: timing.lease,
                    leaseNow: leaseNow, now: moment))
            claims += jobs.map { Claim(runner: runner, job: $0) }
        }
        return claims
    }
}
