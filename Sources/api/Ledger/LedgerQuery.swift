import HTTPServer
import Model
import Store

/// What `GET /api/v3/ledger` is asked for. A parameter that is empty is as good as none; one that nobody knows is of
/// somebody else's making, and left alone.
struct LedgerQuery: Equatable {
    /// The parameter that has no meaning.
    struct Invalid: Error, Equatable {
        let name: String
    }

    /// Characters of a name; nothing is called more.
    static let longestName = 512
    /// Characters and words of a search. More would only ask the index for more.
    static let longestSearch = 1_000
    private static let mostWords = 50
    private static let farthestPage = 1_000_000_000

    private(set) var filter = SessionFilter()
    private(set) var sort = SessionSort.newest
    private(set) var page = 1
    private(set) var pageSize = 20

    init(_ items: [QueryItem]) throws(Invalid) {
        filter.agent = try Self.name("agent", items)
        filter.status = try Self.value("status", items) { SessionStatus(rawValue: $0) }
        filter.model = try Self.name("model", items)
        filter.from = try Self.value("from", items) { Self.moment($0, isEnd: false) }
        filter.to = try Self.value("to", items) { Self.moment($0, isEnd: true) }
        filter.words = try Self.value("q", items, Self.words) ?? []
        sort = try Self.value("sort", items) { SessionSort(rawValue: $0) } ?? .newest
        page = try Self.value("page", items) { Self.whole($0, in: 1...Self.farthestPage) } ?? 1
        pageSize = try Self.value("pageSize", items) { Self.whole($0, in: 1...100) } ?? 20
    }

    static func text(_ name: String, _ items: [QueryItem]) throws(Invalid) -> String? {
        let given = items.filter { $0.name == name }
        // Nobody knows which of two is meant.
        guard given.count <= 1 else { throw Invalid(name: name) }
        return given.first.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    static func name(_ name: String, _ items: [QueryItem]) throws(Invalid) -> String? {
        try value(name, items) { $0.unicodeScalars.count <= longestName ? $0 : nil }
    }

    static func value<Value>(
        _ name: String, _ items: [QueryItem], _ read: (String) -> Value?
    ) throws(Invalid) -> Value? {
        guard let text = try text(name, items) else { return nil }
        guard let value = read(text) else { throw Invalid(name: name) }
        return value
    }

    private static func words(_ text: String) -> [String]? {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        return text.unicodeScalars.count <= longestSearch && words.count <= mostWords ? words : nil
    }

    static func whole(_ text: String, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else { return nil }
        return range.contains(number) ? number : nil
    }

    /// A moment, or a date, which stands for its whole day in UTC.
    static func moment(_ text: String, isEnd: Bool) -> Timestamp? {
        guard let moment = Timestamp(rfc3339: text) else { return nil }
        return isEnd && text.utf8.count == 10 ? moment + .milliseconds(86_399_999) : moment
    }
}
