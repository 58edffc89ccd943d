import Daemon
import HTTPServer
import Model

/// The web pages and the files that they load.
struct PageEndpoints: Sendable {
    /// Rows of the page without paging.
    private static let mostRowsWithoutPaging = 100

    let site: Site
    let answers: Answers

    func leaderboard(_ request: Request, _ parameters: Parameters) -> Response {
        let theme = Self.theme(request)
        let address = LeaderboardAddress(query: request.query.map { ($0.name, $0.value) })
        guard site.open != nil else {
            let notice = NoticePage(notice: .unavailable, theme: theme, assets: answers.assets)
            return answers.page(notice.render(), status: 503, to: request)
        }
        let edition = site.feeds.current
        guard let view = edition.newest[address.feed] else {
            let notice = NoticePage(notice: .noSnapshot(feed: address.feed), theme: theme, assets: answers.assets)
            return answers.page(notice.render(), to: request)
        }
        let (page, index) = draw(view, address, edition.feeds, theme)
        let tag =
            "board-\(view.publication.serial)-\(theme.rawValue)-\(address.density.rawValue)-\(index.number)-\(minute)"
        return answers.page(page, tag: tag, to: request)
    }

    func asset(_ request: Request, _ parameters: Parameters) -> Response {
        guard let asset = answers.assets.asset(at: request.path) else { return answers.fault(.notFound, request) }
        return Representation(
            contentType: asset.contentType, body: asset.body, tag: String(asset.path.dropFirst("/assets/".count)),
            cacheControl: Asset.cacheControl, headers: [HeaderField("X-Content-Type-Options", "nosniff")]
        ).response(to: request)
    }

    /// What each code of a problem means: the place that a problem's `type` leads to.
    func problems(_ request: Request, _ parameters: Parameters) -> Response {
        let page = ProblemsPage(theme: Self.theme(request), assets: answers.assets)
        return answers.page(page.render(), tag: "problems-\(Release.version)", to: request)
    }

    static func theme(_ request: Request) -> Theme {
        let cookies = request.headers.all("Cookie").joined(separator: ";").split(separator: ";")
            .map { cookie in cookie.drop { $0 == " " } }
        return Theme(cookie: cookies.first { $0.hasPrefix("theme=") }.map { String($0.dropFirst(6)) })
    }

    /// Pages say how old things are, so their bytes change with the minute.
    private var minute: Int64 { SystemClock.now().milliseconds / 60_000 }

    private func draw(
        _ view: FeedView, _ address: LeaderboardAddress, _ feeds: [String], _ theme: Theme
    ) -> ([UInt8], PageIndex) {
        let total = view.standings.count
        let index =
            site.settings.v4UI
            ? PageIndex(requested: address.page, total: total)
            : PageIndex(requested: 1, total: min(total, Self.mostRowsWithoutPaging), size: Self.mostRowsWithoutPaging)
        let rows = index.rows.map { row in
            LeaderboardView.Row(
                standing: view.standings[row], trend: view.trends[row],
                link: "https://huggingface.co/\(view.standings[row].listing.id.text)")
        }
        let board = LeaderboardView(
            snapshot: view.publication.snapshot, epoch: view.epoch, baselines: view.publication.baselines,
            highlights: view.highlights, rows: rows, page: index, address: address, feeds: feeds,
            historySpan: view.trendSpan, theme: theme, now: SystemClock.now(), assets: answers.assets,
            v4UI: site.settings.v4UI)
        return (LeaderboardPage.render(board), index)
    }
}

extension FeedView {
    /// Who gained and lost most, and how many are new, over the whole feed.
    fileprivate var highlights: LeaderboardView.Highlights {
        var rise: LeaderboardView.Mover?
        var fall: LeaderboardView.Mover?
        var fresh = 0
        for standing in standings {
            switch standing.deltas.downloads24h {
            case .change(let change):
                if change > rise?.change ?? 0 { rise = Self.mover(standing, change) }
                if change < fall?.change ?? 0 { fall = Self.mover(standing, change) }
            case .missing(let reason):
                if reason == .newModel { fresh += 1 }
            }
        }
        let hasBaseline = publication.baselines.downloads24h != nil
        return LeaderboardView.Highlights(rise: rise, fall: fall, newModels: hasBaseline ? fresh : nil)
    }

    private static func mover(_ standing: Standing, _ change: Int64) -> LeaderboardView.Mover {
        LeaderboardView.Mover(
            id: standing.listing.id, change: change, downloads: standing.listing.downloads,
            link: "https://huggingface.co/\(standing.listing.id.text)")
    }
}
