import Deployment
import HTTPServer
import Model
import TestKit
import Testing

@testable import api

@Suite struct ModelQueryTests {
    private static let profiles = try? DeploymentFolder(path: Repository.root + "/config").scoreProfiles()

    private static func read(
        _ items: [(String, String)], _ scope: ModelQuery.Scope = .pages
    ) throws -> (query: ModelQuery, faults: [Problem.Fault]) {
        ModelQuery.read(
            items.map { QueryItem($0.0, $0.1) }, scope, feeds: ["hub", "transformers-js"],
            profiles: try #require(profiles))
    }

    @Test func nothingAskedForIsTheStartOfTheHub() throws {
        let (query, faults) = try Self.read([])
        #expect(faults.isEmpty)
        #expect(query == ModelQuery() && query.feed == "hub" && query.limit == 25 && query.cursor == nil)
        #expect(query.filter.isEmpty && query.sort == .usual && query.profile == "default" && query.pairs.isEmpty)
    }

    @Test(
        arguments: [
            ([("limit", "1")], "hub", 1, nil), ([("limit", "100")], "hub", 100, nil),
            ([("limit", "007")], "hub", 7, nil),
            ([("feed", "transformers-js")], "transformers-js", 25, nil), ([("feed", "hub")], "hub", 25, nil),
            ([("cursor", "abc"), ("limit", "3")], "hub", 3, "abc"), ([("cursor", "")], "hub", 25, ""),
        ] as [([(String, String)], String, Int, String?)])
    func parametersAreTaken(items: [(String, String)], feed: String, limit: Int, cursor: String?) throws {
        let (query, faults) = try Self.read(items)
        #expect(faults.isEmpty)
        #expect(query.feed == feed && query.limit == limit && query.cursor == cursor)
    }

    @Test(arguments: [
        "0", "101", "-1", "", "abc", "1.5", "+5", "1e2", " 5", "99999999999999999999", "５",
    ])
    func aLimitIsAPlainNumberInRange(limit: String) throws {
        let faults = try Self.read([("limit", limit)]).faults
        #expect(faults.map(\.code) == ["out_of_range"] && faults.map(\.place) == [.parameter("limit")])
    }

    @Test func filtersAreTakenAndWrittenInOneOrder() throws {
        let (query, faults) = try Self.read([
            ("q", "Llama  3"), ("capability", "vision"), ("capability", "tools"), ("provider", "b"), ("provider", "a"),
            ("license", "permissive"), ("license", "gemma"), ("parameterClass", "3b-8b"), ("family", "a/b"),
            ("relation", "quantized"), ("library", "gguf"), ("pipeline", "text-generation"), ("gated", "auto"),
            ("access", "public"), ("anomaly", "any"), ("status", "ready"), ("minDownloads", "5"), ("minLikes", "0"),
            ("updatedSince", "2026-05-04"), ("createdSince", "2026-05-04T08:00:00+02:00"), ("profile", "research"),
            ("sort", "-delta24h"),
        ])
        #expect(faults.isEmpty)
        #expect(query.filter.words == ["llama", "3"] && query.filter.capabilities == [.tools, .vision])
        #expect(query.filter.licenses == ["gemma"] && query.filter.licenseClasses == [.permissive])
        #expect(query.filter.updatedSince?.rfc3339 == "2026-05-04T00:00:00.000Z")
        #expect(query.sort == ModelSort(key: .delta24h, descending: true) && query.profile == "research")
        #expect(try Self.read(query.pairs.reversed().map { ($0.name, $0.value) }).query.identity == query.identity)
        #expect(try Self.read(query.pairs.map { ($0.name, $0.value) }).query == query)
    }

    @Test(arguments: [
        ("capability", "telepathy"), ("parameterClass", "7b"), ("relation", "cousin"), ("gated", "yes"),
        ("access", "secret"), ("anomaly", "likes"), ("status", "gone"), ("profile", "nobody"), ("sort", "size"),
        ("sort", "--score"), ("sort", ""),
    ])
    func aValueOutsideAClosedListIsNamed(name: String, value: String) throws {
        let faults = try Self.read([(name, value)]).faults
        #expect(faults.map(\.code) == ["unknown_value"] && faults.map(\.place) == [.parameter(name)])
    }

    @Test(arguments: [
        ("minDownloads", "-1", "out_of_range"), ("minLikes", "many", "out_of_range"),
        ("updatedSince", "yesterday", "not_a_time"), ("createdSince", "2026-13-01", "not_a_time"),
        ("provider", "", "out_of_range"), ("library", String(repeating: "x", count: 201), "out_of_range"),
        ("q", String(repeating: "x", count: 201), "out_of_range"),
    ])
    func aValueOutOfItsRangeIsNamed(name: String, value: String, code: String) throws {
        let faults = try Self.read([(name, value)]).faults
        #expect(faults.map(\.code) == [code] && faults.map(\.place) == [.parameter(name)])
    }

    @Test(
        arguments: [
            ([("colour", "x")], ["unknown_parameter"]), ([("colour", "x"), ("colour", "y")], ["unknown_parameter"]),
            ([("Limit", "5")], ["unknown_parameter"]), ([("", "")], ["unknown_parameter"]),
            ([("feed", "nowhere")], ["unknown_value"]), ([("feed", "")], ["unknown_value"]),
            ([("feed", "HUB")], ["unknown_value"]), ([("limit", "5"), ("limit", "6")], ["repeated"]),
            ([("feed", "hub"), ("feed", "hub"), ("feed", "hub")], ["repeated"]),
            ([("cursor", "a"), ("cursor", "a")], ["repeated"]), ([("sort", "score"), ("sort", "score")], ["repeated"]),
            ([("limit", "0"), ("limit", "5")], ["out_of_range", "repeated"]),
            ([("a", ""), ("b", ""), ("limit", "x")], ["out_of_range", "unknown_parameter", "unknown_parameter"]),
        ] as [([(String, String)], [String])])
    func everyFaultIsReported(items: [(String, String)], codes: [String]) throws {
        #expect(try Self.read(items).faults.map(\.code).sorted() == codes)
    }

    @Test(arguments: ["limit", "cursor", "q", "provider", "sort"])
    func theSnapshotAsAWholeTakesNeitherFiltersNorPages(name: String) throws {
        #expect(try Self.read([(name, "5")], .snapshot).faults.map(\.code) == ["unknown_parameter"])
    }
}
