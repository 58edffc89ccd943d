/// What every page has around its content: head, top bar, footer, the list of keys.
struct PageFrame: Sendable {
    /// Nothing inline, nothing from elsewhere: what is not listed here cannot run, load or frame the page.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// A page that the top bar leads to.
    enum Place: String, Sendable, CaseIterable {
        case leaderboard
        case compare
        case families
        case anomalies
        case usage
        case sessions
        case operations

        var path: String {
            switch self {
            case .leaderboard: "/"
            case .compare: "/compare"
            case .families: "/families"
            case .anomalies: "/anomalies"
            case .usage: "/usage"
            case .sessions: "/sessions"
            case .operations: "/ops"
            }
        }

        /// Where it is for a reader of a feed.
        func path(feed: String) -> String {
            switch self {
            case .leaderboard, .compare, .families, .anomalies:
                path + QueryText.suffix(feed == LeaderboardAddress.defaultFeed ? [] : [(name: "feed", value: feed)])
            case .usage, .sessions, .operations: path
            }
        }

        var name: HTML {
            switch self {
            case .leaderboard: "Leaderboard"
            case .compare: "Compare"
            case .families: "Families"
            case .anomalies: "Anomalies"
            case .usage: "Usage"
            case .sessions: "Sessions"
            case .operations: "Operations"
            }
        }
    }

    /// A line of text in the footer that leads somewhere.
    struct FooterLink: Equatable, Sendable {
        let name: String
        let path: String
    }

    var title: String
    var place: Place?
    /// What the top bar leads to.
    var places = Place.allCases
    var theme: Theme
    var assets: AssetCatalog
    /// At the right of the top bar, such as the age of what is shown.
    var status = HTML()
    var footer: [FooterLink] = []
    /// Whether it needs the style sheet of the operator's pages.
    var hasOperations = false
    /// Whether it needs the style sheet of models, comparisons, families and anomalies.
    var hasDetail = false
    /// Whether it needs the style sheet of sessions and spending.
    var hasLedger = false
    /// The Atom feed that tells what the page shows.
    var atomPath: String?
    /// Shown beside the link to them.
    var deadJobs = 0
    /// The stream that keeps the page's values current.
    var events: String?
    /// The feed that the page is about, which the top bar's links keep.
    var feed = LeaderboardAddress.defaultFeed

    /// The whole page as UTF-8; `content` writes what stands between the top bar and the footer.
    func render(capacity: Int = 8_192, content: (inout HTML) -> Void) -> [UInt8] {
        var page = HTML(capacity: capacity)
        head(&page)
        topBar(&page)
        page += "<main class=\"page\" id=\"main\" tabindex=\"-1\">\n"
        content(&page)
        page += "</main>\n"
        foot(&page)
        page += Self.announcements
        page += shortcuts
        page += "</body></html>\n"
        return page.bytes
    }

    /// `rel=expect`: over a slow link nothing is drawn before what follows the content is there, as each further row of
    /// a table may move its columns. Browsers that do not know it draw as they read.
    private func head(_ page: inout HTML) {
        page += "<!doctype html>\n<html lang=\"en\""
        if theme != .system { page += " data-theme=\"\(theme.rawValue)\"" }
        page += #"""
            >
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\#(title) · Helicarrier</title>
            <meta name="color-scheme" content="light dark">

            """#
        switch theme {
        case .system:
            page += #"""
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#15181c">

                """#
        case .light: page += "<meta name=\"theme-color\" content=\"#ffffff\">\n"
        case .dark: page += "<meta name=\"theme-color\" content=\"#15181c\">\n"
        }
        page += #"""
            <link rel="expect" href="#end" blocking="render">
            <link rel="icon" href="\#(assets.mark.path)" type="image/svg+xml">
            <link rel="stylesheet" href="\#(assets.style.path)">

            """#
        if hasOperations { page += "<link rel=\"stylesheet\" href=\"\(assets.operationsStyle.path)\">\n" }
        if hasDetail { page += "<link rel=\"stylesheet\" href=\"\(assets.detailStyle.path)\">\n" }
        if hasLedger { page += "<link rel=\"stylesheet\" href=\"\(assets.ledgerStyle.path)\">\n" }
        if let atomPath {
            page += #"""
                <link rel="alternate" type="application/atom+xml" title="Movers, new models, anomalies" \#
                href="\#(atomPath)">

                """#
        }
        page += #"""
            <script src="\#(assets.script.path)" defer></script>

            """#
        if hasDetail { page += "<script src=\"\(assets.detailScript.path)\" defer></script>\n" }
        page += "</head>\n"
    }

    private func topBar(_ page: inout HTML) {
        page += "<body"
        if let events { page += " data-events=\"\(events)\"" }
        page += #"""
            >
            <a class="skip" href="#main">Skip to content</a>
            \#(Self.symbols)<header class="topbar">
            <a class="brand" href="/">\#(Self.mark)Helicarrier</a>
            <nav class="nav" aria-label="Main">
            """#
        for entry in places {
            page += #"<a href="\#(entry.path(feed: feed))""#
            if entry == place { page += #" aria-current="page""# }
            page += ">\(entry.name)"
            if entry == .operations, deadJobs > 0 { page += Self.badge(deadJobs) }
            page += "</a>"
        }
        page += #"""
            </nav>
            <div class="end">\#(status)
            <button class="btn ghost icon-only js-only" type="button" data-theme-toggle \#
            aria-label="Theme: \#(theme.rawValue)" aria-keyshortcuts="t">\#(.icon("i-theme"))</button>
            <button class="btn ghost icon-only js-only hide-s" type="button" data-help \#
            aria-label="Keyboard shortcuts" aria-keyshortcuts="?">\#(.icon("i-help"))</button>
            </div>
            </header>

            """#
    }

    private static func badge(_ deadJobs: Int) -> HTML {
        let count = Figures.short(Int64(deadJobs))
        return #"""
            <span class="badge bad count"><span data-live="total.dead">\#(count)</span>\#
            <span class="vh"> dead jobs</span></span>
            """#
    }

    private func foot(_ page: inout HTML) {
        guard !footer.isEmpty else { return }
        page += "<footer class=\"foot\">"
        for link in footer { page += "<a href=\"\(link.path)\">\(link.name)</a>" }
        page += "</footer>\n"
    }
}
