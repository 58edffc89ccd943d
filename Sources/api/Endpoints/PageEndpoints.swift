import Daemon
import HTTPServer
import Model
import SQLite

/// The web pages and the files that they load.
struct PageEndpoints: Sendable {
    /// Rows of the page without paging.
    private static let mostRowsWithoutPaging = 100

    let site: Site
    let answers: Answers

    func leaderboard(_ request: Request, _ parameters: Parameters) async -> Response {
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
        let index =
            site.settings.v4UI
            ? PageIndex(requested: address.page, total: view.count)
            : PageIndex(
                requested: 1, total: min(view.count, Self.mostRowsWithoutPaging), size: Self.mostRowsWithoutPaging)
        do throws(SQLiteError) {
            let page = draw(view, try await trends(index.rows, view), index, address, edition.feeds, theme)
            let tag =
                "board-\(view.publication.serial)-\(theme.rawValue)-\(address.density.rawValue)-\(index.number)"
                + "-\(minute)"
            return answers.page(page, tag: tag, to: request)
        } catch {
            let notice = NoticePage(notice: .unavailable, theme: theme, assets: answers.assets)
            return answers.page(notice.render(), status: 503, to: request)
        }
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
        _ view: ModelIndex, _ trends: [[Int64?]], _ index: PageIndex, _ address: LeaderboardAddress,
        _ feeds: [String], _ theme: Theme
    ) -> [UInt8] {
        let rows = zip(index.rows, trends).map { row, trend in
            let standing = view.columns[row]
            return LeaderboardView.Row(standing: standing, trend: trend, link: Self.hubPage(standing.listing.id.text))
        }
        let publication = view.publication
        let board = LeaderboardView(
            snapshot: publication.snapshot,
            epoch: publication.epoch.map { Epoch(snapshotKey: 0, snapshot: $0, state: publication.epochState) },
            baselines: publication.baselines, highlights: LeaderboardView.Highlights(view), rows: rows, page: index,
            address: address, feeds: feeds, historySpan: view.trends.span, theme: theme, now: SystemClock.now(),
            assets: answers.assets, v4UI: site.settings.v4UI)
        return LeaderboardPage.render(board)
    }

    /// Downloads of the rows of one page over the kept history, all read from one state of the database.
    private func trends(_ rows: Range<Int>, _ view: ModelIndex) async throws(SQLiteError) -> [[Int64?]] {
        let models = view.columns.models[rows]
        if let known = view.knownTrends.trends(of: models) { return known }
        guard let open = site.open else { throw SQLiteError(code: 14, message: "the database is not open") }
        let trends = try await open.reader.read { db throws(SQLiteError) in
            var trends: [[Int64?]] = []
            for model in models { trends.append(try view.trends.trend(of: model, from: db)) }
            return trends
        }
        view.knownTrends.keep(trends, of: models)
        return trends
    }

    static func hubPage(_ id: String) -> String { "https://huggingface.co/\(id)" }
}

extension LeaderboardView.Highlights {
    fileprivate init(_ view: ModelIndex) {
        func mover(_ row: Int?) -> LeaderboardView.Mover? {
            guard let row, let change = view.columns.downloads24h[row].value else { return nil }
            let id = ModelID(view.columns.ids[row])
            return LeaderboardView.Mover(
                id: id, change: change, downloads: view.columns.downloads[row],
                link: PageEndpoints.hubPage(id.text))
        }
        self.init(
            rise: mover(view.highlights.risingRow), fall: mover(view.highlights.fallingRow),
            newModels: view.highlights.newModels)
    }
}
