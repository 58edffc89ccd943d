import Deployment
import Model

/// The page `/`: title, key figures, and the table of models, drawn from a ``LeaderboardView`` alone.
enum LeaderboardPage {
    static let title = "Model leaderboard"

    static func render(_ view: LeaderboardView) -> [UInt8] {
        let frame = PageFrame(
            title: view.page.number > 1 ? "\(title), page \(view.page.number)" : title, place: .leaderboard,
            places: view.v4UI ? PageFrame.Place.allCases : [.leaderboard, .operations], theme: view.theme,
            assets: view.assets, status: SnapshotStatus.draw(view.snapshot, now: view.now), footer: footer(view),
            atomPath: atomPath(view), events: view.v4UI ? SnapshotStatus.events : nil, feed: view.address.feed)
        return frame.render(capacity: 16_384 + view.rows.count * 2_816) { page in
            if view.v4UI { page += #"<form id="filters" method="get" action="/" data-live-form>"# }
            heading(&page, view)
            if view.v4UI { LeaderboardStrip.draw(&page, view) }
            results(&page, view)
            if view.v4UI {
                page += "</form>\n"
                tray(&page, view)
            }
        }
    }

    private static func footer(_ view: LeaderboardView) -> [PageFrame.FooterLink] {
        var links = [
            PageFrame.FooterLink(name: "JSON for this view", path: view.address.dataPath),
            PageFrame.FooterLink(name: "CSV", path: view.address.exportPath("csv")),
            PageFrame.FooterLink(name: "Atom feed", path: atomPath(view)),
            PageFrame.FooterLink(name: "v3 snapshot", path: "/api/snapshot"),
            PageFrame.FooterLink(name: "Metrics", path: "/metrics"),
        ]
        if let docs = view.docsPath { links.append(PageFrame.FooterLink(name: "Documentation", path: docs)) }
        return links
    }

    private static func atomPath(_ view: LeaderboardView) -> String {
        "/feed.atom" + QueryText.suffix(view.address.frame.filter { $0.name == "feed" })
    }

    private static func heading(_ page: inout HTML, _ view: LeaderboardView) {
        let (total, families) = (Int64(view.feedTotal), Int64(view.families))
        page += #"""
            <div class="head"><div><h1>Model leaderboard</h1>
            <p class="sub">\#(Figures.exact(total)) \#(total == 1 ? "model" : "models") in \#
            \#(Figures.exact(families)) \#(families == 1 ? "family" : "families") of the feed \#
            <b>\#(view.snapshot.feed)</b>, ranked by score. \#
            Snapshot \#(.timeAgo(view.snapshot.observedAt, now: view.now))\#(history(view)).</p></div>
            """#
        page += #"<div class="end" id="chooser" data-swap>"#
        page += .feedMenu(view.feeds, shown: view.snapshot.feed) { view.address.with(feed: $0).path }
        if view.v4UI, view.profiles.count > 1 { profileSelector(&page, view) }
        page += "</div></div>\n"
    }

    private static func profileSelector(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"""
            <label class="labelled" for="profile">Ranking profile</label>\#
            <select class="select" id="profile" name="profile">
            """#
        for profile in view.profiles {
            page += #"<option value="\#(profile.name)""#
            if profile.name == view.profile.name { page += " selected" }
            page += ">\(profile.words)</option>"
        }
        page += "</select>"
    }

    private static func history(_ view: LeaderboardView) -> HTML {
        switch view.historyDays {
        case ..<1: HTML()
        case 1: ", 1 day of history"
        default: ", \(Int(view.historyDays)) days of history"
        }
    }

    /// The part that the script swaps when only the rows change.
    private static func results(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"<section class="panel" id="results" aria-label="Models" tabindex="-1" data-swap"#
        if view.address.density == .compact { page += #" data-density="compact""# }
        page += ">\n"
        LeaderboardFilters.draw(&page, view)
        if view.v4UI { LeaderboardChips.draw(&page, view) }
        if view.rows.isEmpty {
            nothing(&page, view)
        } else {
            LeaderboardTable.draw(&page, view)
        }
        if view.v4UI {
            page += .pager(
                view.page, path: { view.address.with(page: $0).path },
                after: #"<button class="btn small nojs" form="compare">Compare what is ticked</button>"#)
        }
        page += "</section>\n"
    }

    /// No row: which part of the selection to leave, and what that gives.
    private static func nothing(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"<div class="empty"><h2>No model fits</h2>"#
        if let wayOut = view.wayOut {
            page += #"""
                <p>Without <b>\#(wayOut.label)</b> there \#(wayOut.count == 1 ? "is" : "are") \#
                \#(Figures.exact(Int64(wayOut.count))) \#(wayOut.count == 1 ? "model" : "models").</p>\#
                <a class="btn" href="\#(wayOut.path)" data-nav>Leave it out</a>
                """#
        } else {
            page += "<p>No single part of the selection is the reason.</p>"
        }
        let all = view.address.with { $0.filter = ModelFilter() }.path
        page += #" <a class="btn ghost" href="\#(all)" data-nav>Clear all</a></div>"#
    }

    /// What is ticked, to be compared; the script fills it and keeps it from page to page.
    private static func tray(_ page: inout HTML, _ view: LeaderboardView) {
        page += #"<form id="compare" method="get" action="/compare">"#
        for pair in view.address.frame {
            page += #"<input type="hidden" name="\#(pair.name)" value="\#(pair.value)">"#
        }
        page += #"""
            <div class="tray" role="region" aria-label="Models to compare" data-tray hidden>\#
            <span data-tray-text></span>\#
            <button class="btn small" data-tray-go>Compare</button>\#
            <button class="btn ghost small" type="button" data-tray-clear>Clear</button></div>\#
            </form>

            """#
    }
}
