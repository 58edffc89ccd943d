import HTTPServer
import Model

/// v4's snapshot and its models.
struct SnapshotEndpoints: Sendable {
    let lists: Lists

    private var site: Site { lists.site }

    /// The latest snapshot's metadata and the first page of its models.
    func snapshot(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            let query = try read(request, .snapshot)
            let (index, _, key) = try await lists.view(
                feed: query.feed, cursor: nil, identity: query.identity, request)
            let rows = index.selection(query.filter, sort: query.sort, profile: query.profile)
            let page = page(rows.count, from: 0, query, index, key)
            return lists.json(
                body(index, query).snapshot(rows.rows(page.places), page), index, "snapshot", request, page)
        }
    }

    /// One page of the models that fit, in the order that is asked for. A cursor stays in its snapshot while newer
    /// ones land.
    func models(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            let query = try read(request, .pages)
            let (index, start, key) = try await lists.view(
                feed: query.feed, cursor: query.cursor, identity: query.identity, request)
            let rows = index.selection(query.filter, sort: query.sort, profile: query.profile)
            let page = page(rows.count, from: start, query, index, key)
            return lists.json(
                body(index, query).models(rows.rows(page.places), page), index, index.tag("models", query.filter),
                request, page)
        }
    }

    /// The whole result as a file.
    func export(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            let (export, items) = ExportQuery.read(request.query)
            let (query, faults) = ModelQuery.read(
                items, .everything, feeds: site.feeds.current.feeds, profiles: site.settings.profiles)
            try lists.check(faults + export.faults, request)
            let index = try await lists.newest(query.feed, request)
            let rows = index.rows(query.filter, sort: query.sort, profile: query.profile)
            return lists.answers.marked(
                export.response(
                    index, rows, tag: index.tag("export", query.filter), profile: query.profile, to: request))
        }
    }

    private func read(_ request: Request, _ scope: ModelQuery.Scope) throws(Declined) -> ModelQuery {
        let (query, faults) = ModelQuery.read(
            request.query, scope, feeds: site.feeds.current.feeds, profiles: site.settings.profiles)
        try lists.check(faults, request)
        return query
    }

    private func page(
        _ total: Int, from start: Int, _ query: ModelQuery, _ index: ModelIndex, _ key: [UInt8]
    ) -> ListPage {
        ListPage(
            from: start, limit: query.limit, total: total, snapshot: index.publication.snapshot.id,
            path: "/api/v4/models", pairs: query.pairs, identity: query.identity, key: key)
    }

    private func body(_ index: ModelIndex, _ query: ModelQuery) -> SnapshotBody {
        SnapshotBody(
            index: index, profile: lists.profile(query.profile),
            ttlSeconds: site.settings.refresh.map { $0.milliseconds / 1_000 })
    }
}
