/// The state of the leaderboard as its query string says it: what is shown is in the address, and nowhere else.
///
/// Keys are an interface: a saved link must keep working, and an unknown key or value is ignored. Defaults are
/// left out of the links it makes, and every change but that of the page starts again at the first page.
struct LeaderboardAddress: Equatable, Sendable {
    static let defaultFeed = "hub"

    var feed = Self.defaultFeed
    var density = Density.cosy
    /// As asked for, from 1; ``PageIndex`` brings it into range.
    var page = 1

    init() {}

    /// Reads the decoded pairs of a query string; of a repeated key the first value counts.
    init(query pairs: [(name: String, value: String)]) {
        func first(_ name: String) -> String? {
            pairs.first { $0.name == name }?.value
        }
        if let feed = first("feed"), Self.isFeedName(feed) { self.feed = feed }
        if let density = first("density").flatMap(Density.init(rawValue:)) { self.density = density }
        if let page = first("page").flatMap(Int.init), page >= 1 { self.page = page }
    }

    func with(page: Int) -> Self {
        var address = self
        address.page = page
        return address
    }

    func with(density: Density) -> Self {
        var address = self
        address.density = density
        address.page = 1
        return address
    }

    func with(feed: String) -> Self {
        var address = self
        address.feed = feed
        address.page = 1
        return address
    }

    /// The link to this state: `/`, or `/?density=compact&page=2`.
    var path: String {
        var pairs: [(String, String)] = []
        if feed != Self.defaultFeed { pairs.append(("feed", feed)) }
        if density != .cosy { pairs.append(("density", density.rawValue)) }
        if page != 1 { pairs.append(("page", String(page))) }
        return "/" + QueryText.suffix(pairs)
    }

    /// The same selection as data.
    var dataPath: String {
        "/api/v4/models" + QueryText.suffix(feed == Self.defaultFeed ? [] : [("feed", feed)])
    }

    /// A feed is named with letters, digits, `-`, `_` and `.`; at most 64 of them.
    private static func isFeedName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(QueryText.isUnreserved)
    }
}

/// Which rows of a list one page shows. A number beyond the last page means the last page.
struct PageIndex: Equatable, Sendable {
    static let usualSize = 25

    let number: Int
    let size: Int
    let total: Int

    init(requested: Int, total: Int, size: Int = Self.usualSize) {
        precondition(size >= 1 && total >= 0)
        self.size = size
        self.total = total
        number = min(max(requested, 1), max(1, (total + size - 1) / size))
    }

    var count: Int { max(1, (total + size - 1) / size) }
    /// Zero-based positions of the rows on this page.
    var rows: Range<Int> { min((number - 1) * size, total)..<min(number * size, total) }
    var previous: Int? { number > 1 ? number - 1 : nil }
    var next: Int? { number < count ? number + 1 : nil }
}
