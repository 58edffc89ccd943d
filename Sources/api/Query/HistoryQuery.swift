import HTTPServer
import Model

/// Which part of a model's history is asked for.
struct HistoryQuery: Equatable, Sendable {
    enum Metric: String, CaseIterable, Sendable {
        case downloads
        case likes
        case trendingScore
        case rank
        case score
    }

    enum Format: String, CaseIterable, Sendable {
        case json
        case csv
    }

    var format = Format.json
    var feed = LeaderboardAddress.defaultFeed
    /// `nil` for all.
    var metric: Metric?
    var from: Timestamp?
    var to: Timestamp?

    static func read(_ items: [QueryItem], feeds: [String]) -> (query: HistoryQuery, faults: [Problem.Fault]) {
        var reader = QueryReader(items, scalars: ["feed", "format", "metric", "from", "to"])
        var query = HistoryQuery()
        if let feed = reader.feed(among: feeds) { query.feed = feed }
        if let format = reader.cases("format", Format.self).first { query.format = format }
        query.metric = reader.cases("metric", Metric.self).first
        query.from = reader.moment("from")
        query.to = reader.moment("to")
        if let from = query.from, let to = query.to, from > to {
            reader.refuse("to", "out_of_range", "must not be before from")
        }
        return (query, reader.faults)
    }
}
