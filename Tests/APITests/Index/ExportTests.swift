import Compression
import HTTPServer
import JSON
import Model
import Testing

@testable import api

@Suite struct ExportTests {
    private func bytes(of response: Response) async -> [UInt8] {
        guard case .stream(let stream) = response.body else { return [] }
        var bytes: [UInt8] = []
        while let chunk = await stream.next() { bytes += chunk }
        return bytes
    }

    @Test(arguments: [
        ("=1+1", true, "'=1+1"), ("+1", true, "'+1"), ("-1", true, "'-1"), ("@x", true, "'@x"), ("\tx", true, "'\tx"),
        ("\rx", true, "\"'\rx\""), ("=1+1", false, "=1+1"), ("a=b", true, "a=b"), ("a,b", true, "\"a,b\""),
        ("a\"b", true, "\"a\"\"b\""), ("=a,\"b\"", true, "\"'=a,\"\"b\"\"\""), ("a\nb", true, "\"a\nb\""),
        ("", true, ""),
    ])
    func textsThatLookLikeFormulasAreInert(text: String, isSafe: Bool, field: String) {
        var line = CSVLine(isSafe: isSafe)
        line.number(Int64(-5))
        line.text(text)
        line.text(nil)
        line.number(-0.5)
        #expect(String(decoding: line.finished(), as: UTF8.self) == "-5,\(field),,-0.5\r\n")
    }

    @Test(arguments: [0, 1, 700]) func theFileHasEachRowOnceInOrder(count: Int) async throws {
        let fixture = try IndexFixture(count: count, seed: 5)
        let rows = fixture.index.rows(ModelFilter(), sort: .usual, profile: "default")
        let plain = ExportQuery.read([QueryItem("format", "csv")]).query
            .response(fixture.index, rows, profile: "default", to: Request(.get, "/"))
        let text = String(decoding: await bytes(of: plain), as: UTF8.self)
        let lines = text.split(separator: "\r\n").map(String.init)
        #expect(lines.first == CSVLines.columns.joined(separator: ",") && text.hasSuffix("\r\n"))
        #expect(lines.dropFirst().map { String($0.prefix { $0 != "," }) } == fixture.standings.map(\.listing.id.text))
        #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 29 })

        let packed = ExportQuery.read([]).query.response(
            fixture.index, rows, profile: "default",
            to: Request(.get, "/", headers: [HeaderField("Accept-Encoding", "gzip")]))
        #expect(packed.header("Content-Encoding") == "gzip")
        #expect(try Gzip.decompress(await bytes(of: packed), limit: 10 << 20) == Array(text.utf8))

        let zstd = ExportQuery.read([]).query.response(
            fixture.index, rows, profile: "default",
            to: Request(.get, "/", headers: [HeaderField("Accept-Encoding", "gzip, zstd")]))
        #expect(zstd.header("Content-Encoding") == "zstd")
        #expect(try Zstd.decompress(await bytes(of: zstd), limit: 10 << 20) == Array(text.utf8))
        #expect(Set([plain, packed, zstd].map { $0.header("ETag") }).count == 3)
    }

    @Test func linesOfJSONAreTheModelsOfTheAPI() async throws {
        let fixture = try IndexFixture(count: 50, seed: 5)
        let rows = fixture.index.rows(ModelFilter(), sort: .usual, profile: "default")
        let response = ExportQuery.read([QueryItem("format", "ndjson")]).query
            .response(fixture.index, rows, profile: "default", to: Request(.get, "/"))
        let lines = await bytes(of: response).split(separator: 10)
        #expect(lines.count == 50)
        let body = ModelBody(index: fixture.index, profile: "default")
        for (row, line) in lines.enumerated() {
            #expect(Array(line) == body.encode(row))
            let model = try JSONDocument(parsing: Array(line)).root
            #expect(model["id"]?.string == fixture.standings[row].listing.id.text)
            #expect(model["family"]?["size"]?.int64 == Int64(fixture.index.families.size(ofRow: row)))
        }
    }

    @Test(arguments: [
        ("format", "xml", "unknown_value"), ("safe", "yes", "unknown_value"), ("format", "", "unknown_value"),
    ])
    func aFormThatIsNotKnownIsRefused(name: String, value: String, code: String) {
        #expect(ExportQuery.read([QueryItem(name, value)]).query.faults.map(\.code) == [code])
    }
}
