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
                curated: settings.curated, now: SystemClock.now))
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

    /// Asks for a refresh at every tick of the clock that all fetchers share.
    private static func ticks(_ settings: FetcherSettings, _ process: PipelineProcess) async throws {
        guard let refresh = settings.refresh, settings.hub != nil else { return }
        while !Task.isCancelled {
            let next = try await tick(every: refresh.duration, process)
            process.doorbell.ring(StageName.fetch.rawValue)
            let wait = next.map { $0 - SystemClock.now() } ?? .seconds(1)
            try? await Task.sleep(for: max(.milliseconds(100), min(.seconds(30), wait)))
        }
    }

    /// - Returns: when the next tick is due; `nil` while the database is busy or full: that passes, and ends no
    ///   process.
    private static func tick(every period: Duration, _ process: PipelineProcess) async throws -> Timestamp? {
        let (job, moment) = (PlanRefresh(feed: "hub").job(), SystemClock.now())
        do throws(SQLiteError) {
            return try await process.database.write { db throws(SQLiteError) in
                try db.firePeriodic("refresh-hub", every: period, job: job, now: moment)
                return try db.run(Query<Timestamp>.nextTick("refresh-hub")).first
            }
        } catch {
            guard error.isBusy || error.isDiskFull || error.isStageFull else { throw error }
            process.log.log(.warning, "database waits", ["error": error.message])
            return nil
        }
    }
}
