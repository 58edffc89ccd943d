import Deployment
import HTTPServer

/// The state of the leaderboard as its query string says it: what is shown is in the address, and nowhere else.
///
/// Keys are those of the API and an interface: a saved link must keep working, and an unknown key or value is ignored.
/// Defaults are left out of the links it makes, and every change but that of the page starts again at the first page.
struct LeaderboardAddress: Equatable, Sendable {
    static let defaultFeed = "hub"
    private static let scalars = ModelQuery.scalarFilters.union(["feed", "profile", "density", "page"])

    var feed = Self.defaultFeed
    var profile = ScoreProfiles.defaultName
    var filter = ModelFilter()
    var sort = ModelSort.usual
    var density = Density.cosy
    /// As asked for, from 1; ``PageIndex`` brings it into range.
    var page = 1

    init() {}

    /// Reads the decoded pairs of a query string; of a key that may stand once the first value counts.
    init(query pairs: [(name: String, value: String)]) {
        let known = Self.scalars.union(ModelQuery.filters)
        // A form sends its empty fields too; they ask for nothing.
        let items = pairs.filter { pair in
            known.contains(pair.name) && !pair.value.isEmpty && pair.value.unicodeScalars.count <= 200
        }
        var reader = QueryReader(
            items.map { QueryItem($0.name, $0.value) }, scalars: Self.scalars, lists: ModelQuery.filters)
        filter = ModelFilter(&reader)
        if let feed = reader.text("feed"), Self.isName(feed) { self.feed = feed }
        if let profile = reader.text("profile"), Self.isName(profile) { self.profile = profile }
        if let sort = reader.text("sort").flatMap(ModelSort.init(text:)) { self.sort = sort }
        if let density = reader.text("density").flatMap(Density.init(rawValue:)) { self.density = density }
        if let page = reader.text("page").flatMap(Int.init), page >= 1 { self.page = page }
    }

    func with(page: Int) -> Self {
        var address = self
        address.page = page
        return address
    }

    /// The same view with something else in it, from its first page on.
    func with(_ change: (inout Self) -> Void) -> Self {
        var address = self
        change(&address)
        address.page = 1
        return address
    }

    func with(density: Density) -> Self { with { $0.density = density } }

    /// Another feed has other models, licences and providers: what was selected in this one does not go along.
    func with(feed: String) -> Self {
        var address = Self()
        (address.feed, address.profile, address.density) = (feed, profile, density)
        return address
    }

    /// The link to this state: `/`, or `/?capability=vision&page=2`.
    var path: String {
        var pairs = selection
        if density != .cosy { pairs.append(("density", density.rawValue)) }
        if page != 1 { pairs.append(("page", String(page))) }
        return "/" + QueryText.suffix(pairs)
    }

    /// The same selection as data.
    var dataPath: String { "/api/v4/models" + QueryText.suffix(selection) }

    /// The whole selection as a file.
    func exportPath(_ format: String) -> String {
        "/api/v4/export" + QueryText.suffix([("format", format)] + selection)
    }

    /// The model's own page in this feed and under this profile.
    func modelPath(_ id: String) -> String {
        "/models/" + QueryText.path(id) + QueryText.suffix(frame)
    }

    /// What holds for every page: feed and profile.
    var frame: [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        if feed != Self.defaultFeed { pairs.append(("feed", feed)) }
        if profile != ScoreProfiles.defaultName { pairs.append(("profile", profile)) }
        return pairs
    }

    /// What decides which rows are shown, and in which order.
    var selection: [(name: String, value: String)] {
        var pairs = frame + filter.pairs
        if sort != .usual { pairs.append(("sort", sort.text)) }
        return pairs
    }

    /// A feed or a profile is named with letters, digits, `-`, `_`, `.` and `~`; at most 64 of them.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(QueryText.isUnreserved)
    }
}
