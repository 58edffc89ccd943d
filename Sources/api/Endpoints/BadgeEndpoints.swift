import HTTPServer
import Model
import SQLite
import Store

/// Badges: one figure of a model as a picture that other pages embed.
struct BadgeEndpoints: Sendable {
    /// Pages that embed it ask again after five minutes; the figures change once a day.
    private static let cacheControl = "public, max-age=300"

    let lists: Lists

    func badge(_ request: Request, _ parameters: Parameters) async -> Response {
        await badge(parameters["owner"] + "/" + parameters["name"], request)
    }

    /// Legacy ids have no owner.
    func legacyBadge(_ request: Request, _ parameters: Parameters) async -> Response {
        await badge(parameters["name"], request)
    }

    private func badge(_ id: String, _ request: Request) async -> Response {
        await answer { () throws(Declined) in
            var reader = QueryReader(request.query, scalars: ["feed", "metric"])
            let feed = reader.feed(among: lists.site.feeds.current.feeds) ?? LeaderboardAddress.defaultFeed
            let metric = reader.cases("metric", Badge.Metric.self).first ?? .score
            try lists.check(reader.faults, request)
            let index = try await lists.newest(feed, request)
            guard let row = index.row(of: id) else {
                throw lists.refusal(.notFound, "The newest snapshot of \(feed) has no model \(id).", request)
            }
            let standing = index.columns[row]
            let badge =
                switch metric {
                case .downloads: Badge(downloadsOf: standing)
                case .score: Badge(scoreOf: standing, before: try await score(of: id, before: index, request))
                }
            return lists.digested(
                badge.render(), request, contentType: "image/svg+xml", cacheControl: Self.cacheControl)
        }
    }

    /// The model's total in the snapshot that stands for a day earlier.
    private func score(
        of id: String, before index: ModelIndex, _ request: Request
    ) async throws(Declined) -> Tenths? {
        guard let baseline = index.publication.baselines.downloads24h, let open = lists.site.open else { return nil }
        let (feed, moment) = (index.publication.snapshot.feed, baseline.observedAt)
        do throws(SQLiteError) {
            return try await open.reader.run(.history(feed: feed, model: id, from: moment, to: moment)).first?.total
        } catch {
            throw Declined(response: lists.answers.unavailable(request))
        }
    }
}

extension Badge {
    init(downloadsOf standing: Standing) {
        let value = standing.listing.downloads.map(Figures.short) ?? "—"
        let change = standing.deltas.downloads24h.value
        let words = standing.listing.downloads.map { "\(Figures.exact($0)) downloads" } ?? "downloads unknown"
        self.init(
            label: "downloads", value: value,
            change: change.map { (Figures.short(Int64(clamping: $0.magnitude)), Direction($0)) },
            title: "\(standing.listing.id.text): \(words)\(Self.words(change, unit: ""))")
    }

    init(scoreOf standing: Standing, before: Tenths?) {
        let total = standing.scores.total
        let change = before.flatMap { before in total.map { Int64($0.count - before.count) } }
        let text = total.map { Figures.oneDecimal(tenths: $0.count) } ?? "—"
        self.init(
            label: "score", value: text,
            change: change.map { (Figures.oneDecimal(tenths: Int32(clamping: $0.magnitude)), Direction($0)) },
            title: "\(standing.listing.id.text): score \(total.map { _ in "\(text) of 100" } ?? "unknown"), "
                + "rank \(standing.rank)" + Self.words(change, unit: " points"))
    }

    private static func words(_ change: Int64?, unit: String) -> String {
        guard let change else { return "" }
        if change == 0 { return ", unchanged in a day" }
        let amount =
            unit.isEmpty
            ? Figures.exact(Int64(clamping: change.magnitude))
            : Figures.oneDecimal(tenths: Int32(clamping: change.magnitude)) + unit
        return ", \(change > 0 ? "up" : "down") \(amount) in a day"
    }
}

extension Badge.Direction {
    init(_ change: Int64) {
        self = change == 0 ? .level : change > 0 ? .up : .down
    }
}
