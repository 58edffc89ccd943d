import Model
import Pricing
import Testing

/// A price book file is taken whole, or refused with the place of its first fault.
@Suite struct PriceBookTests {
    static func file(_ prices: String, version: String = "\"v1\"", more: String = "") -> [UInt8] {
        [UInt8](
            """
            {"version": \(version), "effectiveFrom": "2026-05-01", "publishedAt": "2026-05-02T10:00:00+02:00",
             "source": "a test", "prices": [\(prices)]\(more)}
            """.utf8)
    }

    static let price =
        #"{"provider": "OpenAI", "model": "gpt-5*", "bucket": "cache_read", "minContextTokens": 0, "#
        + #""nanoUsdPerMillion": 125000000, "validFrom": "2026-05-01T12:00:00Z", "validTo": "2026-05-31"}"#

    @Test func everyFieldIsRead() throws {
        let book = try PriceBook(parsing: Self.file(Self.price), file: "book.json")
        #expect(book.version == "v1" && book.source == "a test")
        #expect(book.effectiveFrom == Timestamp(rfc3339: "2026-05-01T00:00:00Z"))
        #expect(book.publishedAt == Timestamp(rfc3339: "2026-05-02T08:00:00Z"))
        #expect(
            book.prices == [
                Price(
                    provider: "openai", model: "gpt-5*", bucket: .cacheRead, nanoUSDPerMillion: 125_000_000,
                    validFrom: Timestamp(rfc3339: "2026-05-01T12:00:00Z"),
                    validUntil: Timestamp(rfc3339: "2026-06-01T00:00:00Z"))
            ], "a date alone ends with its day")
    }

    @Test(arguments: [
        ("{", "", "JSON"), ("[]", "", "an object"),
        (#"{"version": ""}"#, "/version", "text of 1 to 100"),
        (#"{"version": "provider_native"}"#, "/version", "another version"),
        (#"{"version": "v", "versoin": "v"}"#, "/versoin", "no such key"),
        (#"{"version": "v", "version": "w"}"#, "/version", "the key once"),
        (#"{"version": "v", "prices": []}"#, "/prices", "at least one price"),
        (#"{"version": "v", "prices": [3]}"#, "/prices/0", "an object"),
    ])
    func aFaultIsNamedWithItsPlace(text: String, pointer: String, expected: String) {
        let error = #expect(throws: PriceBookError.self) {
            try PriceBook(parsing: [UInt8](text.utf8), file: "book.json")
        }
        #expect(error?.pointer == pointer)
        #expect(error?.expected.contains(expected) == true, "\(error?.expected ?? "")")
    }

    @Test(arguments: [
        (#""cache_read""#, #""cached""#, "/prices/0/bucket", "one of input_uncached"),
        ("125000000", "-1", "/prices/0/nanoUsdPerMillion", "a whole number from 0"),
        ("125000000", "0.5", "/prices/0/nanoUsdPerMillion", "a whole number"),
        ("125000000", "\"1\"", "/prices/0/nanoUsdPerMillion", "a whole number"),
        (#""minContextTokens": 0"#, #""minContextTokens": -1"#, "/prices/0/minContextTokens", "a whole number"),
        (#""2026-05-31""#, #""2026-04-30""#, "/prices/0/validTo", "a moment after validFrom"),
        (#""2026-05-31""#, #""soon""#, "/prices/0/validTo", "a time like"),
        (#""model": "gpt-5*", "#, "", "/prices/0/model", "a value"),
    ])
    func aFaultOfAPriceIsNamedWithItsPlace(part: String, other: String, pointer: String, expected: String) {
        let text = Self.price.replacing(part, with: other)
        #expect(text != Self.price)
        let error = #expect(throws: PriceBookError.self) {
            try PriceBook(parsing: Self.file(text), file: "book.json")
        }
        #expect(error?.pointer == pointer)
        #expect(error?.expected.contains(expected) == true, "\(error?.expected ?? "")")
    }

    @Test func onePlaceHasOnePrice() {
        let error = #expect(throws: PriceBookError.self) {
            try PriceBook(parsing: Self.file(Self.price + "," + Self.price), file: "book.json")
        }
        #expect(error?.pointer == "/prices/1")
    }
}
