import Alerts
import Jobs
import Model
import SQLite
import Store
import Telemetry

/// Evaluates the rules of the ledger: reads the figures outside of the write lock, and has them judged under it.
struct AlertStage: Stage {
    let database: Database
    let now: @Sendable () -> Timestamp

    func run(_ work: EvaluateAlerts, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let moment = now()
        let figures: AlertFigures?
        do throws(SQLiteError) {
            figures = try await database.read { db throws(SQLiteError) -> AlertFigures? in
                let rules = try db.run(.alertRules()).compactMap(\.self)
                return rules.isEmpty ? nil : try AlertFigures.read(rules, at: moment, from: db)
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        guard let figures else { return StageResult() }
        for fault in figures.faults {
            context.log.log(.warning, "figures of alerts cannot be computed", ["error": fault])
        }
        return StageResult(
            writes: [SaveAlerts(figures: figures, traceParent: context.traceParent)],
            wakes: [StageName.notify.rawValue, StageName.score.rawValue])
    }
}
