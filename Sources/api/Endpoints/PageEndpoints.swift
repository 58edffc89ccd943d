import Crypto
import Daemon
import Deployment
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
        let address = address(request)
        guard site.open != nil else { return notice(.unavailable, request) }
        let edition = site.feeds.current
        guard let view = edition.newest[address.feed] else {
            return notice(.noSnapshot(feed: address.feed), request)
        }
        let selected = view.selection(address.filter, sort: address.sort, profile: address.profile)
        let index =
            site.settings.v4UI
            ? PageIndex(requested: address.page, total: selected.count)
            : PageIndex(
                requested: 1, total: min(view.count, Self.mostRowsWithoutPaging), size: Self.mostRowsWithoutPaging)
        do throws(SQLiteError) {
            let rows = selected.rows(index.rows).map { Int($0) }
            // The menus are counted while the database is asked for the trends; `draw` finds them counted.
            async let menus = view.concurrentFacets(address.filter)
            let trends = try await trends(rows, view)
            _ = await menus
            let page = draw(view, rows, trends, index, address, edition.feeds, Self.theme(request))
            return self.page(page, request)
        } catch {
            return notice(.unavailable, request)
        }
    }

    /// What is asked for, as far as this deployment has it.
    private func address(_ request: Request) -> LeaderboardAddress {
        var address = LeaderboardAddress(query: request.query.map { ($0.name, $0.value) })
        if site.settings.profiles[address.profile] == nil { address.profile = ScoreProfiles.defaultName }
        if site.feeds.current.newest[address.feed] == nil { address.feed = LeaderboardAddress.defaultFeed }
        guard !site.settings.v4UI else { return address }
        var plain = LeaderboardAddress()
        (plain.feed, plain.density) = (address.feed, address.density)
        return plain
    }

    /// Names a page by its bytes, which say how old things are and so change with the minute.
    static func tag(_ page: [UInt8]) -> String { Hex.encode(Array(SHA256.digest(page).bytes.prefix(12))) }

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

    private func draw(
        _ view: ModelIndex, _ rows: [Int], _ trends: [[Int64?]], _ index: PageIndex, _ address: LeaderboardAddress,
        _ feeds: [String], _ theme: Theme
    ) -> [UInt8] {
        let v4UI = site.settings.v4UI
        let lines = zip(rows, trends).map { row, trend in
            let standing = view.standing(row, profile: address.profile)
            let id = standing.listing.id.text
            return LeaderboardView.Row(
                standing: standing, trend: trend, link: v4UI ? address.modelPath(id) : Self.hubPage(id))
        }
        let publication = view.publication
        let profiles = site.settings.profiles
        guard let profile = profiles[address.profile] ?? profiles.profiles.first else {
            preconditionFailure("a deployment has at least one profile")
        }
        let board = LeaderboardView(
            snapshot: publication.snapshot,
            epoch: publication.epoch.map { Epoch(snapshotKey: 0, snapshot: $0, state: publication.epochState) },
            baselines: publication.baselines, highlights: LeaderboardView.Highlights(view, address), rows: lines,
            page: index, feedTotal: view.count, families: view.families.count,
            standingOut: view.facets(ModelFilter()).anomalies, address: address, feeds: feeds,
            historySpan: view.trends.span, theme: theme, now: SystemClock.now(), assets: answers.assets, v4UI: v4UI,
            facets: view.facets(address.filter), profiles: profiles.profiles, profile: profile,
            wayOut: rows.isEmpty ? LeaderboardView.WayOut(view, address) : nil)
        return LeaderboardPage.render(board)
    }

    /// Downloads of the rows of one page over the kept history, all read from one state of the database.
    private func trends(_ rows: [Int], _ view: ModelIndex) async throws(SQLiteError) -> [[Int64?]] {
        let models = rows.map { view.model($0) }[...]
        if let known = view.knownTrends.trends(of: models) { return known }
        guard let open = site.open else { throw SQLiteError(code: 14, message: "the database is not open") }
        let trends = try await open.reader.read { db throws(SQLiteError) in
            try view.trends.trends(of: models, from: db)
        }
        view.knownTrends.keep(trends, of: models)
        return trends
    }

    static func hubPage(_ id: String) -> String { "https://huggingface.co/\(id)" }
}

extension LeaderboardView.Highlights {
    fileprivate init(_ view: ModelIndex, _ address: LeaderboardAddress) {
        func mover(_ row: Int?) -> LeaderboardView.Mover? {
            guard let row, let change = view.columns.downloads24h[row].value else { return nil }
            let id = ModelID(view.columns.ids[row])
            return LeaderboardView.Mover(
                id: id, change: change, downloads: view.columns.downloads[row],
                link: address.modelPath(id.text))
        }
        self.init(
            rise: mover(view.highlights.risingRow), fall: mover(view.highlights.fallingRow),
            newModels: view.highlights.newModels)
    }
}

extension LeaderboardView.WayOut {
    /// The part of a selection without which most models fit; `nil` where no single part is the reason.
    fileprivate init?(_ view: ModelIndex, _ address: LeaderboardAddress) {
        var best: LeaderboardView.WayOut?
        for chip in LeaderboardChips.chips(of: address) {
            let count = view.selection(chip.address.filter, sort: address.sort, profile: address.profile).count
            if count > best?.count ?? 0 {
                best = LeaderboardView.WayOut(
                    label: "\(chip.key) \(chip.words)", count: count, path: chip.address.path)
            }
        }
        guard let best else { return nil }
        self = best
    }
}
