import Compression
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

    @Test(
        arguments: [
            ("gzip", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("gzip;q=0.001", .gzip), ("gzip ; q=1", .gzip),
            ("br, gzip", .gzip), ("*", .zstd), ("*;q=0.5", .zstd), ("gzip, *;q=0", .gzip), ("*;q=0, gzip", .gzip),
            ("deflate, gzip;q=1.0, *;q=0.5", .gzip), ("", .identity), ("identity", .identity), ("br", .identity),
            ("gzip;q=0", .identity), ("gzip;q=0.000", .identity), ("GZIP;Q=0", .identity), ("gzip;q=0, *", .zstd),
            ("gzipped", .identity), (",,;", .identity), ("gzip, deflate, br, zstd", .zstd), ("zstd;q=0.5, gzip", .gzip),
            ("zstd;q=0, gzip;q=0.1", .gzip), ("gzip;q=0.5, identity", .identity), ("zstd;q=0.5, identity;q=0.4", .zstd),
            ("*;q=0", nil), ("identity;q=0", nil), ("identity;q=0, br", nil), ("identity;q=0, zstd;q=0.1", .zstd),
            ("*;q=0, identity", .identity), ("identity;q=0, *", .zstd),
        ] as [(String, ContentCoding?)])
    func theCodingIsTheOneThatIsLikedBest(header: String, coding: ContentCoding?) {
        let headers: HeaderFields = [HeaderField("Accept-Encoding", header)]
        #expect(ContentCoding.Choice(headers).best == coding)
        let response = Self.answer(5_000, headers)
        let packed = coding == .identity ? nil : coding?.rawValue
        #expect(response.header("Content-Encoding") == packed)
        #expect((response.bytes.count < 5_000) == (packed != nil))
        #expect(response.header("ETag") == (packed.map { "\"t-\($0)\"" } ?? "\"t\""))
        #expect(response.header("Vary") == "Accept-Encoding")
    }

    @Test func whatIsPackedCanBeUnpacked() throws {
        let zstd = Self.answer(5_000, [HeaderField("Accept-Encoding", "zstd")])
        #expect(try Zstd.decompress(zstd.bytes, limit: 5_000) == [UInt8](repeating: 97, count: 5_000))
        let gzip = Self.answer(5_000, [HeaderField("Accept-Encoding", "gzip")])
        #expect(try Gzip.decompress(gzip.bytes, limit: 5_000) == [UInt8](repeating: 97, count: 5_000))
    }

    @Test func aSmallBodyStaysAsItIs() {
        let gzip: HeaderFields = [HeaderField("Accept-Encoding", "gzip")]
        #expect(Self.answer(1_023, gzip).header("Content-Encoding") == nil)
        #expect(Self.answer(1_024, gzip).header("Content-Encoding") == "gzip")
        let only: HeaderFields = [HeaderField("Accept-Encoding", "gzip, identity;q=0")]
        #expect(Self.answer(10, only).header("Content-Encoding") == "gzip", "there is no other way to send it")
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

    @Test func aBodyIsMadeOnceForItsTagAddressAndCoding() {
        let cache = BodyCache()
        var made = 0
        func get(_ target: String, _ tag: String, _ coding: String) -> Response {
            func body() -> [UInt8] {
                made += 1
                return [UInt8](repeating: 97, count: 5_000)
            }
            return Representation(contentType: "text/plain", body: body(), tag: tag).response(
                to: Request(.get, target, headers: [HeaderField("Accept-Encoding", coding)]), cache: cache)
        }
        let first = get("/a", "1", "gzip")
        #expect(get("/a", "1", "gzip").bytes == first.bytes && made == 1)
        #expect(get("/a", "1", "identity").bytes.count == 5_000 && made == 2)
        _ = (get("/b", "1", "gzip"), get("/a", "2", "gzip"))
        #expect(made == 4 && cache.figures.hits == 1 && cache.figures.misses == 4 && cache.figures.entries == 4)
    }

    @Test func theCacheStaysBelowItsLimitAndKeepsWhatIsUsed() {
        let cache = BodyCache(limit: 100_000)
        func key(_ number: Int) -> BodyCache.Key { BodyCache.Key(target: "/\(number)", tag: "t", wanted: .identity) }
        let entry = BodyCache.Entry(body: [UInt8](repeating: 0, count: 5_000), coding: .identity)
        for number in 0..<500 {
            _ = cache.entry(key(number)) { entry }
            _ = cache.entry(key(0)) { entry }
            #expect(cache.figures.bytes <= 100_000)
        }
        let before = cache.figures
        _ = cache.entry(key(0)) { entry }
        #expect(cache.figures.hits == before.hits + 1 && before.evictions > 400)
        _ = cache.entry(key(1_000)) { BodyCache.Entry(body: [UInt8](repeating: 0, count: 50_000), coding: .identity) }
        #expect(cache.figures.entries == before.entries, "one large body must not push all the others out")
    }
}
