import JSON
import Model
import Testing

@testable import normalizer

@Suite struct ListingRowTests {
    /// A row with one more field, and what its listing then has that a row of the id alone has not.
    struct Accepted: Sendable, CustomTestStringConvertible {
        let field: String
        let change: @Sendable (inout Listing) -> Void
        var testDescription: String { field }

        init(_ field: String, _ change: @escaping @Sendable (inout Listing) -> Void) {
            self.field = field
            self.change = change
        }
    }

    private static func read(_ text: String) throws -> Listing {
        try ListingRow.read(JSONDocument(parsing: text).root).listing
    }

    static let counters: [Accepted] = [
        Accepted(#""downloads":0"#) { $0.downloads = 0 },
        Accepted(#""downloads":236000000"#) { $0.downloads = 236_000_000 },
        Accepted(#""downloads":9007199254740991"#) { $0.downloads = 9_007_199_254_740_991 },
        Accepted(#""downloads":null"#) { _ in },
        Accepted(#""downloadsAllTime":7"#) { $0.downloadsAllTime = 7 },
        Accepted(#""likes":12745"#) { $0.likes = 12_745 },
        Accepted(#""likes":null"#) { _ in },
        Accepted(#""trendingScore":11.2"#) { $0.trendingScore = 11.2 },
        Accepted(#""trendingScore":0"#) { $0.trendingScore = 0 },
        Accepted(#""trendingScore":-3"#) { $0.trendingScore = -3 },
        Accepted(#""trendingScore":1e300"#) { $0.trendingScore = 1e300 },
        Accepted(#""trendingScore":18446744073709551616"#) { $0.trendingScore = 18_446_744_073_709_551_616 },
        Accepted(#""numParameters":8030261248"#) { $0.parameters = exact(8_030_261_248) },
        Accepted(#""numParameters":8030261248.0"#) { $0.parameters = exact(8_030_261_248) },
        Accepted(#""numParameters":8e9"#) { $0.parameters = exact(8_000_000_000) },
        Accepted(#""numParameters":0"#) { _ in },
        Accepted(#""numParameters":5,"safetensors":{"total":9}"#) { $0.parameters = exact(5) },
        Accepted(#""safetensors":{"parameters":{"BF16":8030261248},"total":8030261248}"#) {
            $0.parameters = exact(8_030_261_248)
        },
        Accepted(#""safetensors":{"parameters":{"F32":1,"F8_E4M3":2},"total":3}"#) { $0.parameters = exact(3) },
        Accepted(#""safetensors":{"total":3}"#) { $0.parameters = exact(3) },
        Accepted(#""safetensors":{"parameters":{"I32":1,"F16":2},"total":3}"#) { _ in },
        Accepted(#""safetensors":{"parameters":{"U8":900},"total":900}"#) { _ in },
        Accepted(#""safetensors":{"total":0}"#) { _ in },
        Accepted(#""safetensors":{}"#) { _ in },
        Accepted(#""safetensors":null"#) { _ in },
        Accepted(#""safetensors":{"total":9007199254740992}"#) { _ in },
    ]

    static let texts: [Accepted] = [
        Accepted(#""author":"Qwen""#) { $0.provider = "Qwen" },
        Accepted(#""author":"""#) { _ in },
        Accepted(#""author":null"#) { _ in },
        Accepted(#""library_name":"transformers""#) { $0.library = "transformers" },
        Accepted(#""libraryName":"transformers""#) { $0.library = "transformers" },
        Accepted(#""library_name":null,"libraryName":"mlx""#) { $0.library = "mlx" },
        Accepted(#""library_name":"gguf","libraryName":"mlx""#) { $0.library = "gguf" },
        Accepted(#""pipeline_tag":"text-generation""#) { $0.pipeline = "text-generation" },
        Accepted(#""pipelineTag":"fill-mask""#) { $0.pipeline = "fill-mask" },
        Accepted(#""gated":false"#) { $0.gated = .no },
        Accepted(#""gated":"auto""#) { $0.gated = .automatic },
        Accepted(#""gated":"manual""#) { $0.gated = .manual },
        Accepted(#""gated":null"#) { _ in },
        Accepted(#""tags":[]"#) { _ in },
        Accepted(#""tags":null"#) { _ in },
        Accepted(#""tags":["fp8","region:us"]"#) { $0.tags = ["fp8", "region:us"] },
        Accepted(#""tags":["two\nlines","b"]"#) { $0.tags = ["two lines", "b"] },
        Accepted(#""tags":["two\r\nlines","b\r"]"#) { $0.tags = ["two  lines", "b "] },
        Accepted(#""tags":["license:mit","license:apache-2.0"]"#) {
            $0.tags = ["license:mit", "license:apache-2.0"]
            $0.license = License(id: "mit")
        },
        Accepted(#""tags":["license:"],"cardData":{"license":"llama3"}"#) {
            $0.tags = ["license:"]
            $0.license = License(id: "llama3")
        },
        Accepted(#""tags":["license:mit"],"cardData":{"license":"llama3"}"#) {
            $0.tags = ["license:mit"]
            $0.license = License(id: "mit")
        },
        Accepted(#""cardData":{"license":"gemma"}"#) { $0.license = License(id: "gemma") },
        Accepted(#""cardData":{"license":["a","b"]}"#) { $0.license = License(id: "a") },
        Accepted(#""cardData":{"license":null}"#) { _ in },
        Accepted(#""cardData":null"#) { _ in },
        Accepted(#""somethingNew":{"deep":[1,{"er":2}]},"private":false"#) { _ in },
        Accepted(#""inferenceProviderMapping":[],"_id":"x","modelId":"x/y""#) { _ in },
    ]

    static let moments: [Accepted] = [
        Accepted(#""createdAt":"2022-03-02T23:29:04.000Z""#) {
            $0.createdAt = Timestamp(milliseconds: 1_646_263_744_000)
        },
        Accepted(#""createdAt":"2022-03-03T01:29:04+02:00""#) {
            $0.createdAt = Timestamp(milliseconds: 1_646_263_744_000)
        },
        Accepted(#""lastModified":"2022-03-02T15:29:04.123456-08:00""#) {
            $0.lastModified = Timestamp(milliseconds: 1_646_263_744_123)
        },
        Accepted(#""lastModified":"2026-01-15""#) { $0.lastModified = Timestamp(milliseconds: 1_768_435_200_000) },
        Accepted(#""lastModified":null"#) { _ in },
    ]

    @Test(arguments: counters + texts + moments)
    func aFieldIsReadAndNothingElseChanges(accepted: Accepted) throws {
        var expected = Listing(id: ModelID("owner/name"))
        accepted.change(&expected)
        #expect(try Self.read(#"{"id":"owner/name",\#(accepted.field)}"#) == expected)
        #expect(try Self.read(#"{\#(accepted.field),"id":"owner/name"}"#) == expected)
    }

    private static let whole = "must be a whole number of at least 0"
    private static let time = "must be an RFC 3339 time"
    private static let gate = "must be false, \"auto\" or \"manual\""

    @Test(arguments: [
        (#""downloads":-1"#, "/downloads", whole), (#""downloads":"5""#, "/downloads", whole),
        (#""downloads":1.5"#, "/downloads", whole), (#""downloads":9007199254740992"#, "/downloads", whole),
        (#""downloads":18446744073709551616"#, "/downloads", whole), (#""downloads":1e30"#, "/downloads", whole),
        (#""downloads":true"#, "/downloads", whole), (#""downloads":[]"#, "/downloads", whole),
        (#""downloadsAllTime":"many""#, "/downloadsAllTime", whole), (#""likes":-7"#, "/likes", whole),
        (#""likes":{}"#, "/likes", whole), (#""trendingScore":"11""#, "/trendingScore", "must be a number"),
        (#""trendingScore":false"#, "/trendingScore", "must be a number"),
        (#""createdAt":"yesterday""#, "/createdAt", time), (#""createdAt":1646263744"#, "/createdAt", time),
        (#""createdAt":"2022-02-30T00:00:00Z""#, "/createdAt", time), (#""lastModified":"""#, "/lastModified", time),
        (#""lastModified":"2022-03-02T23:29:04""#, "/lastModified", time),
        (#""author":7"#, "/author", "must be a string"), (#""library_name":[]"#, "/library_name", "must be a string"),
        (#""libraryName":1"#, "/libraryName", "must be a string"),
        (#""pipeline_tag":{}"#, "/pipeline_tag", "must be a string"),
        (#""pipelineTag":true"#, "/pipelineTag", "must be a string"),
        (#""gated":true"#, "/gated", gate), (#""gated":"no""#, "/gated", gate), (#""gated":0"#, "/gated", gate),
        (#""tags":"fp8""#, "/tags", "must be an array"), (#""tags":{}"#, "/tags", "must be an array"),
        (#""tags":["a",7]"#, "/tags/1", "must be a string"), (#""tags":[null]"#, "/tags/0", "must be a string"),
        (#""numParameters":-1"#, "/numParameters", whole), (#""numParameters":1.5"#, "/numParameters", whole),
        (#""numParameters":"8B""#, "/numParameters", whole), (#""numParameters":1e300"#, "/numParameters", whole),
        (#""safetensors":"8B""#, "/safetensors", "must be an object"),
        (#""safetensors":[]"#, "/safetensors", "must be an object"),
        (#""cardData":"license: mit""#, "/cardData", "must be an object"),
    ])
    func aFieldOfTheWrongTypeBreaksTheRowAndIsNamed(field: String, pointer: String, reason: String) {
        #expect(throws: ListingRow.Violation(pointer: pointer, reason: reason)) {
            try Self.read(#"{"id":"owner/name",\#(field)}"#)
        }
    }

    @Test(arguments: ["gpt2", "a/b", "模型/七", "a/b.c-d_e", "0/0", "UPPER/Case", String(repeating: "x", count: 200)])
    func idsAreKeptAsTheyCome(id: String) throws {
        let listing = try Self.read(#"{"id":"\#(id)"}"#)
        #expect(listing.id.text == id)
        #expect(listing.provider == String(id.split(separator: "/")[0]))
    }

    @Test(arguments: [
        (#"{}"#, "is required"), (#"{"id":null}"#, "is required"), (#"{"modelId":"a/b"}"#, "is required"),
        (#"{"id":7}"#, "must be a string"), (#"{"id":["a/b"]}"#, "must be a string"),
        (#"{"id":""}"#, "must be owner/name"), (#"{"id":"/"}"#, "must be owner/name"),
        (#"{"id":"a/"}"#, "must be owner/name"), (#"{"id":"/b"}"#, "must be owner/name"),
        (#"{"id":"a/b/c"}"#, "must be owner/name"), (#"{"id":"a b/c"}"#, "must be owner/name"),
        (#"{"id":"a/b\n"}"#, "must be owner/name"), (#"{"id":"a/\u0000"}"#, "must be owner/name"),
        (#"{"id":"a/b\u007f"}"#, "must be owner/name"),
        (#"{"id":"\#(String(repeating: "x", count: 201))"}"#, "must be owner/name"),
    ])
    func anIDIsRequiredAndPlain(row: String, reason: String) {
        #expect(throws: ListingRow.Violation(pointer: "/id", reason: reason)) { try Self.read(row) }
    }

    @Test(arguments: ["7", "null", "\"a/b\"", "[]", "true", "[{\"id\":\"a/b\"}]"])
    func onlyAnObjectIsARow(row: String) {
        #expect(throws: ListingRow.Violation(pointer: "", reason: "a row must be an object")) { try Self.read(row) }
    }

    @Test(
        arguments: [
            (#"{"id":"a/b","likes":"x"}"#, "a/b"), (#"{"id":7}"#, nil), (#"{}"#, nil), (#"7"#, nil),
            (#"{"id":"\#(String(repeating: "é", count: 300))"}"#, String(repeating: "é", count: 200)),
        ] as [(String, String?)])
    func aBrokenRowStillSaysWhichModelItMeant(row: String, claimed: String?) throws {
        #expect(ListingRow.claimedID(try JSONDocument(parsing: row).root) == claimed)
    }
}

private func exact(_ total: Int64) -> ParameterCount { ParameterCount(total: total, source: .safetensors) }
