import HTTPServer
import Testing

@testable import api

@Suite struct ListQueryTests {
    private static func read(
        _ items: [(String, String)], takesCursor: Bool = true
    ) -> (query: ListQuery, faults: [Problem.Fault]) {
        ListQuery.read(
            items.map { QueryItem($0.0, $0.1) }, feeds: ["hub", "transformers-js"], takesCursor: takesCursor)
    }

    @Test func nothingAskedForIsTheStartOfTheHub() {
        let (query, faults) = Self.read([])
        #expect(faults.isEmpty)
        #expect(query == ListQuery() && query.feed == "hub" && query.limit == 25 && query.cursor == nil)
    }

    @Test(
        arguments: [
            ([("limit", "1")], "hub", 1, nil), ([("limit", "100")], "hub", 100, nil),
            ([("limit", "007")], "hub", 7, nil),
            ([("feed", "transformers-js")], "transformers-js", 25, nil), ([("feed", "hub")], "hub", 25, nil),
            ([("cursor", "abc"), ("limit", "3")], "hub", 3, "abc"), ([("cursor", "")], "hub", 25, ""),
        ] as [([(String, String)], String, Int, String?)])
    func parametersAreTaken(items: [(String, String)], feed: String, limit: Int, cursor: String?) {
        let (query, faults) = Self.read(items)
        #expect(faults.isEmpty)
        #expect(query.feed == feed && query.limit == limit && query.cursor == cursor)
    }

    @Test(arguments: [
        "0", "101", "-1", "", "abc", "1.5", "+5", "1e2", " 5", "99999999999999999999", "５",
    ])
    func aLimitIsAPlainNumberInRange(limit: String) {
        let faults = Self.read([("limit", limit)]).faults
        #expect(faults.map(\.code) == ["out_of_range"] && faults.map(\.place) == [.parameter("limit")])
    }

    @Test(
        arguments: [
            ([("q", "x")], ["unknown_parameter"]), ([("q", "x"), ("q", "y")], ["unknown_parameter"]),
            ([("Limit", "5")], ["unknown_parameter"]), ([("", "")], ["unknown_parameter"]),
            ([("feed", "nowhere")], ["unknown_value"]), ([("feed", "")], ["unknown_value"]),
            ([("feed", "HUB")], ["unknown_value"]), ([("limit", "5"), ("limit", "6")], ["repeated"]),
            ([("feed", "hub"), ("feed", "hub"), ("feed", "hub")], ["repeated"]),
            ([("cursor", "a"), ("cursor", "a")], ["repeated"]),
            ([("limit", "0"), ("limit", "5")], ["out_of_range", "repeated"]),
            ([("a", ""), ("b", ""), ("limit", "x")], ["unknown_parameter", "unknown_parameter", "out_of_range"]),
        ] as [([(String, String)], [String])])
    func everyFaultIsReported(items: [(String, String)], codes: [String]) {
        #expect(Self.read(items).faults.map(\.code) == codes)
    }

    @Test(arguments: ["limit", "cursor"])
    func aRouteWithoutPagesTakesNoPageParameters(name: String) {
        #expect(Self.read([(name, "5")], takesCursor: false).faults.map(\.code) == ["unknown_parameter"])
    }

    @Test func theCursorBelongsToTheFeedAndNotToThePageSize() {
        let query = Self.read([("limit", "5")]).query
        #expect(query.identity == Self.read([]).query.identity)
        #expect(query.identity != Self.read([("feed", "transformers-js")]).query.identity)
    }
}
