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

    /// Something that is asked for again and again.
    private struct Beat {
        let name: String
        let period: Duration
        let feed: String
    }

    /// How often it is looked whether a walk over the whole Hub is due.
    private static let lookForSweep = Duration.minutes(10)

    /// Asks for a refresh at every tick of the clock that all fetchers share.
    private static func ticks(_ settings: FetcherSettings, _ process: PipelineProcess) async throws {
        guard settings.hub != nil else { return }
        var beats: [Beat] = []
        if let refresh = settings.refresh {
            beats.append(Beat(name: "refresh-hub", period: refresh.duration, feed: "hub"))
        }
        if settings.sweep != nil {
            beats.append(Beat(name: "sweep-hub", period: lookForSweep, feed: Sweep.feed))
        }
        while !beats.isEmpty, !Task.isCancelled {
            var wait = Duration.seconds(30)
            for beat in beats {
                let next = try await tick(beat, process)
                wait = min(wait, next.map { $0 - SystemClock.now() } ?? .seconds(1))
            }
            process.doorbell.ring(StageName.fetch.rawValue)
            try? await Task.sleep(for: max(.milliseconds(100), wait))
        }
    }

    /// - Returns: when the next tick is due; `nil` while the database is busy or full: that passes, and ends no
    ///   process.
    private static func tick(_ beat: Beat, _ process: PipelineProcess) async throws -> Timestamp? {
        var random = SystemRandomNumberGenerator()
        let trace = TraceParent.root(using: &random).description
        let (job, moment) = (PlanRefresh(feed: beat.feed).job(traceParent: trace), SystemClock.now())
        let (name, period) = (beat.name, beat.period)
        do throws(SQLiteError) {
            return try await process.database.write { db throws(SQLiteError) in
                try db.firePeriodic(name, every: period, job: job, now: moment)
                return try db.run(Query<Timestamp>.nextTick(name)).first
            }
        } catch {
            guard error.isBusy || error.isDiskFull || error.isStageFull else { throw error }
            process.log.log(.warning, "database waits", ["error": error.message])
            return nil
        }
    }
}
