import HTTPServer
import JSON
import Model
import Testing

@testable import helicarrier

@Suite struct ListingQueryTests {
    let rows: [RecordedRow]

    init() throws {
        let text = """
            [{"id":"a/one","downloads":5,"likes":1,"trendingScore":9,"pipelineTag":"text-generation","tags":["x","y"],
              "libraryName":"transformers","rank":1,"createdAt":"2026-01-01T00:00:00.000Z"},
             {"id":"b/two","downloads":7,"likes":1,"trendingScore":11.2,"pipeline_tag":"fill-mask","tags":["x"]},
             {"id":"A/three","downloads":7,"likes":3,"tags":[],"numParameters":335141888.0,
              "createdAt":"2026-02-01T00:00:00.000Z"},
             {"noid":true},
             {"id":"c/four","tags":["y"]}]
            """
        rows = try JSONDocument(parsing: text).root.elements.compactMap { RecordedRow($0) }
    }

    func ids(_ query: String) throws -> [String] {
        try ListingQuery(Request(.get, "/api/models?\(query)").query).rows(of: rows).map(\.id.text)
    }

    @Test(arguments: [
        ("", ["a/one", "b/two", "A/three", "c/four"]),
        ("sort=downloads", ["b/two", "A/three", "a/one", "c/four"]),
        ("sort=likes", ["A/three", "a/one", "b/two", "c/four"]),
        ("sort=trendingScore", ["b/two", "a/one", "A/three", "c/four"]),
        ("sort=createdAt", ["A/three", "a/one", "b/two", "c/four"]),
        ("author=a", ["a/one", "A/three"]),
        ("search=O", ["a/one", "b/two", "c/four"]),
        ("filter=x", ["a/one", "b/two"]),
        ("filter=x&filter=y", ["a/one"]),
        ("filter=x,y", ["a/one"]),
        ("filter=transformers", ["a/one"]),
        ("filter=fill-mask", ["b/two"]),
        ("pipeline_tag=text-generation", ["a/one"]),
        ("full=true&cardData=true&nonsense=1", ["a/one", "b/two", "A/three", "c/four"]),
    ])
    func selects(query: String, expected: [String]) throws {
        #expect(try ids(query) == expected)
    }

    @Test(arguments: [
        "limit=0", "limit=x", "limit=-1", "sort=name", "expand=password", "cursor=nonsense", "cursor=eyJ9",
    ])
    func refuses(query: String) {
        #expect(throws: ListingQuery.Refusal.self) {
            try ListingQuery(Request(.get, "/api/models?\(query)").query)
        }
    }

    @Test(arguments: [("limit=5", 5), ("limit=1000", 1_000), ("limit=5000", 1_000), ("", 1_000)])
    func limits(query: String, limit: Int) throws {
        #expect(try ListingQuery(Request(.get, "/api/models?\(query)").query).limit == limit)
    }

    @Test(arguments: [0, 1, 13, 999, 1_000_000])
    func cursorsReadBack(offset: Int) {
        #expect(Cursor.offset(Cursor.text(offset)) == offset)
    }

    @Test func rowsHaveTheHubsOwnKeys() throws {
        guard case .object(let members) = rows[0].value(expand: []) else { throw CommandFailure("no object") }
        let keys = members.map(\.key)
        #expect(keys.prefix(5) == ["_id", "id", "modelId", "author", "private"])
        #expect(keys.contains("pipeline_tag") && keys.contains("library_name"))
        #expect(!keys.contains("rank") && !keys.contains("pipelineTag") && !keys.contains("libraryName"))
        #expect(rows[2].value(expand: [])["safetensors"]?["total"] == .integer(335_141_888))
    }

    @Test func expandGivesWhatWasNamedAndTheIds() {
        guard case .object(let members) = rows[0].value(expand: ["downloads"]) else { return }
        #expect(members.map(\.key) == ["_id", "id", "downloads"])
    }
}
