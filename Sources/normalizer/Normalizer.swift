import Daemon
import Deployment
import Jobs
import Ledger
import Store

/// What the normalizer is started with: the database and the curated tables of facts.
struct NormalizerSettings: Sendable {
    let location: DatabaseLocation
    let facts: ModelFacts

    init(_ environment: Environment) throws {
        location = try DatabaseLocation(environment)
        facts = try ModelFacts(DeploymentFolder(environment))
    }
}

/// Wires the normalizer together. Nothing here decides anything.
@main
struct Normalizer {
    static func main() async {
        await runDaemon(
            DaemonDescription(
                name: "normalizer", summary: "turns raw pages into canonical rows; rejects what breaks a contract",
                settings: DatabaseLocation.settings + DeploymentFolder.settings),
            settings: { environment in try NormalizerSettings(environment) },
            body: { settings, log in
                let process = try await PipelineProcess.open(settings.location, log: log)
                try await process.run([
                    KindRunner(
                        NormalizeStage(database: process.database, facts: settings.facts, now: SystemClock.now)),
                    KindRunner(RepriceStage(prices: PriceDesk(), now: SystemClock.now)),
                ])
            })
    }
}
