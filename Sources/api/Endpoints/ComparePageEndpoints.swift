import Daemon
import Deployment
import HTTPServer
import Model
import SQLite
import Store

/// The comparison of a few models.
struct ComparePageEndpoints: Sendable {
    let pages: PageEndpoints

    func compare(_ request: Request, _ parameters: Parameters) async -> Response {
        let site = pages.site
        var address = CompareAddress(query: request.query.map { ($0.name, $0.value) })
        let profiles = site.settings.profiles
        if profiles[address.board.profile] == nil { address.board.profile = ScoreProfiles.defaultName }
        guard let open = site.open else { return pages.notice(.unavailable, request) }
        let edition = site.feeds.current
        if edition.newest[address.board.feed] == nil { address.board.feed = LeaderboardAddress.defaultFeed }
        guard let index = edition.newest[address.board.feed] else {
            return pages.notice(.noSnapshot(feed: address.board.feed, on: .compare), request)
        }
        guard let profile = profiles[address.board.profile] ?? profiles.profiles.first else {
            preconditionFailure("a deployment has at least one profile")
        }
        let rows = address.models.map { index.row(of: $0) }
        let unknown = zip(address.models, rows).filter { $0.1 == nil }.map(\.0)
        let known = zip(address.models, rows).filter { $0.1 != nil }.map(\.0)
        do throws(SQLiteError) {
            let feed = address.board.feed
            let points = try await open.reader.read { db throws(SQLiteError) in
                var points: [[HistoryPoint]] = []
                for id in known { points.append(try db.run(.history(feed: feed, model: id, from: nil, to: nil))) }
                return points
            }
            address.models = known
            let view = CompareView(
                address: address,
                standings: rows.compactMap { $0 }.map { index.standing($0, profile: profile.name) },
                unknown: unknown, points: points, snapshot: index.publication.snapshot,
                baselines: index.publication.baselines, profile: profile, feeds: edition.feeds,
                theme: PageEndpoints.theme(request), now: SystemClock.now(), assets: pages.answers.assets)
            return pages.page(ComparePage.render(view), request)
        } catch {
            return pages.notice(.unavailable, request)
        }
    }
}
