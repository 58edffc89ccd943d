/// A page that shows no data but says why, in the same frame as the others.
struct NoticePage: Sendable {
    /// What the page says.
    enum Notice: Equatable, Sendable {
        /// No snapshot of the feed has been published yet.
        case noSnapshot(feed: String, on: PageFrame.Place = .leaderboard)
        case notFound
        /// The request cannot be read (400).
        case malformed(reason: String)
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
        case .malformed: 400
        case .unavailable: 503
        case .failed: 500
        }
    }

    func render() -> [UInt8] {
        var frame = PageFrame(title: title, place: nil, theme: theme, assets: assets)
        guard case .noSnapshot(let feed, let place) = notice else {
            return frame.render { page in failure(&page) }
        }
        (frame.place, frame.feed) = (place, feed)
        frame.footer = [PageFrame.FooterLink(name: "Metrics", path: "/metrics")]
        return frame.render { page in noSnapshot(&page, feed, place) }
    }

    private var title: String {
        switch notice {
        case .noSnapshot(_, let place): Self.title(of: place)
        case .notFound: "Page not found"
        case .malformed: "The request cannot be read"
        case .unavailable: "Not available right now"
        case .failed: "Something went wrong"
        }
    }

    private static func title(of place: PageFrame.Place) -> String {
        switch place {
        case .compare: "Compare models"
        case .families: "Model families"
        case .anomalies: "Anomalies"
        case .leaderboard, .usage, .sessions, .operations: LeaderboardPage.title
        }
    }

    /// What is missing on a page about snapshots, and what will appear there.
    private static func prospect(of place: PageFrame.Place) -> (heading: HTML, words: HTML) {
        switch place {
        case .compare:
            (
                "Nothing to compare yet",
                """
                As soon as one listing has been read, up to four of its models can be compared here: their trends in \
                one chart, their figures side by side.
                """
            )
        case .families:
            (
                "No family yet",
                """
                As soon as one listing has been read, the models that are made from no other appear here, each with \
                everything that is made from it.
                """
            )
        case .anomalies:
            (
                "Nothing to judge yet",
                """
                Once eight refreshes of the counters have been read, which takes about eight days, models whose \
                downloads or likes change unlike the others and unlike their own past appear here.
                """
            )
        case .leaderboard, .usage, .sessions, .operations:
            (
                "Nothing to rank yet",
                """
                As soon as one listing has been read, the models appear here with their score, what rose and fell \
                since the day before, and the trend of their downloads.
                """
            )
        }
    }

    private func noSnapshot(_ page: inout HTML, _ feed: String, _ place: PageFrame.Place) {
        let prospect = Self.prospect(of: place)
        page += #"""
            <div class="head"><div><h1>\#(title)</h1>
            <p class="sub">No snapshot of the feed <b>\#(feed)</b> has been published yet.</p></div></div>
            <section class="panel empty" aria-label="\#(title)">
            <h2>\#(prospect.heading)</h2>
            <p>\#(prospect.words)</p>
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
        case .malformed(let reason): page += "<p>\(reason)</p>"
        case .unavailable:
            page += #"""
                <p>The database cannot be read at the moment. Nothing is lost; load the page again in a minute.</p>
                <p>An operator sees the reason with <code>helicarrier doctor</code>.</p>
                """#
        case .failed(let requestID):
            page += "<p>The page could not be drawn. Load it again; if that does not help, tell the operator.</p>"
            if let requestID { page += "<p>Request <code>\(requestID)</code></p>" }
        case .noSnapshot, .notFound: page += "<p>There is no page at this address.</p>"
        }
        switch notice {
        case .notFound, .malformed: page += #"<a class="btn" href="/">Go to the leaderboard</a>"#
        // An empty reference is the address of the page itself: asking again, with or without the script.
        default: page += #"<a class="btn" href="">Try again</a>"#
        }
        page += "</section>\n"
    }
}
