import HTTPServer

/// A part of a list that stays as it is while it is read: some places of it, and how to get those behind them.
struct ListPage: Sendable {
    let places: Range<Int>
    let limit: Int
    let total: Int
    let nextCursor: String?
    /// The address of the next page.
    let next: String?

    var links: [HeaderField] { next.map { [HeaderField("Link", "<\($0)>; rel=\"next\"")] } ?? [] }

    /// - Parameters:
    ///   - path: of the route.
    ///   - pairs: what was asked for, page aside.
    ///   - identity: what a cursor of this list belongs to.
    init(
        from start: Int, limit: Int, total: Int, snapshot: String, path: String,
        pairs: [(name: String, value: String)], identity: String, key: [UInt8]
    ) {
        let first = min(start, total)
        let end = min(first + limit, total)
        let cursor = Cursor(snapshot: snapshot, query: identity, offset: end)
        self.init(
            places: first..<end, limit: limit, total: total,
            nextCursor: end < total ? cursor.sealed(with: key) : nil, path: path, pairs: pairs)
    }

    init(
        places: Range<Int>, limit: Int, total: Int, nextCursor: String?, path: String,
        pairs: [(name: String, value: String)]
    ) {
        self.places = places
        self.limit = limit
        self.total = total
        self.nextCursor = nextCursor
        next = nextCursor.map { cursor in
            var query: [(name: String, value: String)] = [("cursor", cursor)]
            query += pairs
            if limit != ModelQuery.usualLimit { query.append(("limit", "\(limit)")) }
            return path + QueryText.suffix(query)
        }
    }
}
