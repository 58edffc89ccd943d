import HTTPServer
import Model

/// Families: rollups over everything that the snapshot shows to be made from one root.
struct FamilyEndpoints: Sendable {
    let lists: Lists

    func families(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            let query = try read(request)
            let identity = "families" + QueryText.suffix(query.pairs)
            let (index, start, key) = try await lists.view(
                feed: query.feed, cursor: query.cursor, identity: identity, request)
            let page = ListPage(
                from: start, limit: query.limit, total: index.families.count, snapshot: index.publication.snapshot.id,
                path: "/api/v4/families", pairs: query.pairs, identity: identity, key: key)
            return lists.json(FamilyBody(index: index).families(page), index, "families", request, page)
        }
    }

    func family(_ request: Request, _ parameters: Parameters) async -> Response {
        await family(parameters["owner"] + "/" + parameters["name"], request)
    }

    func legacyFamily(_ request: Request, _ parameters: Parameters) async -> Response {
        await family(parameters["name"], request)
    }

    private func family(_ root: String, _ request: Request) async -> Response {
        await answer { () throws(Declined) in
            let query = try read(request)
            let identity = "family \(root)" + QueryText.suffix(query.pairs)
            let (index, start, key) = try await lists.view(
                feed: query.feed, cursor: query.cursor, identity: identity, request)
            guard let family = index.families.family(of: root, row: index.row(of: root)) else {
                throw lists.refusal(.notFound, notARoot(root, index), request)
            }
            let page = ListPage(
                from: start, limit: query.limit, total: family.rows.count, snapshot: index.publication.snapshot.id,
                path: "/api/v4/families/\(root)", pairs: query.pairs, identity: identity, key: key)
            return lists.json(FamilyBody(index: index).family(family, page), index, "family", request, page)
        }
    }

    private func notARoot(_ id: String, _ index: ModelIndex) -> String {
        if let row = index.row(of: id), let root = index.columns.root[row] {
            return "\(id) is not the root of a family; it belongs to \(root)."
        }
        return "The newest snapshot has no family of \(id)."
    }

    private func read(_ request: Request) throws(Declined) -> ModelQuery {
        var reader = QueryReader(request.query, scalars: ["feed", "limit", "cursor"])
        var query = ModelQuery()
        if let feed = reader.feed(among: lists.site.feeds.current.feeds) { query.feed = feed }
        if let limit = reader.limit() { query.limit = limit }
        query.cursor = reader.text("cursor")
        try lists.check(reader.faults, request)
        return query
    }
}
