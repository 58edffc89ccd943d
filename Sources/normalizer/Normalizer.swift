import Daemon
import Jobs
import Store

/// Wires the normalizer together. Nothing here decides anything.
@main
struct Normalizer {
    static func main() async {
        await runDaemon(
            DaemonDescription(
                name: "normalizer", summary: "turns raw pages into canonical rows; rejects what breaks a contract",
                settings: DatabaseLocation.settings),
            settings: { environment in try DatabaseLocation(environment) },
            body: { location, log in
                let process = try await PipelineProcess.open(location, log: log)
                try await process.run([
                    KindRunner(NormalizeStage(database: process.database, now: SystemClock.now))
                ])
            })
    }
}
