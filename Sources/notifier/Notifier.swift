import Daemon
import HTTPClient
import Jobs
import Model
import Telemetry

/// Wires the notifier together. Nothing here decides anything.
@main
struct Notifier {
    static func main() async {
        await runDaemon(
            DaemonDescription(
                name: "notifier", summary: "delivers signed events to the subscriptions that asked for them",
                settings: NotifierSettings.description),
            settings: { environment in try NotifierSettings(environment) },
            body: { settings, log in
                let process = try await PipelineProcess.open(settings.location, log: log)
                let client = HTTPClient(
                    userAgent: "helicarrier/\(Release.version)", maximumConnections: 4 * most, perHost: most,
                    authorities: settings.authorities)
                let first = stage(settings, process, client)
                let due = DueDeliveries(
                    database: process.database, kept: settings.kept, log: log, now: SystemClock.now,
                    ring: { process.doorbell.ring(StageName.notify.rawValue) },
                    pause: { try? await Task.sleep(for: $0) })
                try await process.run(
                    [KindRunner(first), KindRunner(RetryStage(deliver: first))], also: { try await due.run() })
                client.shutdown()
            })
    }

    /// How many attempts one process makes at a time.
    private static let most = DeliverWebhook.concurrency + RetryWebhook.concurrency
    /// How many names one process looks up at a time: a thread for each.
    private static let lookups = 32

    private static func stage(
        _ settings: NotifierSettings, _ process: PipelineProcess, _ client: HTTPClient
    ) -> DeliverStage {
        let lookup = HostLookup(threads: lookups)
        return DeliverStage(
            database: process.database, policy: settings.policy,
            resolve: { (host: String) async throws(ClientError) -> [String] in try await lookup.addresses(of: host) },
            send: { (request: ClientRequest) async throws(ClientError) -> ClientResponse in
                try await client.send(request)
            },
            now: SystemClock.now, chance: { Double.random(in: 0..<1) }, newSpan: span)
    }

    /// The next step of the trace that the event belongs to, or the first of a new one.
    @Sendable private static func span(of traceParent: String?) -> String {
        var random = SystemRandomNumberGenerator()
        let known = traceParent.flatMap { TraceParent($0) }
        return (known?.child(using: &random) ?? .root(using: &random)).description
    }
}
