import Model

/// The page `/`: title, key figures, and the table of models, drawn from a ``LeaderboardView`` alone.
enum LeaderboardPage {
    static let title = "Model leaderboard"

    static func render(_ view: LeaderboardView) -> [UInt8] {
        let frame = PageFrame(
            title: view.page.number > 1 ? "\(title), page \(view.page.number)" : title, place: .leaderboard,
            theme: view.theme, assets: view.assets, status: status(view), footer: footer(view))
        return frame.render(capacity: 12_288 + view.rows.count * 2_560) { page in
            heading(&page, view)
            if view.v4UI { LeaderboardStrip.draw(&page, view) }
            results(&page, view)
        }
    }

    private static func status(_ view: LeaderboardView) -> HTML {
        let moment = view.snapshot.observedAt
        // A day without a new snapshot means that nobody is watching; the dot says so without a word.
        let dot: HTML = view.now - moment < .days(1) ? "good" : "old"
        return #"""
            <span class="live hide-s"><span class="dot \#(dot)"></span>\#
            <span>Snapshot \#(.time(moment, as: "\(TimeText.day(moment)), \(TimeText.clock(moment)) UTC"))</span></span>
            """#
    }

    private static func footer(_ view: LeaderboardView) -> [PageFrame.FooterLink] {
        var links = [
            PageFrame.FooterLink(name: "JSON for this view", path: view.address.dataPath),
            PageFrame.FooterLink(name: "v3 snapshot", path: "/api/snapshot"),
            PageFrame.FooterLink(name: "Metrics", path: "/metrics"),
        ]
        if let docs = view.docsPath { links.append(PageFrame.FooterLink(name: "Documentation", path: docs)) }
        return links
    }

    private static func heading(_ page: inout HTML, _ view: LeaderboardView) {
        let total = Int64(view.page.total)
        page += #"""
            <div class="head"><div><h1>Model leaderboard</h1>
            <p class="sub">\#(Figures.exact(total)) \#(total == 1 ? "model" : "models") of the feed \#
            <b>\#(view.snapshot.feed)</b>, ranked by score. \#
            Snapshot \#(.timeAgo(view.snapshot.observedAt, now: view.now))\#(history(view)).</p></div>
            """#
        if view.feeds.count > 1 { feedSelector(&page, view) }
        page += "</div>\n"
    }

    private static func history(_ view: LeaderboardView) -> HTML {
        switch view.historyDays {
        case ..<1: HTML()
        case 1: ", 1 day of history"
        default: ", \(Int(view.historyDays)) days of history"
        }
    }

    private static func feedSelector(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"""
            <div class="end"><details class="pop right" data-pop><summary><span class="k">Feed</span>\#
            <span class="v">\#(view.snapshot.feed)</span>\#(.icon("i-down"))</summary><div class="menu">
            """#
        for feed in view.feeds {
            page += #"<a href="\#(view.address.with(feed: feed).path)""#
            if feed == view.snapshot.feed { page += #" aria-current="true""# }
            page += ">\(feed)</a>"
        }
        page += "</div></details></div>"
    }

    /// The part that the script swaps when only the rows change.
    private static func results(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"<section class="panel" id="results" aria-label="Models" tabindex="-1" data-swap"#
        if view.address.density == .compact { page += #" data-density="compact""# }
        page += ">\n"
        toolbar(&page, view)
        LeaderboardTable.draw(&page, view)
        if view.v4UI { pager(&page, view) }
        page += "</section>\n"
    }

    private static func toolbar(_ page: inout HTML, _ view: LeaderboardView) {
        let total = Int64(view.page.total)
        page += #"""
            <div class="filters"><span class="soft num" data-count>\#(Figures.exact(total)) \#
            \#(total == 1 ? "model" : "models")</span><span class="grow"></span>\#
            <span class="seg" role="group" aria-label="Row density">
            """#
        for density in Density.allCases {
            let path = view.address.with(density: density).path
            page += #"<a id="density-\#(density.rawValue)" href="\#(path)" data-nav"#
            if density == view.address.density { page += #" aria-current="true""# }
            page += density == .cosy ? ">Cosy</a>" : ">Compact</a>"
        }
        page += "</span></div>\n"
    }

    private static func pager(_ page: inout HTML, _ view: LeaderboardView) {
        let index = view.page
        guard index.total > 0 else { return }
        page += #"""
            <nav class="pager" aria-label="Pages">\#
            <span class="num">\#(Figures.exact(Int64(index.rows.lowerBound + 1)))\#
            –\#(Figures.exact(Int64(index.rows.upperBound))) of \#(Figures.exact(Int64(index.total)))</span>
            """#
        if index.count > 1 {
            page += #"<span class="end">"#
            step(&page, to: index.previous, rel: "prev", content: "\(.icon("i-left"))Previous", view)
            page += #"<span class="num">Page \#(index.number) of \#(index.count)</span>"#
            step(&page, to: index.next, rel: "next", content: "Next\(.icon("i-right"))", view)
            page += "</span>"
        }
        page += "</nav>\n"
    }

    private static func step(
        _ page: inout HTML, to number: Int?, rel: String, content: HTML, _ view: LeaderboardView
    ) {
        guard let number else {
            page += #"<span class="btn small" aria-disabled="true">\#(content)</span>"#
            return
        }
        let path = view.address.with(page: number).path
        page += #"<a class="btn small" id="page-\#(rel)" rel="\#(rel)" href="\#(path)" data-nav>\#(content)</a>"#
    }
}
