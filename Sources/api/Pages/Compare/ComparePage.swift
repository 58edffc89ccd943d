import Deployment
import Model
import Store

/// Everything that the comparison shows, as plain values.
struct CompareView: Sendable {
    var address: CompareAddress
    /// The models that the snapshot has, in the order of the address.
    var standings: [Standing]
    /// Ids of the address that the snapshot does not have.
    var unknown: [String]
    /// The kept history of each model, oldest first, over the same snapshots.
    var points: [[HistoryPoint]]
    var snapshot: Snapshot
    var baselines: DeltaBaselines
    var profile: ScoreProfile
    /// All feeds, the shown one included.
    var feeds: [String]
    var theme: Theme
    var now: Timestamp
    var assets: AssetCatalog

    var chart: Chart {
        let moments = points.first?.map(\.snapshot.observedAt) ?? []
        let series = zip(standings, points).map { standing, points in
            Chart.Series(
                name: standing.listing.id.name,
                values: points.map { point in
                    switch address.metric {
                    case .downloads: point.downloads.map(Double.init)
                    case .likes: point.likes.map(Double.init)
                    case .score: point.total?.value
                    case .rank: point.rank.map(Double.init)
                    }
                })
        }
        let label = "\(address.metric.words) of \(standings.count) models"
        return Chart(label: label, scale: address.metric.scale, moments: moments, series: series)
    }
}

/// The page `/compare`: up to four models side by side, one chart and one table.
enum ComparePage {
    static func render(_ view: CompareView) -> [UInt8] {
        let frame = PageFrame(
            title: "Compare models", place: .compare, theme: view.theme, assets: view.assets,
            status: SnapshotStatus.draw(view.snapshot, now: view.now), hasDetail: true,
            events: SnapshotStatus.events, feed: view.address.board.feed)
        return frame.render(capacity: 32_768) { page in
            page += #"""
                <div class="head"><div><h1>Compare models</h1><p class="sub">Up to \#(CompareAddress.mostModels) \#
                models of \#
                the feed <b>\#(view.snapshot.feed)</b>, by the profile <b>\#(view.profile.words)</b>. Snapshot \#
                \#(.timeAgo(view.snapshot.observedAt, now: view.now)).</p></div><div class="end">\#
                \#(feeds(view))</div></div>

                """#
            for id in view.unknown {
                page += #"""
                    <div class="banner warn">\#(.icon("i-warn"))<p>The newest snapshot of this feed has no model \#
                    <b><bdi>\#(id)</bdi></b>.</p></div>

                    """#
            }
            if view.standings.count < CompareAddress.mostModels { adding(&page, view) }
            guard !view.standings.isEmpty else {
                page += #"""
                    <section class="panel empty"><h2>Nothing to compare yet</h2><p>Tick models on the leaderboard, or \#
                    write the id of one above.</p>\#
                    <a class="btn" href="\#(view.address.board.path)">Go to the leaderboard</a></section>

                    """#
                return
            }
            trend(&page, view)
            CompareTable.draw(&page, view)
        }
    }

    /// What this feed does not have another one may have.
    private static func feeds(_ view: CompareView) -> HTML {
        .feedMenu(view.feeds, shown: view.snapshot.feed) { feed in
            view.address.with { address in
                address.board = address.board.with(feed: feed)
                address.models += view.unknown
            }.path
        }
    }

    private static func adding(_ page: inout HTML, _ view: CompareView) {
        page += #"<form class="adding" method="get" action="/compare">"#
        for pair in view.address.board.frame {
            page += #"<input type="hidden" name="\#(pair.name)" value="\#(pair.value)">"#
        }
        for standing in view.standings {
            page += #"<input type="hidden" name="model" value="\#(standing.listing.id.text)">"#
        }
        page += #"""
            <label class="field"><span class="vh">Id of a model</span><input name="model" id="add" \#
            placeholder="owner/name" maxlength="200" autocomplete="off" spellcheck="false" required></label>\#
            <button class="btn">\#(.icon("i-plus"))Add</button></form>

            """#
    }

    private static func trend(_ page: inout HTML, _ view: CompareView) {
        page += #"""
            <section class="panel" id="trend" aria-labelledby="trend-title" tabindex="-1" data-swap>\#
            <header class="bar"><h2 id="trend-title">Trend</h2>
            """#
        for (place, standing) in view.standings.enumerated() {
            page += #"""
                <span class="soft legend"><span class="key k\#(place + 1)"></span>\#
                <bdi>\#(standing.listing.id.name)</bdi></span>
                """#
        }
        page += #"<span class="grow"></span><span class="seg" role="group" aria-label="Figure">"#
        for metric in ModelAddress.Metric.allCases {
            let path = view.address.with { $0.metric = metric }.path
            page += #"<a id="metric-\#(metric.rawValue)" href="\#(path)" data-nav"#
            if metric == view.address.metric { page += #" aria-current="true""# }
            page += ">\(metric.words)</a>"
        }
        let chart = view.chart
        page += "</span></header>\(.chart(chart))"
        if chart.moments.count > 1 { page += .chartTable(chart) }
        page += "</section>\n"
    }
}
