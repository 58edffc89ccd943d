import Deployment
import HTTPServer
import Model

/// What a list of models is asked for: the parameters of the address, checked.
struct ModelQuery: Equatable, Sendable {
    /// What a route takes beside a feed and a profile.
    enum Scope: Sendable {
        /// The newest snapshot as a whole.
        case snapshot
        /// Filters and a sort.
        case everything
        /// These, and pages.
        case pages
    }

    static let usualLimit = 25
    static let largestLimit = 100
    static let filters: Set = [
        "capability", "provider", "license", "parameterClass", "family", "relation", "library", "pipeline", "gated",
        "access", "anomaly", "status",
    ]
    static let scalarFilters: Set = ["q", "minDownloads", "minLikes", "updatedSince", "createdSince", "sort"]

    var feed = LeaderboardAddress.defaultFeed
    var filter = ModelFilter()
    var sort = ModelSort.usual
    var profile = ScoreProfiles.defaultName
    var limit = Self.usualLimit
    var cursor: String?

    /// The part of the query that a cursor belongs to; the page size may change on the way.
    var identity: String { "models" + QueryText.suffix(pairs) }

    /// What is asked for, in one order and without what is usual: the page and its size aside.
    var pairs: [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        if feed != LeaderboardAddress.defaultFeed { pairs.append(("feed", feed)) }
        pairs += filter.pairs
        if profile != ScoreProfiles.defaultName { pairs.append(("profile", profile)) }
        if sort != .usual { pairs.append(("sort", sort.text)) }
        return pairs
    }

    /// Reads the parameters. Every fault is reported; the query is of use only where there is none.
    static func read(
        _ items: [QueryItem], _ scope: Scope, feeds: [String], profiles: ScoreProfiles
    ) -> (query: ModelQuery, faults: [Problem.Fault]) {
        var scalars: Set = ["feed", "profile"]
        if scope != .snapshot { scalars.formUnion(scalarFilters) }
        if scope == .pages { scalars.formUnion(["limit", "cursor"]) }
        var reader = QueryReader(items, scalars: scalars, lists: scope == .snapshot ? [] : filters)
        var query = ModelQuery()
        if let feed = reader.feed(among: feeds) { query.feed = feed }
        if let name = reader.text("profile") {
            query.profile = name
            if profiles[name] == nil {
                let names = profiles.profiles.map(\.name).joined(separator: ", ")
                reader.refuse("profile", "unknown_value", "must be one of \(names)")
            }
        }
        if let text = reader.text("sort") {
            if let sort = ModelSort(text: text) {
                query.sort = sort
            } else {
                let keys = ModelSort.Key.allCases.map(\.rawValue).joined(separator: ", ")
                reader.refuse("sort", "unknown_value", "must be one of \(keys), with - in front for the largest first")
            }
        }
        query.filter = ModelFilter(&reader)
        if let limit = reader.limit() { query.limit = limit }
        query.cursor = reader.text("cursor")
        return (query, reader.faults)
    }
}

extension QueryReader {
    /// The feed that is asked for, if one is.
    mutating func feed(among feeds: [String]) -> String? {
        guard let feed = text("feed") else { return nil }
        if !feeds.contains(feed), feed != LeaderboardAddress.defaultFeed {
            refuse("feed", "unknown_value", "names no feed that has a snapshot")
        }
        return feed
    }

    mutating func limit(upTo largest: Int = ModelQuery.largestLimit) -> Int? {
        whole("limit", in: 1...Int64(largest)).map { Int($0) }
    }
}

extension ModelFilter {
    /// The filters among the parameters.
    init(_ reader: inout QueryReader) {
        if let text = reader.text("q") {
            words = text.split(separator: " ").map { String($0).withSmallLetters }
            if text.utf8.count > 200 { reader.refuse("q", "out_of_range", "must have at most 200 bytes") }
        }
        capabilities = reader.cases("capability")
        providers = reader.texts("provider")
        for text in reader.texts("license") {
            if let kind = LicenseClass(rawValue: text) { licenseClasses.append(kind) } else { licenses.append(text) }
        }
        parameterClasses = reader.cases("parameterClass")
        families = reader.texts("family")
        relations = reader.cases("relation")
        libraries = reader.texts("library")
        pipelines = reader.texts("pipeline")
        gated = reader.cases("gated")
        access = reader.cases("access")
        anomalies = reader.cases("anomaly")
        statuses = reader.cases("status")
        minDownloads = reader.whole("minDownloads", in: 0...(1 << 53))
        minLikes = reader.whole("minLikes", in: 0...(1 << 53))
        updatedSince = reader.moment("updatedSince")
        createdSince = reader.moment("createdSince")
    }

    /// The filter as parameters, always in the same order.
    var pairs: [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        func add(_ name: String, _ values: [String]) { pairs += values.map { (name, $0) } }
        if !words.isEmpty { pairs.append(("q", words.joined(separator: " "))) }
        add("capability", capabilities.map(\.rawValue))
        add("provider", providers)
        add("license", licenses + licenseClasses.map(\.rawValue))
        add("parameterClass", parameterClasses.map(\.rawValue))
        add("family", families)
        add("relation", relations.map(\.rawValue))
        add("library", libraries)
        add("pipeline", pipelines)
        add("gated", gated.map(\.rawValue))
        add("access", access.map(\.rawValue))
        add("anomaly", anomalies.map(\.rawValue))
        add("status", statuses.map(\.rawValue))
        if let minDownloads { add("minDownloads", ["\(minDownloads)"]) }
        if let minLikes { add("minLikes", ["\(minLikes)"]) }
        if let updatedSince { add("updatedSince", [updatedSince.rfc3339]) }
        if let createdSince { add("createdSince", [createdSince.rfc3339]) }
        return pairs
    }
}
