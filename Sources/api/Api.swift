import Crypto
import Daemon
import HTTPClient
import HTTPServer
import Jobs
import Telemetry

/// Wires the api together. Nothing here decides anything.
@main
struct Api {
    static func main() async {
        await runDaemon(
            DaemonDescription(
                name: "api", summary: "answers reads: JSON, web pages, health and metrics",
                settings: ApiSettings.description),
            settings: { environment in try ApiSettings(environment) },
            body: { settings, log in try await serve(settings, log) })
    }

    /// How long a socket of the service manager may keep its first clients waiting for the database.
    private static let patience = Duration.seconds(10)

    /// Listens at once, so that `/livez` answers, and becomes ready when the database can be used. A socket that the
    /// service manager holds is taken when requests can be answered: until then they wait in it, so that a restart
    /// fails none.
    private static func serve(_ settings: ApiSettings, _ log: Logger) async throws {
        // Whoever asks for a webhook waits for the answer, so a resolver that is slow is not waited for long: the
        // notifier asks again before it dials.
        let lookup = HostLookup(threads: 8, patience: .seconds(2))
        let site = Site(settings, log: log) { (host: String) async throws(ClientError) -> [String] in
            try await lookup.addresses(of: host)
        }
        let answers = Answers(assets: AssetCatalog { SHA256.digest($0).bytes })
        let meter = RequestMeter()
        let server = try Server(router: surface(site, answers, meter)) { exchange in
            meter.observe(exchange)
            log.log(
                .debug, "request",
                [
                    "http.method": exchange.method.rawValue, "http.route": exchange.route ?? "none",
                    "http.status": "\(exchange.status)", "client": exchange.remoteAddress,
                ])
        }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await follow(site, meter, settings, log) }
                group.addTask { try await listen(server, site, settings, log) }
                defer { group.cancelAll() }
                while try await group.next() != nil {}
            }
        } catch {
            await server.stop(within: .seconds(1))
            throw error
        }
        site.drain()
        await server.stop(within: .milliseconds(1_500))
    }

    private static func listen(
        _ server: Server, _ site: Site, _ settings: ApiSettings, _ log: Logger
    ) async throws {
        let inherited = ServiceNotice.inheritedSockets().first
        if inherited != nil { await site.whenSettled(within: patience) }
        guard !Task.isCancelled else { return }
        let listener: Listener =
            inherited.map { .descriptor($0) }
            ?? .address(host: settings.listen.host, port: settings.listen.port)
        let port = try server.start(on: listener)
        let address = inherited == nil ? settings.listen.url(port: port) : "socket of the service manager"
        log.log(.info, "listening", ["address": address])
        await site.whenSettled()
        // Ready to say that it is not, if so: a schema that is not this binary's does not change by a restart.
        ServiceNotice.ready(site.open == nil ? "answers that it is not ready" : "serves")
    }

    private static func follow(
        _ site: Site, _ meter: RequestMeter, _ settings: ApiSettings, _ log: Logger
    ) async throws {
        guard let open = await site.openWhenPossible() else { return }
        let checkpointer = Checkpointer(settings.location, log: log, now: SystemClock.now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await site.pulse { "serves \(site.words), \(meter.count) answers" } }
            group.addTask {
                try await site.feeds.refresh(from: open.loader)
                site.settle()
                log.log(.info, "ready")
                try await site.follow(open)
            }
            group.addTask { try await checkpointer.run() }
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
    }
}
