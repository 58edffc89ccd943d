import Alerts
import Jobs
import Model
import SQLite
import Store
import Telemetry

/// Evaluates the rules of the ledger: reads the figures outside of the write lock, and has them judged under it.
struct AlertStage: Stage {
    let database: Database
    private let pace = AlertPace()
    let now: @Sendable () -> Timestamp

    init(database: Database, now: @escaping @Sendable () -> Timestamp) {
        self.database = database
        self.now = now
    }

    func run(_ work: EvaluateAlerts, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let moment = now()
        if work.due != true, let opening = pace.opening(at: moment, within: EvaluateAlerts.period / 2) {
            return StageResult(next: [EvaluateAlerts(dueAt: opening).job(runAt: opening)])
        }
        let figures: AlertFigures?
        do throws(SQLiteError) {
            figures = try await database.read { db throws(SQLiteError) -> AlertFigures? in
                let rules = try db.run(.alertRules()).compactMap(\.self)
                return rules.isEmpty ? nil : try AlertFigures.read(rules, at: moment, from: db)
            }
        } catch {
            throw .transient("database", "\(error)")
        }
        pace.note(from: moment, to: now())
        guard let figures else { return StageResult() }
        for fault in figures.faults {
            context.log.log(.warning, "figures of alerts cannot be computed", ["error": fault])
        }
        return StageResult(
            writes: [SaveAlerts(figures: figures, traceParent: context.traceParent)],
            wakes: [StageName.notify.rawValue, StageName.score.rawValue])
    }
}
