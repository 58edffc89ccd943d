import Daemon
import Deployment
import HTTPServer
import Ledger
import Store
import Webhooks

/// What the api is started with. Read once; ``description`` says what each variable means.
struct ApiSettings: Sendable {
    let location: DatabaseLocation
    let listen: ListenAddress
    let curated: [CuratedSource]
    let profiles: ScoreProfiles
    /// How often the watch list is refreshed, for `ttlSeconds`; `nil` where it is not by itself.
    let refresh: Duration?
    let hasUpstream: Bool
    let v4UI: Bool
    /// What `x-secret-key` must be; `nil` where only tokens open writes.
    let secret: Secret?
    /// What the Hub's webhooks send; `nil` where none are taken.
    let hubWebhookSecret: Secret?
    /// What holders of tokens may do; `nil` where everything is open.
    let plans: PlanBook?
    /// How many requests each address or token may make where there are no plans.
    let rate: RateLimit
    /// Web pages elsewhere that may read v4.
    let origins: AllowedOrigins
    /// What the fetchers may call in all, to be shown beside what they did.
    let budget: CallBudget
    /// What else the configuration holds.
    let folder: DeploymentFolder
    /// Whether sessions are taken and shown.
    let keepsSessions: Bool
    /// Whether a session needs its envelope, or may come as V3 sent it.
    let isContractStrict: Bool
    /// Where webhooks may be sent.
    let destinations: AddressPolicy

    static let description =
        DatabaseLocation.settings + DeploymentFolder.settings + DestinationSettings.settings + [
            (
                name: "HELICARRIER_LISTEN", default: "127.0.0.1:8080",
                meaning: "address and port; a socket handed over by systemd wins"
            ),
            (
                name: "HELICARRIER_SECRET", default: "none",
                meaning: "opens writes and the session ledger to holders of it, in x-secret-key"
            ),
            (
                name: "HELICARRIER_ENABLE_SQLITE", default: "true",
                meaning: "false: no session ledger; refused once the database holds sessions"
            ),
            (
                name: "HELICARRIER_CONTRACT_STRICT", default: "true",
                meaning: "false: sessions are also taken without an envelope, as V3 sent them"
            ),
            (
                name: "HELICARRIER_HUB_WEBHOOK_SECRET", default: "none",
                meaning: "what the Hub's webhooks send in X-Webhook-Secret; without it none are taken"
            ),
            (
                name: "HELICARRIER_SECRET_FILE", default: "none",
                meaning: "a file that holds HELICARRIER_SECRET; else systemd's credential `secret`"
            ),
            (
                name: "HELICARRIER_HUB_WEBHOOK_SECRET_FILE", default: "none",
                meaning: "a file that holds it; else systemd's credential `hub-webhook-secret`"
            ),
            (name: "HELICARRIER_V4_UI", default: "on", meaning: "off: the leaderboard without deltas and paging"),
            (
                name: "HELICARRIER_HUB_URL", default: "https://huggingface.co",
                meaning: "off: refreshes are not asked for"
            ),
            (name: "HELICARRIER_REFRESH", default: "1h", meaning: "how often the watch list is refreshed, or off"),
            (
                name: "HELICARRIER_RATE_LIMIT", default: "none",
                meaning: "requests of v4 for each address or token, as 600/1m; a plan says its own"
            ),
            (
                name: "HELICARRIER_CORS_ORIGINS", default: "none",
                meaning: "web pages elsewhere whose scripts may read v4, as https://app.example.org"
            ),
            (name: "HELICARRIER_HUB_BUDGET", default: "300/5m,20000/1d", meaning: "shown by /api/v4/health"),
        ]

    init(_ environment: Environment) throws {
        location = try DatabaseLocation(environment)
        listen = try environment.value("HELICARRIER_LISTEN", default: .standard)
        v4UI = try environment.value("HELICARRIER_V4_UI", default: true)
        let upstream = try environment.value("HELICARRIER_HUB_URL", default: "https:")
        guard upstream == "off" || upstream.hasPrefix("https:") || upstream.hasPrefix("http:") else {
            throw SettingError.unreadable("HELICARRIER_HUB_URL", expected: "an http or https address, or off")
        }
        hasUpstream = upstream != "off"
        let interval = try environment.value("HELICARRIER_REFRESH", default: "1h")
        if interval == "off" {
            refresh = nil
        } else {
            guard let period = Period(setting: interval) else {
                throw SettingError.unreadable(
                    "HELICARRIER_REFRESH", expected: "a length of time such as 30m, 1h or 1d, or off")
            }
            refresh = period.duration
        }
        budget = try environment.value("HELICARRIER_HUB_BUDGET", default: .standard)
        secret = try environment.secret("HELICARRIER_SECRET", credential: "secret")
        hubWebhookSecret = try environment.secret("HELICARRIER_HUB_WEBHOOK_SECRET", credential: "hub-webhook-secret")
        keepsSessions = try environment.value("HELICARRIER_ENABLE_SQLITE", default: true)
        isContractStrict = try environment.value("HELICARRIER_CONTRACT_STRICT", default: true)
        destinations = try DestinationSettings.policy(environment)
        let folder = try DeploymentFolder(environment)
        self.folder = folder
        plans = try folder.plans()
        // Offered to a database that has none; what cannot be read is found before there is one.
        _ = try folder.firstPriceBook()
        rate = try environment.value("HELICARRIER_RATE_LIMIT", default: .generous)
        origins = try environment.value("HELICARRIER_CORS_ORIGINS", default: .none)
        curated = try folder.sources()
        profiles = try folder.scoreProfiles()
    }
}

/// `HELICARRIER_LISTEN`: an address and a port, as `127.0.0.1:8080` or `[::1]:8080`; port 0 takes a free one.
struct ListenAddress: Setting, Equatable, Sendable {
    static let expectation = "an address and a port such as 127.0.0.1:8080"
    static let standard = ListenAddress(host: "127.0.0.1", port: 8_080)
    let host: String
    let port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    init?(setting text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains("["), !host.contains("]") else { return nil }
        self.init(host: host, port: port)
    }

    /// How a client writes it.
    func url(port: UInt16) -> String {
        "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/"
    }
}
