import Daemon
import Deployment
import HTTPClient
import Model
import Store

/// What the fetcher is started with. Read once; the doc of each variable is ``description``.
struct FetcherSettings: Sendable {
    let location: DatabaseLocation
    let hub: HubAddress?
    let token: Secret?
    let budget: CallBudget
    /// `nil`: the watch list is refreshed only when somebody asks.
    let refresh: Period?
    let pagesPerListing: Int
    /// Models that one refresh asks for one by one, curated ones aside.
    let watchCalls: Int
    let curated: [String]
    /// `nil` where the whole Hub is not walked.
    let sweep: Sweep?

    static let description =
        DatabaseLocation.settings + DeploymentFolder.settings + [
            (name: "HELICARRIER_HUB_URL", default: "https://huggingface.co", meaning: "the upstream, or off"),
            (name: "HELICARRIER_HUB_TOKEN", default: "none", meaning: "sent to the upstream as a bearer token"),
            (name: "HELICARRIER_HUB_TOKEN_FILE", default: "none", meaning: "a file that holds the token"),
            (
                name: "HELICARRIER_HUB_BUDGET", default: "300/5m,20000/1d",
                meaning: "calls that all fetchers together may make"
            ),
            (name: "HELICARRIER_HUB_PAGES", default: "5", meaning: "pages of each listing that a refresh reads"),
            (
                name: "HELICARRIER_WATCH_CALLS", default: "200",
                meaning: "models that have left the listings and are asked for one by one in a refresh"
            ),
            (name: "HELICARRIER_REFRESH", default: "1h", meaning: "how often the watch list is refreshed, or off"),
            (
                name: "HELICARRIER_SWEEP", default: "off",
                meaning: "how long a daily walk over the whole Hub is spread over, such as 12h; a feed of its own"
            ),
        ]

    init(_ environment: Environment) throws {
        location = try DatabaseLocation(environment)
        hub = try environment.value("HELICARRIER_HUB_URL", default: HubSetting.standard).address
        budget = try environment.value("HELICARRIER_HUB_BUDGET", default: .standard)
        refresh = try environment.value("HELICARRIER_REFRESH", default: RefreshSetting.standard).period
        pagesPerListing = try environment.value("HELICARRIER_HUB_PAGES", default: PageCount.standard).count
        watchCalls = try environment.value("HELICARRIER_WATCH_CALLS", default: WatchCalls.standard).count
        sweep = try environment.value("HELICARRIER_SWEEP", default: SweepSetting.standard).sweep
        token = try environment.secret("HELICARRIER_HUB_TOKEN", credential: "hub-token")
        // Anything else could not be sent in a header.
        if let token, !token.reveal().utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            throw SettingError.unreadable("HELICARRIER_HUB_TOKEN", expected: "visible ASCII characters")
        }
        curated = try DeploymentFolder(environment).sources().map(\.id.text)
    }
}

/// `HELICARRIER_HUB_URL`: an address, or `off` for a deployment without upstream.
private struct HubSetting: Setting {
    static let expectation = "an http or https address without path parameters, or off"
    static let standard = HubSetting(address: URLParts("https://huggingface.co").map { HubAddress(base: $0) })
    let address: HubAddress?

    init(address: HubAddress?) { self.address = address }

    init?(setting text: String) {
        if text == "off" {
            self.init(address: nil)
            return
        }
        guard let base = URLParts(text), base.query == nil, !base.hasCredentials else { return nil }
        self.init(address: HubAddress(base: base))
    }
}

/// `HELICARRIER_REFRESH`: a length of time, or `off`.
private struct RefreshSetting: Setting {
    static let expectation = "a length of time such as 30m, 1h or 1d, or off"
    static let standard = RefreshSetting(period: Period(.hours(1)))
    let period: Period?

    init(period: Period?) { self.period = period }

    init?(setting text: String) {
        if text == "off" {
            self.init(period: nil)
            return
        }
        guard let period = Period(setting: text) else { return nil }
        self.init(period: period)
    }
}

/// `HELICARRIER_HUB_PAGES`.
private struct PageCount: Setting {
    static let expectation = "a whole number of at least 1"
    static let standard = PageCount(count: 5)
    let count: Int

    init(count: Int) { self.count = count }

    init?(setting text: String) {
        guard let count = Int(text), (1...10_000).contains(count) else { return nil }
        self.init(count: count)
    }
}

/// `HELICARRIER_SWEEP`: a length of time, or `off`. A walk has to be through before the counters move again.
private struct SweepSetting: Setting {
    static let expectation = "a length of time from 1m to 20h, or off"
    static let standard = SweepSetting(sweep: nil)
    let sweep: Sweep?

    init(sweep: Sweep?) { self.sweep = sweep }

    init?(setting text: String) {
        if text == "off" {
            self.init(sweep: nil)
            return
        }
        guard let length = Period(setting: text)?.duration, (Duration.minutes(1)...Duration.hours(20)).contains(length)
        else { return nil }
        self.init(sweep: Sweep(length: length))
    }
}

/// `HELICARRIER_WATCH_CALLS`.
private struct WatchCalls: Setting {
    static let expectation = "a whole number from 0 to 10000"
    static let standard = WatchCalls(count: 200)
    let count: Int

    init(count: Int) { self.count = count }

    init?(setting text: String) {
        guard let count = Int(text), (0...10_000).contains(count) else { return nil }
        self.init(count: count)
    }
}
