import Daemon
import HTTPClient
import Jobs
import Model
import SQLite
import Store
import Telemetry

/// Wires the fetcher together. Nothing here decides anything.
@main
struct Fetcher {
    private static let longestCall = Duration.seconds(60)

    static func main() async {
        await runDaemon(
            DaemonDescription(
                name: "fetcher", summary: "pulls listings from the upstream within a budget and keeps the raw pages",
                settings: FetcherSettings.description),
            settings: { environment in try FetcherSettings(environment) },
            body: { settings, log in
                let process = try await PipelineProcess.open(settings.location, log: log)
                let client = HTTPClient(
                    userAgent: "helicarrier/\(Release.version)", maximumConnections: 8, perHost: 4)
                try await process.run(runners(settings, process, client)) {
                    try await ticks(settings, process)
                }
                client.shutdown()
            })
    }

    private static func runners(
        _ settings: FetcherSettings, _ process: PipelineProcess, _ client: HTTPClient
    ) -> [KindRunner] {
        let plan = KindRunner(
            PlanStage(
                database: process.database, hub: settings.hub, pagesPerListing: settings.pagesPerListing,
                curated: settings.curated, sweep: settings.sweep, now: SystemClock.now))
        guard let hub = settings.hub else { return [plan] }
        let clock = process.clock
        let token = settings.token
        let budget = BudgetKeeper(
            database: process.database, budget: settings.budget, clock: { clock.now() }, now: SystemClock.now,
            longestCall: longestCall)
        let fetch = FetchStage(
            database: process.database, hub: hub, budget: budget, pagesPerListing: settings.pagesPerListing,
            watchList: WatchList(limit: settings.watchCalls),
            download: { (request: ClientRequest) async throws(ClientError) -> ClientResponse in
                try await client.send(request)
            },
            token: { token?.reveal() }, now: SystemClock.now, chance: { Double.random(in: 0..<1) })
        return [plan, KindRunner(fetch)]
    }

    /// How often it is looked whether a walk over the whole Hub is due.
    private static let lookForSweep = Duration.minutes(10)

    /// Asks for a refresh at every tick of the clock that all fetchers share.
    private static func ticks(_ settings: FetcherSettings, _ process: PipelineProcess) async throws {
        guard settings.hub != nil else { return }
        var jobs: [PeriodicJob] = []
        if let refresh = settings.refresh {
            jobs.append(
                PeriodicJob("refresh-hub", every: refresh.duration, job: PlanRefresh(feed: "hub").job()))
        }
        if settings.sweep != nil {
            jobs.append(PeriodicJob("sweep-hub", every: lookForSweep, job: PlanRefresh(feed: Sweep.feed).job()))
        }
        try await process.fire(jobs)
    }
}
