import Deployment

/// The state of a model's page as its query string says it. Unknown keys and values are ignored.
struct ModelAddress: Equatable, Sendable {
    /// What the chart shows.
    enum Metric: String, CaseIterable, Sendable {
        case downloads
        case likes
        case score
        case rank

        var words: String {
            switch self {
            case .downloads: "Downloads"
            case .likes: "Likes"
            case .score: "Score"
            case .rank: "Rank"
            }
        }

        var scale: Chart.Scale {
            switch self {
            case .downloads, .likes: .counts
            case .score: .scores
            case .rank: .ranks
            }
        }
    }

    static let spans = [7, 30]

    let id: String
    var feed = LeaderboardAddress.defaultFeed
    var profile = ScoreProfiles.defaultName
    var metric = Metric.downloads
    /// How many days back the chart goes.
    var days = 30
    /// The part of the family that is unfolded, by its relation.
    var open: String?

    init(id: String, query pairs: [(name: String, value: String)]) {
        self.id = id
        let board = LeaderboardAddress(query: pairs.filter { $0.name == "feed" || $0.name == "profile" })
        (feed, profile) = (board.feed, board.profile)
        func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        if let metric = first("metric").flatMap(Metric.init(rawValue:)) { self.metric = metric }
        if let days = first("days").flatMap(Int.init), Self.spans.contains(days) { self.days = days }
        if let open = first("open"), open.utf8.count <= 32, open.utf8.allSatisfy(QueryText.isUnreserved) {
            self.open = open
        }
    }

    func with(_ change: (inout Self) -> Void) -> Self {
        var address = self
        change(&address)
        return address
    }

    /// Feed and profile as the leaderboard has them.
    var board: LeaderboardAddress {
        var board = LeaderboardAddress()
        (board.feed, board.profile) = (feed, profile)
        return board
    }

    var path: String {
        var pairs = board.frame
        if metric != .downloads { pairs.append(("metric", metric.rawValue)) }
        if days != 30 { pairs.append(("days", String(days))) }
        if let open { pairs.append(("open", open)) }
        return "/models/" + QueryText.path(id) + QueryText.suffix(pairs)
    }

    private var feedPairs: [(name: String, value: String)] { board.frame.filter { $0.name == "feed" } }

    var dataPath: String { "/api/v4/models/" + QueryText.path(id) + QueryText.suffix(board.frame) }
    var historyPath: String { "/api/v4/models/" + QueryText.path(id) + "/history" + QueryText.suffix(feedPairs) }
    var historyFilePath: String {
        "/api/v4/models/" + QueryText.path(id) + "/history" + QueryText.suffix(feedPairs + [("format", "csv")])
    }
    var badgePath: String { "/api/v4/badges/" + QueryText.path(id) + ".svg" + QueryText.suffix(feedPairs) }
    var comparePath: String { "/compare" + QueryText.suffix(board.frame + [("model", id)]) }
}
