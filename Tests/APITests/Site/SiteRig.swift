import Daemon
import Deployment
import HTTPClient
import HTTPServer
import Ledger
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import api

/// The whole HTTP surface over a real database, without a socket.
struct SiteRig {
    static let start = Timestamp(milliseconds: 1_777_884_199_965)

    let place: TemporaryDatabase
    let site: Site
    let router: Router
    let open: Site.Open

    init(
        database: TemporaryDatabase? = nil, settings: [String: String] = [:], log: Logger = .silent
    ) async throws {
        place = try database ?? TemporaryDatabase(Self.template.get())
        let site = try Self.site(at: place.path, settings, log: log)
        self.site = site
        router = Self.router(site)
        self.open = try #require(await site.openWhenPossible())
    }

    /// With the first prices, which every process of the api would read and import on its start.
    private static let template = Result {
        try DatabaseTemplate { db throws in
            let first = try DeploymentFolder(path: Repository.root + "/config").firstPriceBook()
            _ = try db.transaction { db throws(SQLiteError) in try first?.offer(to: db, now: start) }
        }
    }

    static func site(
        at path: String, _ settings: [String: String] = [:], log: Logger = .silent
    ) throws -> Site {
        let usual = [
            "HELICARRIER_DB_PATH": path, "HELICARRIER_CONFIG_DIR": Repository.root + "/config",
            "HELICARRIER_HUB_URL": "off",
        ]
        let environment = Environment(usual.merging(settings) { $1 })
        // How long a test waits for its turn says nothing about the database.
        let probe = WriteProbe(patience: .hours(1))
        return Site(
            try ApiSettings(environment), log: log, probe: probe
        ) { (host: String) async throws(ClientError) -> [String] in
            guard let addresses = names[host] else { return ["93.184.216.34", "2606:2800:220:1::1"] }
            guard !addresses.isEmpty else { throw ClientError(.dns, "no such name") }
            return addresses
        }
    }

    /// What the tests' resolver says; names that it does not know are public.
    private static let names = [
        "inner.example": ["10.0.0.5"], "both.example": ["93.184.216.34", "192.168.0.1"], "zone.example": ["fe80::1%lo"],
        "mapped.example": ["::ffff:10.0.0.5"], "nowhere.example": [], "localhost": ["127.0.0.1"],
    ]

    static func router(_ site: Site) -> Router {
        let answers = Answers(assets: AssetCatalog(digest: AssetTests.sum))
        return surface(site, answers, RequestMeter())
    }

    /// Publishes a snapshot of made-up models, best first, as the scorer does; the api has not looked yet.
    func publish(_ feed: String = "hub", hour: Int64 = 0, minute: Int64 = 0, models: [String]) throws {
        try publish(feed, hour: hour, minute: minute, listings: models.map { Listing(id: ModelID($0)) })
    }

    func publish(
        _ feed: String = "hub", hour: Int64 = 0, minute: Int64 = 0, listings: [Listing], errors: [UpstreamError] = []
    ) throws {
        let moment = Self.start + .hours(hour) + .minutes(minute)
        let id = Snapshot.id(feed: feed, observedAt: moment)
        try place.open().transaction { db throws(SQLiteError) in
            try db.run(Query<Void>.registerFeed(feed, now: moment))
            try db.run(
                Query<String>.startRefresh(
                    feed: feed, origin: .import, observedAt: moment, state: "fetched", now: moment))
            guard let refresh = try db.run(Query<Refresh>.refresh(id: id)).first else { return }
            try SaveSnapshot(
                refresh: refresh, listings: listings, sourceCount: listings.count, rejected: [], errors: errors,
                now: moment
            ).apply(to: db)
            guard let snapshot = try db.run(Query<Snapshot>.snapshot(id: id)).first else { return }
            try db.run(Query<Void>.markScored(key: snapshot.key, at: moment))
            let numbers = try db.run(
                Query("SELECT name, id FROM model") { ($0.text(0), UInt32(truncatingIfNeeded: $0.integer(1))) })
            let keys = Dictionary(uniqueKeysWithValues: numbers)
            try SavePublication(
                snapshot: snapshot, epochState: .pending, baselines: BaselineKeys(), historyDays: 0, snapshotCount: 1,
                profile: ("default", 1, [450, 350, 200]),
                standings: listings.enumerated().map { place, listing in
                    Self.standing(keys[listing.id.text] ?? 0, rank: place + 1)
                }, now: moment
            ).apply(to: db)
        }
    }

    private static func standing(_ model: UInt32, rank: Int) -> NewStanding {
        let unknown = Delta.missing(.epochPending)
        return NewStanding(
            model: model, rank: rank,
            scores: Scores(adoption: nil, ecosystem: nil, velocity: nil, total: Tenths(Int32(1_000 - rank))),
            deltas: Deltas(
                downloads24h: unknown, downloads7d: unknown, likes24h: unknown, likes7d: unknown, rankChange: unknown),
            familyRoot: nil, anomaly: Anomaly())
    }

    /// The api looks at what has been published.
    func refresh() async throws {
        try await site.feeds.refresh(from: open.reader)
    }

    func get(_ target: String, _ headers: HeaderFields = []) async -> Response {
        await router.respond(to: Request(.get, target, headers: headers))
    }
}

extension Response {
    var bytes: [UInt8] {
        if case .bytes(let bytes) = body { bytes } else { [] }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
