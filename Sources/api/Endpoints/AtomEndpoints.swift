import HTTPServer
import SQLite
import Store

/// `/feed.atom`: movers, new models and anomalies for feed readers.
struct AtomEndpoints: Sendable {
    /// Readers poll feeds every few minutes; snapshots come hourly.
    private static let cacheControl = "public, max-age=300"

    /// How many of the newest anomalies are told.
    private static let anomalies = 20

    let lists: Lists

    func feed(_ request: Request, _ parameters: Parameters) async -> Response {
        await answer { () throws(Declined) in
            var reader = QueryReader(request.query, scalars: ["feed"])
            let feed = reader.feed(among: lists.site.feeds.current.feeds) ?? LeaderboardAddress.defaultFeed
            try lists.check(reader.faults, request)
            let pairs = feed == LeaderboardAddress.defaultFeed ? [] : [(name: "feed", value: feed)]
            let address = "/feed.atom" + QueryText.suffix(pairs)
            guard let open = lists.site.open else { throw Declined(response: lists.answers.unavailable(request)) }
            let anomalies: [AnomalyRecord]
            do throws(SQLiteError) {
                anomalies = try await open.reader.run(.anomalies(feed: feed, limit: Self.anomalies))
            } catch {
                throw Declined(response: lists.answers.unavailable(request))
            }
            let atom =
                lists.site.feeds.current.newest[feed].map { AtomFeed($0, anomalies: anomalies, address: address) }
                // A reader that subscribes before the first snapshot must not be turned away.
                ?? AtomFeed(feed: feed, updated: lists.site.startedAt, entries: [], address: address)
            return lists.digested(
                atom.render(), request, contentType: "application/atom+xml; charset=utf-8",
                cacheControl: Self.cacheControl)
        }
    }
}
