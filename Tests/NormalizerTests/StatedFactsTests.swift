import JSON
import Model
import Testing

@testable import normalizer

@Suite struct StatedFactsTests {
    private static func read(_ fields: String) throws -> HubRow {
        try ListingRow.read(JSONDocument(parsing: #"{"id":"me/mine",\#(fields)}"#).root)
    }

    private static func parent(_ id: String, _ relation: Relation, _ source: LineageSource) -> Parentage {
        Parentage(parent: ModelID(id), relation: relation, source: source)
    }

    @Test(
        arguments: [
            (
                #""baseModels":{"relation":"quantized","models":[{"_id":"1","id":"a/b"},{"id":"c/d"}]}"#,
                parent("a/b", .quantized, .baseModels)
            ),
            (#""baseModels":{"models":[{"id":"a/b"}]}"#, parent("a/b", .unspecified, .baseModels)),
            (#""baseModels":{"relation":"sibling","models":[{"id":"a/b"}]}"#, parent("a/b", .unspecified, .baseModels)),
            (
                #""baseModels":{"relation":"merge","models":[{"id":"me/mine"},{"id":"c/d"}]}"#,
                parent("c/d", .merge, .baseModels)
            ),
            (#""baseModels":{"models":[]},"tags":["base_model:a/b"]"#, parent("a/b", .unspecified, .tag)),
            (#""baseModels":{"models":null}"#, nil), (#""baseModels":null"#, nil), (#""baseModels":{}"#, nil),
            (
                #""baseModels":{"relation":"adapter","models":[{"id":"a/b"}]},"tags":["base_model:merge:c/d"]"#,
                parent("a/b", .adapter, .baseModels)
            ),
            (#""tags":["base_model:merge:c/d"],"cardData":{"base_model":"e/f"}"#, parent("c/d", .merge, .tag)),
            (
                #""cardData":{"base_model":"e/f"},"config":{"peft":{"base_model_name_or_path":"g/h"}}"#,
                parent("e/f", .unspecified, .cardData)
            ),
            (#""cardData":{"base_model":["e/f"]}"#, parent("e/f", .unspecified, .cardData)),
            (#""cardData":{"base_model":["e/f","g/h"]}"#, parent("e/f", .merge, .cardData)),
            (
                #""cardData":{"base_model":"e/f","base_model_relation":"quantized"}"#,
                parent("e/f", .quantized, .cardData)
            ),
            (#""cardData":{"base_model":[]}"#, nil), (#""cardData":{"base_model":null}"#, nil),
            (#""cardData":{"base_model":"me/mine"}"#, nil), (#""cardData":{"base_model":"not a model"}"#, nil),
            (#""config":{"peft":{"base_model_name_or_path":"g/h"}}"#, parent("g/h", .adapter, .peft)),
            (#""config":{"peft":{"base_model_name_or_path":"gpt2"}}"#, parent("gpt2", .adapter, .peft)),
            (#""config":{"peft":{"base_model_name_or_path":"/models/x"}}"#, nil),
            (#""config":{"peft":{"base_model_name_or_path":"./out"}}"#, nil),
            (#""config":{"peft":{"base_model_name_or_path":""}}"#, nil), (#""config":{"peft":{}}"#, nil),
        ] as [(String, Parentage?)])
    func theParentComesFromTheMostTrustedPlaceThatNamesOne(fields: String, expected: Parentage?) throws {
        #expect(try Self.read(fields).listing.parentage == expected)
    }

    @Test(
        arguments: [
            (
                #""gguf":{"total":8030261248,"architecture":"llama"}"#,
                ParameterCount(total: 8_030_261_248, source: .gguf)
            ),
            (
                #""gguf":{"total":8},"safetensors":{"parameters":{"BF16":9},"total":9}"#,
                ParameterCount(total: 9, source: .safetensors)
            ),
            (
                #""gguf":{"total":8},"safetensors":{"parameters":{"U8":4},"total":4}"#,
                ParameterCount(total: 8, source: .gguf)
            ),
            (
                #""safetensors":{"parameters":{"F32":109482240,"I64":512},"total":109482752}"#,
                ParameterCount(total: 109_482_240, source: .safetensors)
            ),
            (#""safetensors":{"parameters":{"I64":512},"total":512}"#, nil),
            (#""safetensors":{"parameters":{"F32":5,"I64":-1},"total":4}"#, nil),
            (#""gguf":{"total":0}"#, nil), (#""gguf":{"total":null}"#, nil), (#""gguf":{}"#, nil),
            (#""gguf":null"#, nil), (#""gguf":{"total":1e30}"#, nil),
        ] as [(String, ParameterCount?)])
    func countsAreThoseOfUnpackedWeights(fields: String, expected: ParameterCount?) throws {
        #expect(try Self.read(fields).listing.parameters == expected)
    }

    @Test(
        arguments: [
            (#""cardData":{"license":"other","license_name":"mrl"}"#, License(id: "other", name: "mrl")),
            (
                #""tags":["license:other"],"cardData":{"license_name":"two\nlines"}"#,
                License(id: "other", name: "two lines")
            ),
            (#""cardData":{"license_name":"mrl"}"#, nil), (#""cardData":{"license":""}"#, nil),
            (#""cardData":{"license":["mit","gemma"]}"#, License(id: "mit")),
        ] as [(String, License?)])
    func aLicenceHasTheNameThatItsCardGives(fields: String, expected: License?) throws {
        #expect(try Self.read(fields).listing.license == expected)
    }

    @Test(arguments: [
        (#""private":true"#, true), (#""private":false"#, false), (#""private":null"#, false),
        (#""disabled":true,"private":true"#, true),
    ])
    func aPrivateModelIsSaidToBeOne(fields: String, expected: Bool) throws {
        #expect(try Self.read(fields).listing.isPrivate == expected)
    }

    @Test(
        arguments: [
            (#""config":{"model_type":"qwen3_moe"}"#, "qwen3_moe"), (#""config":{}"#, nil), (#""config":null"#, nil),
            (#""config":{"model_type":null}"#, nil), (#""inferenceProviderMapping":{"a":{}}"#, nil),
        ] as [(String, String?)])
    func theArchitectureIsRead(fields: String, expected: String?) throws {
        #expect(try Self.read(fields).modelType == expected)
    }

    @Test(arguments: [
        (#""private":"yes""#, "/private", "must be true or false"),
        (#""disabled":0"#, "/disabled", "must be true or false"),
        (#""config":7"#, "/config", "must be an object"),
        (#""config":{"model_type":7}"#, "/config/model_type", "must be a string"),
        (
            #""config":{"peft":{"base_model_name_or_path":[]}}"#, "/config/peft/base_model_name_or_path",
            "must be a string"
        ),
        (#""gguf":[]"#, "/gguf", "must be an object"), (#""gguf":{"total":"8B"}"#, "/gguf/total", "must be a number"),
        (#""safetensors":{"total":"8B"}"#, "/safetensors/total", "must be a number"),
        (#""baseModels":[]"#, "/baseModels", "must be an object"),
        (#""baseModels":{"models":{}}"#, "/baseModels/models", "must be an array"),
        (#""baseModels":{"models":[{"id":"a/b"},{"id":7}]}"#, "/baseModels/models/1/id", "must be a string"),
        (#""baseModels":{"relation":7,"models":[]}"#, "/baseModels/relation", "must be a string"),
        (#""cardData":{"base_model":7}"#, "/cardData/base_model", "must be a string or an array of strings"),
        (#""cardData":{"base_model":["a/b",7]}"#, "/cardData/base_model", "must be a string or an array of strings"),
        (#""cardData":{"license_name":[]}"#, "/cardData/license_name", "must be a string"),
        (#""inferenceProviderMapping":"x""#, "/inferenceProviderMapping", "must be an array or an object"),
    ])
    func aFactOfTheWrongTypeBreaksTheRowAndIsNamed(fields: String, pointer: String, reason: String) {
        #expect(throws: ListingRow.Violation(pointer: pointer, reason: reason)) { try Self.read(fields) }
    }
}
