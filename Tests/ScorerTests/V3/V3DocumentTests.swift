import Deployment
import JSON
import Model
import Testing

@testable import scorer

/// One case of `v3-cases.json`: an input, and the document that ECMAScript prints for it.
struct V3Case: Sendable, CustomTestStringConvertible {
    let snapshot: V3Snapshot
    let document: String

    var testDescription: String { snapshot.updatedAt.rfc3339 }

    init(_ node: JSONNode) throws {
        let updatedAt = try #require(node["updatedAt"]?.string.flatMap(Timestamp.init(rfc3339:)))
        document = try #require(node["document"]?.string)
        let curated = try #require(node["curated"]).elements.map(Self.curated)
        snapshot = V3Snapshot(updatedAt: updatedAt, curated: curated)
    }

    static func all() throws -> [V3Case] {
        try JSONDocument(parsing: bytes(of: "Tests/Fixtures/tracker/v3-cases.json")).root.elements.map(V3Case.init)
    }

    private static func curated(_ node: JSONNode) throws -> (CuratedSource, CuratedOutcome) {
        let source = CuratedSource(
            id: ModelID(try #require(node["id"]?.string)), displayName: try #require(node["displayName"]?.string),
            provider: try #require(node["provider"]?.string), focus: node["focus"]?.string)
        if let error = node["error"]?.string { return (source, .error(error)) }
        let figures = CuratedFigures(
            downloads: node["downloads"]?.int64, likes: node["likes"]?.int64,
            lastModified: node["lastModified"]?.string.flatMap(Timestamp.init(rfc3339:)))
        return (source, .ready(figures))
    }
}

@Suite struct V3DocumentTests {
    @Test func isByteForByteWhatECMAScriptPrints() throws {
        let cases = try V3Case.all()
        #expect(cases.count == 60)
        for one in cases {
            #expect(String(decoding: one.snapshot.document(), as: UTF8.self) == one.document)
        }
    }

    @Test func anEmptyListIsAWholeDocument() {
        let empty = V3Snapshot(updatedAt: Timestamp(milliseconds: 0), curated: [])
        let expected = """
            {"updatedAt":"1970-01-01T00:00:00.000Z","models":[],"metrics":{"downloadRange":{"min":0,"max":1},\
            "likeRange":{"min":0,"max":1},"recencyRange":{"min":0,"max":1},"sourceCount":0,"readyCount":0},\
            "scores":{"weights":{"adoption":0.45,"ecosystem":0.35,"velocity":0.2}}}
            """
        #expect(String(decoding: empty.document(), as: UTF8.self) == expected)
    }

    @Test func equalTotalsKeepTheOrderOfTheList() {
        let sources = (0..<40).map { number in
            CuratedSource(id: ModelID("o/\(number)"), displayName: "\(number)", provider: "p")
        }
        let snapshot = V3Snapshot(
            updatedAt: Timestamp(milliseconds: 0), curated: sources.map { ($0, CuratedOutcome.error("gone")) })
        #expect(snapshot.entries.map(\.model.source) == sources)
        #expect(snapshot.readyCount == 0)
    }
}
