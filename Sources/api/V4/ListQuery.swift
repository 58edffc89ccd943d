import HTTPServer

/// What a list of models is asked for: the parameters of the address, checked.
struct ListQuery: Equatable, Sendable {
    static let usualLimit = 25
    static let largestLimit = 100

    var feed = LeaderboardAddress.defaultFeed
    var limit = Self.usualLimit
    var cursor: String?

    /// The part of the query that a cursor belongs to; the page size may change on the way.
    var identity: String { "models feed=\(feed)" }

    /// Reads the parameters; every fault is reported, and none is guessed away.
    static func read(_ items: [QueryItem], feeds: [String], takesCursor: Bool) -> (
        query: ListQuery, faults: [Problem.Fault]
    ) {
        var query = ListQuery()
        var faults: [Problem.Fault] = []
        var seen: Set<String> = []
        func fault(_ name: String, _ code: String, _ message: String) {
            faults.append(Problem.Fault(place: .parameter(name), code: code, message: message))
        }
        for item in items {
            let isKnown = item.name == "feed" || takesCursor && (item.name == "limit" || item.name == "cursor")
            guard isKnown else {
                if seen.insert(item.name).inserted {
                    fault(item.name, "unknown_parameter", "is not a parameter of this route")
                }
                continue
            }
            guard seen.insert(item.name).inserted else {
                if !faults.contains(where: { $0.place == .parameter(item.name) && $0.code == "repeated" }) {
                    fault(item.name, "repeated", "may be given once")
                }
                continue
            }
            switch item.name {
            case "limit":
                if let limit = Int(item.value), (1...largestLimit).contains(limit),
                    item.value.utf8.allSatisfy({ (48...57).contains($0) })
                {
                    query.limit = limit
                } else {
                    fault("limit", "out_of_range", "must be a whole number from 1 to \(largestLimit)")
                }
            case "cursor": query.cursor = item.value
            default:
                query.feed = item.value
                if !feeds.contains(item.value), item.value != LeaderboardAddress.defaultFeed {
                    fault("feed", "unknown_value", "names no feed that has a snapshot")
                }
            }
        }
        return (query, faults)
    }
}
