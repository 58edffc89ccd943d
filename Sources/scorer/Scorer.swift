import Daemon
import Deployment
import Jobs
import Ledger
import Model
import SQLite
import Scoring
import Store

/// What the scorer is started with: the database, the score profiles, the anomaly thresholds and the curated
/// list of v3.
struct ScorerSettings: Sendable {
    let location: DatabaseLocation
    let profiles: ScoreProfiles
    let profile: ScoreProfile
    let thresholds: AnomalyThresholds
    let curated: [CuratedSource]

    init(_ environment: Environment) throws {
        location = try DatabaseLocation(environment)
        let folder = try DeploymentFolder(environment)
        profiles = try folder.scoreProfiles()
        guard let profile = profiles[ScoreProfiles.defaultName] else {
            throw DeploymentError(file: "profiles.json", pointer: "/profiles", expected: "a profile named default")
        }
        self.profile = profile
        thresholds = try folder.anomalyThresholds()
        curated = try folder.sources()
    }
}

/// Wires the scorer together. Nothing here decides anything.
@main
struct Scorer {
    static func main() async {
        await runDaemon(
            DaemonDescription(
                name: "scorer",
                summary: "computes scores, epochs, deltas and what readers are shown, and evaluates alerts",
                settings: DatabaseLocation.settings + DeploymentFolder.settings),
            settings: { environment in try ScorerSettings(environment) },
            body: { settings, log in
                let process = try await PipelineProcess.open(settings.location, log: log)
                let scoring = Scoring(caps: settings.profiles.caps, weights: settings.profile.weights)
                try await process.run([
                    KindRunner(ScoreStage(database: process.database, scoring: scoring, now: SystemClock.now)),
                    KindRunner(
                        PublishStage(
                            database: process.database, profiles: settings.profiles, profile: settings.profile,
                            thresholds: settings.thresholds, curated: settings.curated, now: SystemClock.now)),
                    KindRunner(PackStage(database: process.database)),
                    KindRunner(PruneStage(database: process.database, now: SystemClock.now)),
                    KindRunner(SumStage(now: SystemClock.now)),
                    KindRunner(AlertStage(database: process.database, now: SystemClock.now)),
                ]) { try await ticks(process) }
            })
    }

    /// What the scorer looks after by the clock.
    private static func ticks(_ process: PipelineProcess) async throws {
        let evaluation = PeriodicJob(EvaluateAlerts.name, every: EvaluateAlerts.period, job: EvaluateAlerts().job())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await process.fire([evaluation]) }
            group.addTask { try await SumStage.watch(process) }
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
    }
}
