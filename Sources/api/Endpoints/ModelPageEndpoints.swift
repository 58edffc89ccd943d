import Daemon
import Deployment
import HTTPServer
import Model
import SQLite
import Store

/// The pages of one model.
struct ModelPageEndpoints: Sendable {
    private static let shownAnomalies = 20

    let pages: PageEndpoints

    private var site: Site { pages.site }

    func model(_ request: Request, _ parameters: Parameters) async -> Response {
        await model(parameters["owner"] + "/" + parameters["name"], request)
    }

    /// Legacy ids have no owner.
    func legacyModel(_ request: Request, _ parameters: Parameters) async -> Response {
        await model(parameters["name"], request)
    }

    private func model(_ id: String, _ request: Request) async -> Response {
        var address = ModelAddress(id: id, query: request.query.map { ($0.name, $0.value) })
        if site.settings.profiles[address.profile] == nil { address.profile = ScoreProfiles.defaultName }
        guard let open = site.open else { return pages.notice(.unavailable, request) }
        guard let index = site.feeds.current.newest[address.feed], let row = index.place(of: id) else {
            return pages.notice(.notFound, request)
        }
        do throws(SQLiteError) {
            let feed = address.feed
            let (points, anomalies) = try await open.reader.read { db throws(SQLiteError) in
                (
                    try db.run(.history(feed: feed, model: id, from: nil, to: nil)),
                    try db.run(.anomalies(feed: feed, model: ModelID(id), limit: Self.shownAnomalies))
                )
            }
            return pages.page(ModelPage.render(view(address, index, row, points, anomalies, request)), request)
        } catch {
            return pages.notice(.unavailable, request)
        }
    }

    private func view(
        _ address: ModelAddress, _ index: ModelIndex, _ row: Int, _ points: [HistoryPoint],
        _ anomalies: [AnomalyRecord], _ request: Request
    ) -> ModelPageView {
        let publication = index.publication
        let profiles = site.settings.profiles
        guard let profile = profiles[address.profile] ?? profiles.profiles.first else {
            preconditionFailure("a deployment has at least one profile")
        }
        return ModelPageView(
            address: address, standing: index.standing(row, profile: profile.name), total: index.count,
            snapshot: publication.snapshot,
            epoch: publication.epoch.map { Epoch(snapshotKey: 0, snapshot: $0, state: publication.epochState) },
            baselines: publication.baselines, points: points, anomalies: anomalies,
            absence: absence(of: row, index), kin: index.isListed(row) ? kin(of: row, address, index) : nil,
            profile: profile, profiles: profiles.profiles, caps: profiles.caps,
            theme: PageEndpoints.theme(request), now: SystemClock.now(), assets: pages.answers.assets)
    }

    private func absence(of row: Int, _ index: ModelIndex) -> ModelPageView.Absence? {
        guard !index.isListed(row) else { return nil }
        return ModelPageView.Absence(
            lastSeen: index.observedAt(row), error: index.absent.errors[row - index.count])
    }

    /// The model's family with the members of the kind that is unfolded.
    private func kin(of row: Int, _ address: ModelAddress, _ index: ModelIndex) -> ModelPageView.Kin? {
        let columns = index.columns
        let root = columns.root[row] ?? columns.ids[row]
        let rootRow = index.row(of: root)
        guard let family = index.families.family(of: root, row: rootRow), family.size > 1 else { return nil }
        var rows: [Relation: [Int]] = [:]
        for member in family.rows.map(Int.init) {
            if let relation = columns.relation[member] { rows[relation, default: []].append(member) }
        }
        let branches = Relation.allCases.compactMap { relation -> ModelPageView.Branch? in
            guard let members = rows[relation] else { return nil }
            var downloads = Family.Sum()
            for member in members { downloads.add(columns.downloads[member]) }
            let isOpen = address.open == relation.rawValue
            let shown = isOpen ? members.sorted { (columns.downloads[$0] ?? -1) > (columns.downloads[$1] ?? -1) } : []
            return ModelPageView.Branch(
                relation: relation, count: members.count, downloads: downloads,
                members: shown.prefix(ModelFamilyPanel.shownMembers).map {
                    index.standing($0, profile: address.profile)
                })
        }
        return ModelPageView.Kin(
            family: family, rootListing: rootRow.map { index.standing($0, profile: address.profile) },
            branches: branches)
    }
}

extension PageEndpoints {
    func page(_ body: [UInt8], _ request: Request) -> Response {
        answers.page(body, tag: Self.tag(body), to: request)
    }

    func notice(_ notice: NoticePage.Notice, _ request: Request) -> Response {
        let page = NoticePage(notice: notice, theme: Self.theme(request), assets: answers.assets)
        return answers.page(page.render(), status: page.status, to: request)
    }
}
