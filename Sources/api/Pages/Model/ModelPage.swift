import Deployment
import Model

/// The page of one model: what is known of it now, how it came there, what it is made from, and why it scores so.
enum ModelPage {
    static func render(_ view: ModelPageView) -> [UInt8] {
        let id = view.listing.id
        let frame = PageFrame(
            title: id.name, place: .leaderboard, theme: view.theme, assets: view.assets,
            status: SnapshotStatus.draw(view.snapshot, now: view.now), footer: footer(view), hasDetail: true,
            atomPath: "/feed.atom" + QueryText.suffix(view.address.board.frame.filter { $0.name == "feed" }),
            events: SnapshotStatus.events, feed: view.address.feed)
        return frame.render(capacity: 32_768) { page in
            crumbs(&page, view)
            heading(&page, view)
            strip(&page, view)
            banner(&page, view)
            page += #"<div class="split"><div>"#
            trend(&page, view)
            ModelFamilyPanel.draw(&page, view)
            page += "</div><div>"
            if view.absence == nil { ModelScorePanel.draw(&page, view) }
            ModelFactsPanel.draw(&page, view)
            ModelAnomaliesPanel.draw(&page, view)
            page += "</div></div>\n"
        }
    }

    private static func footer(_ view: ModelPageView) -> [PageFrame.FooterLink] {
        [
            PageFrame.FooterLink(name: "JSON of this model", path: view.address.dataPath),
            PageFrame.FooterLink(name: "History as CSV", path: view.address.historyFilePath),
            PageFrame.FooterLink(name: "History as JSON", path: view.address.historyPath),
            PageFrame.FooterLink(name: "Badge", path: view.address.badgePath),
        ]
    }

