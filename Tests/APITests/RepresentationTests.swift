import HTTPServer
import Testing

@testable import api

@Suite struct RepresentationTests {
    private static func answer(_ size: Int, _ headers: HeaderFields = [], status: Int = 200) -> Response {
        var representation = Representation(
            contentType: "application/json", body: [UInt8](repeating: 97, count: size), tag: "t")
        representation.status = status
        return representation.response(to: Request(.get, "/x", headers: headers))
    }

    @Test(arguments: [
        ("gzip", true), ("GZIP", true), ("x-gzip", true), ("gzip;q=0.001", true), ("gzip ; q=1", true),
        ("br, gzip", true), ("*", true), ("*;q=0.5", true), ("gzip, *;q=0", true), ("*;q=0, gzip", true),
        ("deflate, gzip;q=1.0, *;q=0.5", true), ("", false), ("identity", false), ("br", false),
        ("gzip;q=0", false), ("gzip;q=0.000", false), ("GZIP;Q=0", false), ("*;q=0", false), ("gzip;q=0, *", false),
        ("gzipped", false), (",,;", false),
    ])
    func gzipIsSentWhereItIsTaken(header: String, takes: Bool) {
        let headers: HeaderFields = [HeaderField("Accept-Encoding", header)]
        #expect(Representation.takesGzip(headers) == takes)
        let response = Self.answer(5_000, headers)
        #expect((response.header("Content-Encoding") == "gzip") == takes)
        #expect((response.bytes.count < 5_000) == takes)
        #expect(response.header("ETag") == (takes ? "\"t-gzip\"" : "\"t\""))
        #expect(response.header("Vary") == "Accept-Encoding")
    }

    @Test func aSmallBodyStaysAsItIs() {
        let gzip: HeaderFields = [HeaderField("Accept-Encoding", "gzip")]
        #expect(Self.answer(1_023, gzip).header("Content-Encoding") == nil)
        #expect(Self.answer(1_024, gzip).header("Content-Encoding") == "gzip")
    }

    @Test(
        arguments: [
            (["\"t\""], true), (["W/\"t\""], true), (["*"], true), (["\"a\", \"t\""], true),
            (["\"a\"", "\"t\""], true),
            (["\"a\",\t\"t\" "], true), ([], false), (["\"a\""], false), (["t"], false), (["\"t-gzip\""], false),
            (["\"T\""], false), ([""], false), (["w/\"t\""], false),
        ] as [([String], Bool)])
    func aReaderWhoHasTheBytesGetsNone(tags: [String], has: Bool) {
        let response = Self.answer(10, HeaderFields(tags.map { HeaderField("If-None-Match", $0) }))
        #expect(response.status == (has ? 304 : 200))
        #expect(response.header("ETag") == "\"t\"" && response.header("Cache-Control") == "no-cache")
        #expect((response.header("Content-Type") == nil) == has)
    }

    @Test func theTagNamesTheCodingToo() {
        let headers: HeaderFields = [HeaderField("Accept-Encoding", "gzip"), HeaderField("If-None-Match", "\"t\"")]
        #expect(Self.answer(5_000, headers).status == 200)
    }

    @Test func anErrorIsNeverNotModified() {
        #expect(Self.answer(10, [HeaderField("If-None-Match", "*")], status: 404).status == 404)
    }
}
