import Daemon
import Deployment
import HTTPServer
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
    /// Where webhooks may be sent.
    let destinations: AddressPolicy

    static let description =
        DatabaseLocation.settings + DeploymentFolder.settings + DestinationSettings.settings + [
            (
                name: "HELICARRIER_LISTEN", default: "127.0.0.1:8080",
                meaning: "address and port; a socket handed over by systemd wins"
            ),
            (name: "HELICARRIER_SECRET", default: "none", meaning: "opens writes to holders of it, in x-secret-key"),
            (
                name: "HELICARRIER_HUB_WEBHOOK_SECRET", default: "none",
                meaning: "what the Hub's webhooks send in X-Webhook-Secret; without it none are taken"
            ),
            (name: "HELICARRIER_V4_UI", default: "on", meaning: "off: the leaderboard without deltas and paging"),
            (
                name: "HELICARRIER_HUB_URL", default: "https://huggingface.co",
                meaning: "off: refreshes are not asked for"
            ),
            (name: "HELICARRIER_REFRESH", default: "1h", meaning: "how often the watch list is refreshed, or off"),
        ]

    init(_ environment: Environment) throws {
        location = try DatabaseLocation(environment)
        listen = try environment.value("HELICARRIER_LISTEN", default: .standard)
        v4UI = try environment.value("HELICARRIER_V4_UI", default: true)
        hasUpstream = try environment.value("HELICARRIER_HUB_URL", default: "on") != "off"
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
        secret = try environment.optional("HELICARRIER_SECRET", as: Secret.self)
        hubWebhookSecret = try environment.optional("HELICARRIER_HUB_WEBHOOK_SECRET", as: Secret.self)
        destinations = try DestinationSettings.policy(environment)
        let folder = try DeploymentFolder(environment)
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