    private static func crumbs(_ page: inout HTML, _ view: ModelPageView) {
        let provider = view.address.board.with { $0.filter.providers = [view.listing.provider] }
        page += #"""
            <nav class="crumbs" aria-label="Where you are"><a href="\#(view.address.board.path)">Leaderboard</a> \#
            <span aria-hidden="true">/</span> <a href="\#(provider.path)"><bdi>\#(view.listing.provider)</bdi></a> \#
            <span aria-hidden="true">/</span> <span class="soft"><bdi>\#(view.listing.id.name)</bdi></span></nav>

            """#
    }

    private static func heading(_ page: inout HTML, _ view: ModelPageView) {
        let listing = view.listing
        page += #"""
            <div class="head"><span class="mg big" aria-hidden="true">\#
            \#(ListingWords.monogram(listing.provider))</span>\#
            <div class="title"><h1><bdi>\#(listing.id.name)</bdi></h1>\#
            <p class="sub"><code><bdi>\#(listing.id.text)</bdi></code>\#
            <button class="btn ghost icon-only small js-only" type="button" data-copy="\#(listing.id.text)" \#
            aria-label="Copy the id">\#(.icon("i-copy"))</button>
            """#
        if let created = listing.createdAt { page += " · uploaded \(.time(created, as: TimeText.date(created)))" }
        if let modified = listing.lastModified { page += " · changed \(.timeAgo(modified, now: view.now))" }
        page += #"</p></div><div class="end">"#
        if view.profiles.count > 1 { profileSelector(&page, view) }
        page += #"""
            <a class="btn" href="\#(view.address.comparePath)">\#(.icon("i-plus"))Compare</a>\#
            <a class="btn" href="\#(PageEndpoints.hubPage(QueryText.path(listing.id.text)))" rel="noopener">\#
            On the Hub</a></div></div>

            """#
    }

    private static func profileSelector(_ page: inout HTML, _ view: ModelPageView) {
        page += #"""
            <details class="pop right" data-pop="Profile"><summary><span class="k">Profile</span>\#
            <span class="v">\#(view.profile.words)</span>\#(.icon("i-down"))</summary><div class="menu">
            """#
        for profile in view.profiles {
            page += #"<a href="\#(view.address.with { $0.profile = profile.name }.path)""#
            if profile.name == view.profile.name { page += #" aria-current="true""# }
            page += ">\(profile.words)</a>"
        }
        page += "</div></details>"
    }

    private static func strip(_ page: inout HTML, _ view: ModelPageView) {
        let deltas = view.standing.deltas
        let day = DeltaSpan(.day, of: view.baselines)
        let week = DeltaSpan(.week, of: view.baselines)
        let downloads = view.listing.downloads
        page += #"""
            <dl class="strip five"><div><dt>Score</dt>\#(score(view))</div>
            <div><dt>Rank</dt>\#(rank(view))</div>
            <div><dt>Downloads, 30 d</dt><dd>\#(.figure(downloads))</dd><dd class="note">\#
            \#(.delta(deltas.downloads24h, downloads: downloads, span: day)) 24 h \#
            \#(.delta(deltas.downloads7d, downloads: downloads, span: week)) 7 d</dd></div>
            <div><dt>Likes</dt><dd>\#(.figure(view.listing.likes))</dd><dd class="note">\#
            \#(.likes(deltas.likes24h, over: "24 hours")) 24 h \#(.likes(deltas.likes7d, over: "7 days")) 7 d</dd></div>
            <div><dt>Family</dt>
            """#
        if let kin = view.kin, kin.family.size > 1 {
            page += #"""
                <dd>\#(Figures.exact(Int64(kin.family.size))) <small>models</small></dd>\#
                <dd class="note">\#(sum(kin.family.downloads)), 30 d</dd></div></dl>

                """#
        } else {
            page += #"<dd class="muted">—</dd><dd class="note">Nothing derived from it is listed</dd></div></dl>"#
            page += "\n"
        }
    }

    private static func score(_ view: ModelPageView) -> HTML {
        guard view.absence == nil else { return #"<dd class="muted">—</dd><dd class="note">Not listed</dd>"# }
        return #"""
            <dd>\#(.score(view.standing.scores.total)) <small>of 100</small></dd>\#
            <dd class="note">\#(scoreChange(view, .day)) 24 h \#(scoreChange(view, .week)) 7 d</dd>
            """#
    }

    /// Against the snapshot that downloads are compared with, and withheld where they are.
    private static func scoreChange(_ view: ModelPageView, _ window: DeltaWindow) -> HTML {
        let (baselines, deltas) = (view.baselines, view.standing.deltas)
        let isDay = window == .day
        let downloads = isDay ? deltas.downloads24h : deltas.downloads7d
        let span = DeltaSpan(window, of: baselines)
        if downloads.reason != .suspectEpoch,
            let change = view.scoreChange(since: isDay ? baselines.downloads24h : baselines.downloads7d)
        {
            return .scoreChange(change, span: span)
        }
        guard view.hasScoreHistory else { return .unknown("Earlier scores are kept by the usual profile alone") }
        return .delta(.missing(downloads.reason ?? .noBaseline), downloads: nil, span: span)
    }

    private static func rank(_ view: ModelPageView) -> HTML {
        guard view.absence == nil else { return #"<dd class="muted">—</dd><dd class="note">Not listed</dd>"# }
        return #"""
            <dd>\#(Figures.exact(Int64(view.standing.rank))) <small>of \#(Figures.exact(Int64(view.total)))</small>\#
            </dd>\#
            <dd class="note">\#(rankNote(view.standing.deltas.rankChange))</dd>
            """#
    }

    /// A sum says how many it is a sum of.
    static func sum(_ sum: Family.Sum) -> String {
        guard sum.counted > 0 else { return "no downloads reported" }
        return "\(Figures.short(sum.sum)) downloads of \(Figures.exact(Int64(sum.counted))) listed"
    }

    private static func rankNote(_ change: Delta) -> HTML {
        switch change.value {
        case nil: "No earlier rank to compare with"
        case 0: "Unchanged since the day before"
        case _?: "\(.rankChange(change)) since the day before"
        }
    }

    /// What must be known before the figures are read.
    private static func banner(_ page: inout HTML, _ view: ModelPageView) {
        if let absence = view.absence {
            page += #"<div class="banner warn">\#(.icon("i-warn"))<p><b>Not in the newest snapshot.</b> "#
            if let error = absence.error { page += "Asking the Hub for it: \(error). " }
            if let lastSeen = absence.lastSeen {
                page += "Its figures are those of \(.time(lastSeen, as: TimeText.moment(lastSeen)))."
            } else {
                page += "It was never seen."
            }
            page += "</p></div>\n"
            return
        }
        let anomaly = view.standing.anomaly
        if anomaly.downloads == true || anomaly.velocity == true {
            let rules =
                (anomaly.downloads == true ? [AnomalyRule.downloads] : [])
                + (anomaly.velocity == true ? [AnomalyRule.velocity] : [])
            let subject = anomaly.downloads == true ? "Downloads changed" : "Likes rose"
            page += #"""
                <div class="banner warn">\#(.icon("i-warn"))<p><b>\#(subject) unusually</b> at the newest refresh. \#
                \#(ModelAnomaliesPanel.figures(anomaly.figures, of: rules))</p><a class="link" href="#anomalies">\#
                Details</a></div>

                """#
        } else if view.epoch?.state == .suspect {
            page += #"""
                <div class="banner warn">\#(.icon("i-warn"))<p><b>The newest refresh of the counters is partial.</b> \#
                Changes against it are withheld until the next one.</p></div>

                """#
        }
    }

    private static func trend(_ page: inout HTML, _ view: ModelPageView) {
        let chart = view.chart()
        page += #"""
            <section class="panel" id="trend" aria-labelledby="trend-title" tabindex="-1" data-swap>\#
            <header class="bar"><h2 id="trend-title">Trend</h2><span class="grow"></span>\#
            <span class="seg" role="group" aria-label="Figure">
            """#
        for metric in ModelAddress.Metric.allCases {
            let path = view.address.with { $0.metric = metric }.path
            page += #"<a id="metric-\#(metric.rawValue)" href="\#(path)" data-nav"#
            if metric == view.address.metric { page += #" aria-current="true""# }
            page += ">\(metric.words)</a>"
        }
        page += #"</span><span class="seg" role="group" aria-label="Span">"#
        for days in ModelAddress.spans {
            page += #"<a id="days-\#(days)" href="\#(view.address.with { $0.days = days }.path)" data-nav"#
            if days == view.address.days { page += #" aria-current="true""# }
            page += ">\(days) d</a>"
        }
        page += "</span></header>\(.chart(chart))"
        if chart.moments.count > 1 { page += .chartTable(chart) }
        page += "</section>\n"
    }
}

extension HTML {
    /// The change of likes, with its reason where there is none.
    static func likes(_ delta: Delta, over span: String) -> HTML {
        switch delta {
        case .change(let change):
            let tone: HTML = change > 0 ? "good" : change < 0 ? "bad" : "none"
            let sign = change > 0 ? "+" : ""
            return #"<span class="delta \#(tone)" title="Over \#(span)">\#(sign)\#(Figures.short(change))</span>"#
        case .missing(.newModel): return #"<span class="tag new" title="First seen since">New</span>"#
        case .missing: return unknown("No snapshot \(span) earlier has it")
        }
    }
}
