import Daemon
package import Model
import SQLite
import Store
import Telemetry

/// A job that is asked for again and again, once per tick however many processes ask.
package struct PeriodicJob: Sendable {
    /// Under which all processes know the period.
    let name: String
    let period: Duration
    let job: NewJob

    package init(_ name: String, every period: Duration, job: NewJob) {
        self.name = name
        self.period = period
        self.job = job
    }
}

extension PipelineProcess {
    /// Asks for each of the jobs at every tick of its period, until the task is cancelled.
    package func fire(_ jobs: [PeriodicJob]) async throws {
        while !jobs.isEmpty, !Task.isCancelled {
            var wait = Duration.seconds(30)
            for job in jobs {
                let next = try await tick(job)
                wait = min(wait, next.map { $0 - SystemClock.now() } ?? .seconds(1))
            }
            for stage in Set(jobs.map(\.job.stage)) { doorbell.ring(stage.rawValue) }
            try? await Task.sleep(for: max(.milliseconds(100), wait))
        }
    }

    /// - Returns: when the next tick is due; `nil` while the database is busy or full: that passes, and ends no
    ///   process.
    private func tick(_ periodic: PeriodicJob) async throws -> Timestamp? {
        let moment = SystemClock.now()
        var random = SystemRandomNumberGenerator()
        var wanted = periodic.job
        // Each tick is the beginning of something.
        wanted.traceParent = TraceParent.root(using: &random).description
        let job = wanted
        do throws(SQLiteError) {
            return try await database.write { db throws(SQLiteError) in
                try db.firePeriodic(periodic.name, every: periodic.period, job: job, now: moment)
                return try db.run(Query<Timestamp>.nextTick(periodic.name)).first
            }
        } catch {
            guard error.isBusy || error.isDiskFull || error.isStageFull else { throw error }
            log.log(.warning, "database waits", ["error": error.message])
            return nil
        }
    }
}
