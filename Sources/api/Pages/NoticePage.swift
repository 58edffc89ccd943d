/// A page that shows no data but says why, in the same frame as the others.
struct NoticePage: Sendable {
    /// What the page says.
    enum Notice: Equatable, Sendable {
        /// No snapshot of the feed has been published yet.
        case noSnapshot(feed: String)
        case notFound
        /// The database cannot be read now (503).
        case unavailable
        /// This request failed (500). `requestID` is what an operator finds in the log.
        case failed(requestID: String?)
    }

    var notice: Notice
    var theme: Theme
    var assets: AssetCatalog

    /// The status that the answer carries: an empty leaderboard is an ordinary page.
    var status: Int {
        switch notice {
        case .noSnapshot: 200
        case .notFound: 404
        case .unavailable: 503
        case .failed: 500
        }
    }

    func render() -> [UInt8] {
        let frame = PageFrame(title: title, place: place, theme: theme, assets: assets, footer: footer)
        return frame.render { page in
            if case .noSnapshot(let feed) = notice {
                noSnapshot(&page, feed)
            } else {
                failure(&page)
            }
        }
    }

    private var title: String {
        switch notice {
        case .noSnapshot: LeaderboardPage.title
        case .notFound: "Page not found"
        case .unavailable: "Not available right now"
        case .failed: "Something went wrong"
        }
    }

    private var place: PageFrame.Place? {
        if case .noSnapshot = notice { .leaderboard } else { nil }
    }

    private var footer: [PageFrame.FooterLink] {
        guard case .noSnapshot = notice else { return [] }
        return [PageFrame.FooterLink(name: "Metrics", path: "/metrics")]
    }

    private func noSnapshot(_ page: inout HTML, _ feed: String) {
        page += #"""
            <div class="head"><div><h1>\#(title)</h1>
            <p class="sub">No snapshot of the feed <b>\#(feed)</b> has been published yet.</p></div></div>
            <section class="panel empty" aria-label="Models">
            <h2>Nothing to rank yet</h2>
            <p>As soon as one listing has been read, the models appear here with their score, what rose and fell \#
            since the day before, and the trend of their downloads.</p>
            <p>Load the recorded week and start everything:</p>
            <p><code class="command">./scripts/quickstart</code></p>
            <p>Or read listings that you have:</p>
            <p><code class="command">helicarrier import hub FILE…</code></p>
            </section>

            """#
    }

    private func failure(_ page: inout HTML) {
        page += #"""
            <section class="panel empty" aria-label="\#(title)">
            <h1>\#(title)</h1>
            """#
        switch notice {
        case .unavailable:
            page += #"""
                <p>The database cannot be read at the moment. Nothing is lost; load the page again in a minute.</p>
                <p>An operator sees the reason with <code>helicarrier doctor</code>.</p>
                """#
        case .failed(let requestID):
            page += "<p>The page could not be drawn. Load it again; if that does not help, tell the operator.</p>"
            if let requestID { page += "<p>Request <code>\(requestID)</code></p>" }
        default:
            page += "<p>There is no page at this address.</p>"
        }
        // An empty reference is the address of the page itself: asking again, with or without the script.
        page +=
            notice == .notFound
            ? #"<a class="btn" href="/">Go to the leaderboard</a>"# : #"<a class="btn" href="">Try again</a>"#
        page += "</section>\n"
    }
}
