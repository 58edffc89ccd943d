import Deployment
import Model

@testable import api

/// A feed of made-up models, and views of it.
struct PageFixture {
    static let current = SnapshotReference.observed("2026-05-04T08:43:19.965Z")
    static let yesterday = SnapshotReference.observed("2026-05-03T08:16:56.149Z")

    var total = 60
    var feeds = ["hub"]
    var epoch: EpochState? = .settled
    var historySpan = Duration.days(6) + .hours(1)
    var theme = Theme.system
    var v4UI = true

    static let profiles = ["default", "research"].compactMap { name in
        ScoreWeights(adoption: 450, ecosystem: 350, velocity: 200).map {
            ScoreProfile(name: name, version: 1, weights: $0)
        }
    }

    /// What the menus count: three models.
    static let columns: ModelColumns = {
        var columns = ModelColumns()
        for rank in 1...3 { columns.append(UInt32(rank), row(rank).standing) }
        return columns
    }()

    static func row(_ rank: Int, id: String? = nil) -> LeaderboardView.Row {
        var listing = Listing(id: ModelID(id ?? "owner-\(rank)/model-\(rank)"))
        listing.downloads = Int64(2_000_000 / rank)
        listing.likes = 3_492
        listing.parameters = ParameterCount(total: 8_030_261_248, source: .safetensors)
        listing.pipeline = "text-generation"
        listing.license = License(id: "apache-2.0", name: "Apache-2.0", kind: .permissive)
        let deltas = Deltas(
            downloads24h: .change(12_412), downloads7d: .missing(.missedRefresh), likes24h: .change(3),
            likes7d: .missing(.missedRefresh), rankChange: .change(2))
        let scores = Scores(adoption: nil, ecosystem: nil, velocity: nil, total: Tenths(Int32(900 - rank)))
        return LeaderboardView.Row(
            standing: Standing(
                listing: listing, rank: rank, scores: scores, deltas: deltas,
                family: FamilyPlace(root: listing.id, parentage: nil), anomaly: Anomaly()),
            trend: [1, 2, 3], link: "https://hub.example/\(listing.id.text)")
    }

    func view(_ query: [(name: String, value: String)] = []) -> LeaderboardView {
        let address = LeaderboardAddress(query: query)
        let page = PageIndex(requested: address.page, total: total)
        let shown = v4UI ? page.rows : 0..<total
        let mover = LeaderboardView.Mover(id: ModelID("a/rising"), change: 90_000, downloads: 1_420_000)
        return LeaderboardView(
            snapshot: Snapshot(
                id: Self.current.id, key: 9, feed: address.feed, observedAt: Self.current.observedAt,
                sourceCount: total, readyCount: total, rejectedCount: 0, callsUsed: 1),
            epoch: epoch.map { Epoch(snapshotKey: 9, snapshot: Self.current, state: $0) },
            baselines: epoch == .settled
                ? DeltaBaselines(current: Self.current, downloads24h: Self.yesterday) : DeltaBaselines(),
            highlights: epoch == .settled ? .init(rise: mover, fall: nil, newModels: 72) : .init(),
            rows: shown.map { Self.row($0 + 1) }, page: page, feedTotal: total, families: 12, standingOut: 3,
            address: address, feeds: feeds, historySpan: historySpan, theme: theme,
            now: Self.current.observedAt + .minutes(12), assets: AssetCatalog(digest: AssetTests.sum), v4UI: v4UI,
            docsPath: "/docs", facets: FacetCounts(address.filter, of: Self.columns), profiles: Self.profiles,
            profile: Self.profiles[0])
    }

    func page(_ query: [(name: String, value: String)] = []) -> String {
        Self.draw(view(query))
    }

    static func draw(_ view: LeaderboardView) -> String {
        String(decoding: LeaderboardPage.render(view), as: UTF8.self)
    }
}

extension String {
    func occurrences(of part: String) -> Int {
        var count = 0
        var rest = utf8[...]
        while rest.count >= part.utf8.count {
            if rest.starts(with: part.utf8) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}
