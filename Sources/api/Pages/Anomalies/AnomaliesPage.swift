import Model
import Store

/// What the page of anomalies shows, as plain values.
struct AnomaliesView: Sendable {
    var address: AnomaliesAddress
    /// Those of this page, opened last first.
    var records: [AnomalyRecord]
    var page: PageIndex
    var snapshot: Snapshot
    var epoch: Epoch?
    var feeds: [String]
    var theme: Theme
    var now: Timestamp
    var assets: AssetCatalog
}

/// The state of the page of anomalies as its query string says it.
struct AnomaliesAddress: Equatable, Sendable {
    var feed = LeaderboardAddress.defaultFeed
    var onlyOpen = false
    var rule: AnomalyRule?
    var page = 1

    init(query pairs: [(name: String, value: String)]) {
        let board = LeaderboardAddress(query: pairs.filter { $0.name == "feed" || $0.name == "page" })
        (feed, page) = (board.feed, board.page)
        func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        onlyOpen = first("state") == "open"
        rule = first("rule").flatMap(AnomalyRule.init(rawValue:))
    }

    func with(_ change: (inout Self) -> Void) -> Self {
        var address = self
        address.page = 1
        change(&address)
        return address
    }

    /// What decides which rows there are, as the API takes it too.
    var pairs: [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        if feed != LeaderboardAddress.defaultFeed { pairs.append(("feed", feed)) }
        if let rule { pairs.append(("rule", rule.rawValue)) }
        if onlyOpen { pairs.append(("state", "open")) }
        return pairs
    }

    var path: String {
        "/anomalies" + QueryText.suffix(pairs + (page == 1 ? [] : [(name: "page", value: String(page))]))
    }

    func modelPath(_ id: String) -> String {
        "/models/" + QueryText.path(id) + QueryText.suffix(pairs.filter { $0.name == "feed" })
    }
}

