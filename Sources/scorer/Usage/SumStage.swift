import Daemon
import Jobs
import Ledger
import Model
import SQLite
import Store
import Telemetry

/// Moves sessions that changed into the sums that readers are shown.
struct SumStage: Stage {
    /// How often it is looked whether something waits that nobody asked for.
    private static let lookAfter = Duration.seconds(15)

    let now: @Sendable () -> Timestamp

    func run(_ work: SumUsage, _ context: JobContext) async throws(JobFailure) -> StageResult {
        // What is moved is read in the transaction that stores it: see `SumPendingUsage`.
        StageResult(writes: [SumPendingUsage(now: now())], wakes: [StageName.score.rawValue])
    }

    /// Asks for what was left behind: by a job that died, or by a stage that was full. Ends with its task.
    static func watch(_ process: PipelineProcess) async throws {
        while !Task.isCancelled {
            let moment = SystemClock.now()
            do throws(SQLiteError) {
                if try await !process.database.run(Query<Int64>.anyPendingUsage()).isEmpty {
                    try await process.database.write { db throws(SQLiteError) in try db.askToSumUsage(now: moment) }
                    process.doorbell.ring(StageName.score.rawValue)
                }
            } catch {
                guard error.isBusy || error.isDiskFull else { throw error }
                process.log.log(.warning, "database waits", ["error": error.message])
            }
            try? await Task.sleep(for: lookAfter)
        }
    }
}
