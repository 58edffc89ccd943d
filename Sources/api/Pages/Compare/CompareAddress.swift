import Deployment

/// The state of the comparison as its query string says it.
struct CompareAddress: Equatable, Sendable {
    static let mostModels = 4

    var board = LeaderboardAddress()
    /// Ids in the order of the columns, each once.
    var models: [String] = []
    /// Scores have one scale; downloads of two models may differ ten thousandfold.
    var metric = ModelAddress.Metric.score
    var onlyDifferences = false

    init(query pairs: [(name: String, value: String)]) {
        board = LeaderboardAddress(query: pairs.filter { $0.name == "feed" || $0.name == "profile" })
        for pair in pairs where pair.name == "model" && !pair.value.isEmpty && pair.value.unicodeScalars.count <= 200 {
            if !models.contains(pair.value), models.count < Self.mostModels { models.append(pair.value) }
        }
        func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        if let metric = first("metric").flatMap(ModelAddress.Metric.init(rawValue:)) { self.metric = metric }
        onlyDifferences = first("differences") == "1"
    }

    func with(_ change: (inout Self) -> Void) -> Self {
        var address = self
        change(&address)
        return address
    }

    var path: String {
        var pairs = board.frame + models.map { (name: "model", value: $0) }
        if metric != .score { pairs.append(("metric", metric.rawValue)) }
        if onlyDifferences { pairs.append(("differences", "1")) }
        return "/compare" + QueryText.suffix(pairs)
    }
}
