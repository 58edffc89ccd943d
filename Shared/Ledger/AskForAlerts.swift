import Jobs
package import Model
package import SQLite
import Store

extension Connection {
    /// Has the rules evaluated once the change of this transaction is stored, together with what else changes in that
    /// second. Costs one look-up where nobody is to be asked, or has been.
    package func askForAlerts(now: Timestamp) throws(SQLiteError) {
        let work = EvaluateAlerts()
        guard try !run(Query<Int64>.anyUnaskedRule(key: work.uniqueKey ?? "")).isEmpty else { return }
        do throws(SQLiteError) {
            try enqueue(work.job(runAt: now + EvaluateAlerts.gather), now: now)
        } catch {
            // A queue that is full refuses no session: the scorer's clock asks within a minute.
            guard error.isStageFull else { throw error }
        }
    }
}