/// The page `/anomalies`: models that stand out or stood out, with the figures that say so.
enum AnomaliesPage {
    static func render(_ view: AnomaliesView) -> [UInt8] {
        let feed = view.address.pairs.filter { $0.name == "feed" }
        let frame = PageFrame(
            title: "Anomalies", place: .anomalies, theme: view.theme, assets: view.assets,
            status: SnapshotStatus.draw(view.snapshot, now: view.now),
            footer: [
                PageFrame.FooterLink(
                    name: "JSON for this view", path: "/api/v4/anomalies" + QueryText.suffix(view.address.pairs)),
                PageFrame.FooterLink(name: "Atom feed", path: "/feed.atom" + QueryText.suffix(feed)),
            ], hasDetail: true, atomPath: "/feed.atom" + QueryText.suffix(feed),
            events: SnapshotStatus.events, feed: view.address.feed)
        return frame.render(capacity: 24_576) { page in
            heading(&page, view)
            if view.epoch?.state == .suspect {
                page += #"""
                    <div class="banner warn">\#(.icon("i-warn"))<p><b>The newest refresh of the counters is \#
                    partial.</b> \#
                    Nothing is said about any model until the next one.</p></div>

                    """#
            }
            page += #"<section class="panel" id="results" aria-label="Anomalies" tabindex="-1" data-swap>"#
            bar(&page, view)
            if view.records.isEmpty { nothing(&page, view) } else { table(&page, view) }
            page += .pager(view.page) { number in view.address.with { $0.page = number }.path }
            page += "</section>\n"
        }
    }

    private static func heading(_ page: inout HTML, _ view: AnomaliesView) {
        page += #"""
            <div class="head"><div><h1>Anomalies</h1><p class="sub">Models of the feed <b>\#(view.snapshot.feed)</b> \#
            whose \#
            downloads or likes changed unlike the other models and unlike their own past.</p></div><div class="end">
            """#
        page += .feedMenu(view.feeds, shown: view.snapshot.feed) { feed in view.address.with { $0.feed = feed }.path }
        page += "</div></div>\n"
    }

    private static func bar(_ page: inout HTML, _ view: AnomaliesView) {
        page += #"<div class="filters"><span class="seg" role="group" aria-label="State">"#
        for (name, open) in [("All", false), ("Open", true)] {
            let path = view.address.with { $0.onlyOpen = open }.path
            page += #"<a id="state-\#(open ? "open" : "all")" href="\#(path)" data-nav"#
            if view.address.onlyOpen == open { page += #" aria-current="true""# }
            page += ">\(name)</a>"
        }
        page += #"</span><span class="seg" role="group" aria-label="Figure">"#
        for rule in [nil] + AnomalyRule.allCases.map(Optional.some) {
            let name = rule?.words ?? "Both"
            let path = view.address.with { $0.rule = rule }.path
            page += #"<a id="rule-\#(rule?.rawValue ?? "any")" href="\#(path)" data-nav"#
            if view.address.rule == rule { page += #" aria-current="true""# }
            page += ">\(name)</a>"
        }
        page += #"""
            </span><span class="grow"></span><span class="soft num" data-count>\#
            \#(Figures.exact(Int64(view.page.total))) \#(view.page.total == 1 ? "anomaly" : "anomalies")</span></div>

            """#
    }

    private static func nothing(_ page: inout HTML, _ view: AnomaliesView) {
        let isNarrowed = view.address.onlyOpen || view.address.rule != nil
        page += #"<div class="empty"><h2>\#(isNarrowed ? "No such anomaly" : "Nothing has stood out")</h2>"#
        if isNarrowed {
            let all = view.address.with { ($0.onlyOpen, $0.rule) = (false, nil) }
            page += #"<a class="btn" href="\#(all.path)" data-nav>Show all</a></div>"#
        } else {
            page += #"""
                <p>A model is judged once eight refreshes of its counters are kept, which takes about eight days. \#
                What is \#
                usual and what is not: <code>helicarrier anomalies tune</code>.</p></div>
                """#
        }
    }

    private static func table(_ page: inout HTML, _ view: AnomaliesView) {
        page += #"""
            <div class="scroll"><table><caption class="vh">Anomalies, opened last first</caption><thead><tr>\#
            <th scope="col">Model</th><th scope="col">Figure</th><th scope="col" class="r p2">Change</th>\#
            <th scope="col" class="r p3">Against others</th><th scope="col" class="r p3">Against its past</th>\#
            <th scope="col" class="p2">Opened</th><th scope="col">State</th></tr></thead><tbody>
            """#
        for record in view.records {
            let figures = record.figures
            let isLikes = record.rule == .velocity
            let others: HTML = isLikes ? .unknown("Likes are judged by the model's own past") : sigma(figures.cohortZ)
            page += #"""
                <tr data-row><th scope="row"><div class="model">\#(.monogram(record.model.owner))\#
                <span class="top">\#(.modelName(record.model, link: view.address.modelPath(record.model.text)))</span>\#
                <span class="meta"><bdi>\#(record.model.owner)</bdi></span></div></th><td>\#(record.rule.words)</td>\#
                <td class="r p2">\#(change(isLikes ? figures.likesGained : figures.downloadsChange))</td>\#
                <td class="r p3">\#(others)</td>\#
                <td class="r p3">\#(sigma(isLikes ? figures.likesZ : figures.ownZ))</td>\#
                <td class="p2">\#(.time(record.openedAt, as: TimeText.date(record.openedAt)))</td><td>
                """#
            if let closed = record.closedAt {
                page += #"<span class="tag quiet">closed</span> \#(.time(closed, as: TimeText.day(closed)))"#
            } else {
                page += #"<span class="tag warn">open</span>"#
            }
            page += "</td></tr>\n"
        }
        page += "</tbody></table></div>"
    }

    private static func change(_ value: Int64?) -> HTML {
        guard let value else { return .unknown("Not computed") }
        let tone: HTML = value > 0 ? "good" : "bad"
        let sign = value > 0 ? "+" : ""
        let (exact, short) = (sign + Figures.exact(value), sign + Figures.short(value))
        return #"<span class="delta \#(tone)" title="\#(exact)">\#(short)</span>"#
    }

    /// A modified z-score: "12.4 σ".
    private static func sigma(_ score: Double?) -> HTML {
        guard let score, score.isFinite else { return .unknown("Not computed") }
        let tenths = Int32((min(max(score, -9_999), 9_999) * 10).rounded())
        return "\(Figures.oneDecimal(tenths: tenths)) σ"
    }
}
