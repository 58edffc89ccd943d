import Daemon
import HTTPServer
import Model
import SQLite
import Store

/// The page of anomalies.
struct AnomalyPageEndpoints: Sendable {
    /// Further back than this a reader takes the API.
    private static let mostRows = 2_500

    let pages: PageEndpoints

    func anomalies(_ request: Request, _ parameters: Parameters) async -> Response {
        guard let open = pages.site.open else { return pages.notice(.unavailable, request) }
        let edition = pages.site.feeds.current
        // What nobody knows is ignored on a page.
        let known = request.query.filter { $0.name != "feed" || edition.newest[$0.value] != nil }
        let address = AnomaliesAddress(query: known.map { ($0.name, $0.value) })
        guard let index = edition.newest[address.feed] else {
            return pages.notice(.noSnapshot(feed: address.feed, on: .anomalies), request)
        }
        do throws(SQLiteError) {
            let (records, page) = try await open.reader.read { db throws(SQLiteError) in
                let found = try db.run(
                    .countAnomalies(feed: address.feed, onlyOpen: address.onlyOpen, rule: address.rule))
                let page = PageIndex(requested: address.page, total: min(found.first ?? 0, Self.mostRows))
                let records = try db.run(
                    .anomalies(
                        feed: address.feed, onlyOpen: address.onlyOpen, rule: address.rule,
                        limit: page.rows.upperBound))
                return (records, page)
            }
            let publication = index.publication
            let view = AnomaliesView(
                address: address, records: Array(records.dropFirst(page.rows.lowerBound)), page: page,
                snapshot: publication.snapshot,
                epoch: publication.epoch.map { Epoch(snapshotKey: 0, snapshot: $0, state: publication.epochState) },
                feeds: edition.feeds, theme: PageEndpoints.theme(request), now: SystemClock.now(),
                assets: pages.answers.assets)
            return pages.page(AnomaliesPage.render(view), request)
        } catch {
            return pages.notice(.unavailable, request)
        }
    }
}
