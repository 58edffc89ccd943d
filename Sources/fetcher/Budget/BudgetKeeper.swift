import Deployment
import Jobs
import Model
import SQLite
import Store

/// Takes calls out of the shared budget, in the database, before they are made.
///
/// A call counts from its reservation until it has ended, and then as of its end: so even calls that are slow to
/// start never gather into a stretch that is too full. The times are the lease clock's: a clock that is set frees
/// nothing.
struct BudgetKeeper: Sendable {
    /// The answer to a wish to call.
    enum Answer: Equatable, Sendable {
        case granted(Int64)
        case denied(wait: Duration, reason: String)
    }

    let database: Database
    let budget: CallBudget
    let clock: @Sendable () -> Int64
    let now: @Sendable () -> Timestamp
    /// No call lasts longer.
    let longestCall: Duration

    func reserve() async throws(SQLiteError) -> Answer {
        let (budget, clock, longest) = (budget, clock, longestCall.milliseconds)
        let now = now
        return try await database.write { db throws(SQLiteError) in
            let quota = try db.run(.upstreamQuota()).first
            if let quota, quota.blockedUntil > now() {
                return .denied(
                    wait: quota.blockedUntil - now(), reason: quota.blockedReason ?? "the upstream asked to wait")
            }
            // Read inside the lock: an older time would not see what others reserved while this one waited.
            let moment = clock()
            for rule in budget.rules {
                let since = moment - rule.window.milliseconds
                let used = try db.run(.callsSince(since)).first ?? 0
                guard used >= rule.calls else { continue }
                let freed = try db.run(.callMoment(since: since, position: used - rule.calls)).first ?? moment
                let wait = max(1, freed + rule.window.milliseconds - moment + 1)
                return .denied(wait: .milliseconds(wait), reason: "budget of \(rule.calls) calls used up")
            }
            try db.run(.forgetCalls(before: moment - budget.longestWindow.milliseconds))
            let id = try db.run(.reserveCall(at: moment, countsAt: moment + longest)).first ?? 0
            return .granted(id)
        }
    }

    /// Says that a granted call has ended.
    func settle(_ call: Int64) async throws(SQLiteError) {
        try await database.run(.settleCall(call, at: clock()))
    }
}
