import HTTPServer
import SQLite
import Store

/// `GET /api/v4/audit`: who did what, on the command line, on a page or over the API. Needs the scope `admin`.
struct AuditEndpoint: Sendable {
    let lists: Lists

    func audit(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            var reader = QueryReader(request.query, scalars: ["cursor", "limit", "who", "action"])
            let limit = reader.limit() ?? ModelQuery.usualLimit
            let (who, action) = (reader.texts("who").first, reader.texts("action").first)
            try lists.check(reader.faults, request)
            guard let open = lists.site.open else { throw Declined(response: lists.answers.unavailable(request)) }
            let identity = "audit who=\(who ?? "") action=\(action ?? "")"
            var place: Int64?
            if let text = reader.text("cursor") {
                place = Int64(try lists.cursor(text, of: identity, open, request).offset)
            }
            let found: [(id: Int64, entry: AuditEntry)]
            do throws(SQLiteError) {
                found = try await open.reader.run(
                    .auditEntries(before: place, who: who, action: action, limit: limit + 1))
            } catch {
                throw Declined(response: lists.answers.unavailable(request))
            }
            let shown = Array(found.prefix(limit))
            let next = found.count > shown.count ? shown.last?.id : nil
            let cursor = next.map {
                Cursor(snapshot: "", query: identity, offset: Int($0)).sealed(with: open.cursorKey)
            }
            let link = cursor.map { cursor in
                let query = [("cursor", cursor), ("limit", "\(limit)"), ("who", who ?? ""), ("action", action ?? "")]
                return HeaderField(
                    "Link", "</api/v4/audit\(QueryText.suffix(query.filter { !$0.1.isEmpty }))>; rel=\"next\"")
            }
            return lists.digested(
                AuditBody.encode(shown, limit: limit, nextCursor: cursor), request,
                cacheControl: "private, no-cache", headers: link.map { [$0] } ?? [])
        }
    }
}
