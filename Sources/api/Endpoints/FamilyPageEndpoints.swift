import Daemon
import Deployment
import HTTPServer
import Model

/// The pages of families.
struct FamilyPageEndpoints: Sendable {
    let pages: PageEndpoints

    func families(_ request: Request, _ parameters: Parameters) -> Response {
        answer(request) { index, address in
            let page = PageIndex(requested: address.page, total: index.families.count)
            let lines = page.rows.map { place in
                let family = index.families[place]
                let best = family.rows.first.map { index.standing(Int($0), profile: address.profile) }
                return FamiliesPage.Line(family: family, best: best)
            }
            return FamiliesPage.render(view("/families", index, address, page, request), lines)
        }
    }

    func family(_ request: Request, _ parameters: Parameters) -> Response {
        family(parameters["owner"] + "/" + parameters["name"], request)
    }

    /// Legacy ids have no owner.
    func legacyFamily(_ request: Request, _ parameters: Parameters) -> Response {
        family(parameters["name"], request)
    }

    private func family(_ root: String, _ request: Request) -> Response {
        answer(request) { index, address in
            guard let family = index.families.family(of: root, row: index.row(of: root)) else { return nil }
            let page = PageIndex(requested: address.page, total: family.rows.count)
            let members = family.rows[page.rows].map { index.standing(Int($0), profile: address.profile) }
            let view = view("/families/" + QueryText.path(root), index, address, page, request)
            return FamilyPage.render(view, family, members)
        }
    }

    /// - Parameter body: `nil` where there is no such family.
    private func answer(
        _ request: Request, _ body: (ModelIndex, LeaderboardAddress) -> [UInt8]?
    ) -> Response {
        let wanted = request.query.filter { ["feed", "profile", "page"].contains($0.name) }
        var address = LeaderboardAddress(query: wanted.map { ($0.name, $0.value) })
        if pages.site.settings.profiles[address.profile] == nil { address.profile = ScoreProfiles.defaultName }
        guard pages.site.open != nil else { return pages.notice(.unavailable, request) }
        if pages.site.feeds.current.newest[address.feed] == nil { address.feed = LeaderboardAddress.defaultFeed }
        guard let index = pages.site.feeds.current.newest[address.feed] else {
            return pages.notice(.noSnapshot(feed: address.feed, on: .families), request)
        }
        return body(index, address).map { pages.page($0, request) } ?? pages.notice(.notFound, request)
    }

    private func view(
        _ path: String, _ index: ModelIndex, _ address: LeaderboardAddress, _ page: PageIndex, _ request: Request
    ) -> FamilyPagesView {
        FamilyPagesView(
            path: path, address: address, snapshot: index.publication.snapshot, baselines: index.publication.baselines,
            page: page, feeds: pages.site.feeds.current.feeds, theme: PageEndpoints.theme(request),
            now: SystemClock.now(), assets: pages.answers.assets)
    }
}
