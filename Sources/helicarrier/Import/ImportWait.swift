import Jobs
import Model
import SQLite
import Store

/// Waits until everything that an import asked for has ended, as long as there is somebody who works on it.
struct ImportWait: Sendable {
    /// A process that has just been started needs a moment until it listens.
    private static let patience: Duration = .seconds(10)
    /// The longest silence in which no job of the import ends.
    private static let longestStall: Duration = .minutes(5)

    let database: Database
    let location: DatabaseLocation
    let feed: String
    let terminal: Terminal
    let now: @Sendable () -> Timestamp

    func wait(for asked: Set<JobID>) async throws -> ImportProgress {
        guard let first = asked.min() else { return ImportProgress(asked: [], steps: [], publishing: []) }
        let listeners = Listeners(location)
        let bar = ProgressBar("processing", on: terminal)
        defer { bar.clear() }
        let clock = ContinuousClock()
        var lastChange = clock.now
        var last: ImportProgress?
        while true {
            let progress = try await look(asked, from: first)
            if progress.hasEnded { return progress }
            bar.show(progress.done, of: progress.total, note: note(progress))
            if progress != last {
                last = progress
                lastChange = clock.now
            }
            let silence = clock.now - lastChange
            if silence > Self.patience {
                let pauses = try await database.run(.pauses(now: now()))
                let listening = listeners.wake(Array(progress.open.keys))
                if let text = ImportHindrance.text(progress, listening: listening, pauses: pauses) {
                    throw CommandFailure(text)
                }
            }
            guard silence < Self.longestStall else {
                throw CommandFailure("nothing has moved for \(Spoken.duration(silence)); see `helicarrier queue list`")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func look(_ asked: Set<JobID>, from first: JobID) async throws -> ImportProgress {
        let key = PublishFeed(feed: feed).uniqueKey ?? ""
        let (steps, publishing) = try await database.read { db throws(SQLiteError) in
            (
                try db.run(Query<JobStep>.jobSteps(from: first)),
                try db.run(Query<JobStep>.unfinishedJobs(uniqueKey: key))
            )
        }
        return ImportProgress(asked: asked, steps: steps, publishing: publishing)
    }

    private func note(_ progress: ImportProgress) -> String {
        StageName.allCases.compactMap { stage in progress.open[stage].map { "\(stage.rawValue) \($0)" } }
            .joined(separator: ", ")
    }
}
