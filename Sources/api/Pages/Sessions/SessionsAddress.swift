import Model
import Store

/// The state of the page `/sessions` as its query string says it, in the keys of `/api/v3/ledger`. What has no meaning
/// is left out.
struct SessionsAddress: Equatable, Sendable {
    var agent: String?
    var status: SessionStatus?
    var model: String?
    /// Dates or moments, both inclusive; a date means the whole day in UTC.
    var from: String?
    var to: String?
    var words: [String] = []
    var sort = SessionSort.newest
    var page = 1

    private static let mostWords = 20

    init() {}

    init(query pairs: [(name: String, value: String)]) {
        func first(_ name: String) -> String? {
            pairs.first { $0.name == name }.map(\.value).flatMap { (1...500).contains($0.utf8.count) ? $0 : nil }
        }
        (agent, model) = (first("agent"), first("model"))
        status = first("status").flatMap(SessionStatus.init(rawValue:))
        from = first("from").flatMap { Self.moment($0, isEnd: false) == nil ? nil : $0 }
        to = first("to").flatMap { Self.moment($0, isEnd: true) == nil ? nil : $0 }
        words = (first("q") ?? "").split(whereSeparator: \.isWhitespace).prefix(Self.mostWords).map(String.init)
        sort = first("sort").flatMap(SessionSort.init(rawValue:)) ?? .newest
        page = first("page").flatMap { Int($0) }.flatMap { (1...1_000_000).contains($0) ? $0 : nil } ?? 1
    }

    var filter: SessionFilter {
        var filter = SessionFilter()
        (filter.agent, filter.status, filter.model, filter.words) = (agent, status, model, words)
        filter.from = from.flatMap { Self.moment($0, isEnd: false) }
        filter.to = to.flatMap { Self.moment($0, isEnd: true) }
        return filter
    }

    var isNarrowed: Bool { with { $0.sort = .newest } != SessionsAddress() }

    /// The same with another part, from the first page.
    func with(_ change: (inout Self) -> Void) -> Self {
        var address = self
        address.page = 1
        change(&address)
        return address
    }

    private var pairs: [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        if let agent { pairs.append(("agent", agent)) }
        if let from { pairs.append(("from", from)) }
        if let model { pairs.append(("model", model)) }
        if !words.isEmpty { pairs.append(("q", words.joined(separator: " "))) }
        if sort != .newest { pairs.append(("sort", sort.rawValue)) }
        if let status { pairs.append(("status", status.rawValue)) }
        if let to { pairs.append(("to", to)) }
        return pairs
    }

    private var paged: [(name: String, value: String)] {
        pairs + (page == 1 ? [] : [(name: "page", value: String(page))])
    }

    var path: String { "/sessions" + QueryText.suffix(paged) }
    var filePath: String { "/sessions.csv" + QueryText.suffix(pairs) }
    var dataPath: String { "/api/v3/ledger" + QueryText.suffix(paged + [("pageSize", String(PageIndex.usualSize))]) }

    static func sessionPath(_ id: String) -> String { "/sessions/" + QueryText.percentEncoded(id) }

    private static func moment(_ text: String, isEnd: Bool) -> Timestamp? {
        guard let moment = Timestamp(rfc3339: text) else { return nil }
        return isEnd && text.utf8.count == 10 ? moment + .milliseconds(86_399_999) : moment
    }
}
