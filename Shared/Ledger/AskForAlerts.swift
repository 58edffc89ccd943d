import Jobs
package import Model
package import SQLite
import Store

extension Connection {
    /// Has the rules evaluated once the session of this transaction is stored, together with what else comes in that
    /// second. Costs one look-up where nobody is to be asked, or has been.
    package func askForAlerts(now: Timestamp) throws(SQLiteError) {
        let key = EvaluateAlerts().uniqueKey ?? ""
        guard try !run(Query<Int64>.anyUnaskedRule(key: key)).isEmpty else { return }
        try enqueueEvaluation(at: now + EvaluateAlerts.gather, now: now)
    }
}
