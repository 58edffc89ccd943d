import Model
import Store
import Testing

@testable import normalizer

@Suite struct PageReadingTests {
    private func listing(_ pages: String...) -> PageReading {
        var reading = PageReading(.none)
        for (index, page) in pages.enumerated() { reading.readListing(page: index + 1, body: [UInt8](page.utf8)) }
        return reading
    }

    private func ids(_ reading: PageReading) -> [String] { reading.listings.map(\.id.text) }

    @Test(arguments: [
        #"[{"id":"a/b"},{"id":"c/d"}]"#, #"{"models":[{"id":"a/b"},{"id":"c/d"}]}"#,
        #"{"date":"2026-01-15","models":[{"id":"a/b"},{"id":"c/d"}]}"#,
        #"{"fetchedAt":"2026-05-04T08:43:19.965Z","count":2,"models":[{"id":"a/b"},{"id":"c/d"}]}"#,
    ])
    func aPageIsAnArrayOrHasItsRowsUnderModels(page: String) {
        let reading = listing(page)
        #expect(ids(reading) == ["a/b", "c/d"])
        #expect(reading.sourceCount == 2)
        #expect(reading.rejected.isEmpty && reading.errors.isEmpty)
    }

    @Test(arguments: [
        "", "[", #"[{"id":"a/b"}"#, #"[{"id":"a/b"},]"#, "<html>Bad gateway</html>", "\u{1f}\u{8b}", "[1e999]",
    ])
    func whatIsNotJSONCostsThePageAndOnlyThePage(page: String) throws {
        let reading = listing(#"[{"id":"a/b"}]"#, page, #"[{"id":"c/d"}]"#)
        #expect(ids(reading) == ["a/b", "c/d"])
        #expect(reading.sourceCount == 2)
        let rejected = try #require(reading.rejected.first)
        #expect(reading.rejected.count == 1)
        #expect(rejected.page == 2 && rejected.index == -1 && rejected.model == nil && rejected.pointer.isEmpty)
        #expect(rejected.reason.hasPrefix("malformed JSON: "))
        #expect(rejected.excerpt == page)
    }

    /// JSON that its row cannot be read from, in each way that one row can break a whole text.
    @Test(arguments: [
        #"{"id":"x/y","tags":["\ud800"]}"#, #"{"id":"x/y","likes":1e400}"#, #"{"id":"x/y","a":tru}"#,
        "{\"id\":\"x/y\",\"a\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}",
    ])
    func aRowThatIsNotJSONCostsItself(row: String) throws {
        let good = [#"{"id":"a/b","tags":["],[","\\\"{"]}"#, #"{"id":"c/d"}"#]
        let rows = "[\(good[0]), \(row) ,\(good[1])]"
        for page in [rows, "{\"more\":{\"a\":[1,2]},\"models\":\(rows),\"n\":[3]}"] {
            let reading = listing(page)
            #expect(ids(reading) == ["a/b", "c/d"] && reading.sourceCount == 3)
            let rejected = try #require(reading.rejected.first)
            #expect(reading.rejected.count == 1 && rejected.page == 1 && rejected.index == 1)
            #expect(rejected.reason.hasPrefix("malformed JSON: ") && rejected.excerpt.hasPrefix(row.prefix(200)))
        }
    }

    @Test(arguments: ["{}", "7", "null", #""text""#, #"{"models":{}}"#, #"{"models":null}"#, #"{"error":"Busy"}"#])
    func whatHasNoRowsIsKeptAsEvidence(page: String) {
        let reading = listing(page)
        #expect(reading.listings.isEmpty && reading.sourceCount == 0)
        #expect(
            reading.rejected == [
                RejectedRow(
                    page: 1, index: -1, model: nil, pointer: "",
                    reason: "must be an array of rows, or an object with an array \"models\"", excerpt: page)
            ])
    }

    @Test func anEmptyPageIsAPage() {
        let reading = listing("[]")
        #expect(reading.listings.isEmpty && reading.rejected.isEmpty && reading.sourceCount == 0)
    }

    @Test func aWrongRowCostsItself() {
        let reading = listing(#"[{"id":"a/b"},{"id":"c/d","likes":"many"},7,{"id":"e/f"}]"#)
        #expect(ids(reading) == ["a/b", "e/f"])
        #expect(reading.sourceCount == 4)
        #expect(
            reading.rejected == [
                RejectedRow(
                    page: 1, index: 1, model: "c/d", pointer: "/likes",
                    reason: "must be a whole number of at least 0", excerpt: #"{"id":"c/d","likes":"many"}"#),
                RejectedRow(
                    page: 1, index: 2, model: nil, pointer: "", reason: "a row must be an object", excerpt: "7"),
            ])
    }

    @Test func theFirstOfARepeatedRowStands() {
        let reading = listing(#"[{"id":"a/b","likes":1},{"id":"a/b","likes":2}]"#, #"[{"id":"a/b","likes":3}]"#)
        #expect(ids(reading) == ["a/b"])
        #expect(reading.listings.first?.likes == 1)
        #expect(reading.sourceCount == 1 && reading.rejected.isEmpty)
    }

    @Test func aRepeatedRowReplacesABrokenOne() {
        let reading = listing(#"[{"id":"a/b","likes":"x"},{"id":"a/b","likes":2}]"#)
        #expect(reading.listings.first?.likes == 2)
        #expect(reading.rejected.count == 1)
    }

    @Test func evidenceIsKeptShort() throws {
        let long = String(repeating: "x", count: 9_000)
        let reading = listing("[" + long, #"[{"id":7,"text":"\#(long)"}]"#)
        #expect(try #require(reading.rejected.first).excerpt.utf8.count == 400)
        #expect(try #require(reading.rejected.last).excerpt.utf8.count == 2_000)
    }

    @Test(
        arguments: [
            (200, #"{"id":"a/b","likes":4}"#, ["a/b"], nil, 0),
            (404, #"{"error":"Repository not found"}"#, [], "Request failed with status 404", 0),
            (307, "", [], "Request failed with status 307", 0),
            (0, "", [], "Request failed", 0),
            (200, #"{"id":"new/name"}"#, ["new/name"], "Moved to new/name", 0),
            (200, #"{"id":"a/b","likes":"x"}"#, [], "The answer could not be read", 1),
            (200, #"{"id":"#, [], "The answer could not be read", 1),
            (200, #"[{"id":"a/b"}]"#, [], "The answer could not be read", 1),
        ] as [(Int, String, [String], String?, Int)])
    func oneModelsAnswerIsAListingOrSaysWhyNot(
        status: Int, body: String, listings: [String], message: String?, rejected: Int
    ) {
        var reading = PageReading(.none)
        reading.readModel("a/b", page: 3, status: status, body: [UInt8](body.utf8))
        #expect(ids(reading) == listings)
        #expect(reading.errors == (message.map { [UpstreamError(model: "a/b", status: status, message: $0)] } ?? []))
        #expect(reading.rejected.count == rejected)
    }

    @Test func aModelThatAListingHadIsNoErrorEvenIfItsOwnAnswerBreaks() {
        var reading = listing(#"[{"id":"a/b"}]"#)
        reading.readModel("a/b", page: 2, status: 200, body: [UInt8](#"{"id":"a/b","likes":"x"}"#.utf8))
        #expect(ids(reading) == ["a/b"])
        #expect(reading.errors.isEmpty && reading.rejected.count == 1)
    }
}
