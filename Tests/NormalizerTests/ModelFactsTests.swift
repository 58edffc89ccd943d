import Deployment
import JSON
import Model
import TestKit
import Testing

@testable import normalizer

/// Whole rows in the shape that the Hub's listing has, against the tables that a deployment starts with.
@Suite struct ModelFactsTests {
    private static func complete(_ row: String) throws -> Listing {
        try ModelFacts.shipped().complete(ListingRow.read(JSONDocument(parsing: row).root))
    }

    @Test func aFineTunedModelHasItsOwnCountAndItsParentsName() throws {
        let listing = try Self.complete(
            #"""
            {"id":"me/tuned","author":"me","private":false,"disabled":false,"gated":"auto","downloads":5,
             "baseModels":{"relation":"finetune","models":[{"_id":"1","id":"Qwen/Qwen3-30B-A3B"}]},
             "tags":["base_model:Qwen/Qwen3-30B-A3B","conversational","qwen3_moe","license:apache-2.0"],
             "cardData":{"license":"apache-2.0","base_model":["Qwen/Qwen3-30B-A3B"]},"pipeline_tag":"text-generation",
             "config":{"model_type":"qwen3_moe","architectures":["X"]},"inferenceProviderMapping":[],
             "safetensors":{"parameters":{"BF16":30532122624},"total":30532122624}}
            """#)
        #expect(listing.parameters == ParameterCount(total: 30_532_122_624, source: .safetensors))
        #expect(listing.license == License(id: "apache-2.0", name: "Apache-2.0", kind: .permissive))
        #expect(
            listing.parentage
                == Parentage(parent: ModelID("Qwen/Qwen3-30B-A3B"), relation: .finetune, source: .baseModels))
        #expect(
            listing.capabilities == [CapabilityClaim(.chat, source: .tag), CapabilityClaim(.moe, source: .tag)])
    }

    @Test func packedWeightsHaveTheFactsOfWhatTheyPack() throws {
        let listing = try Self.complete(
            #"""
            {"id":"me/GLM-4.5-GGUF","tags":["gguf","base_model:quantized:zai-org/GLM-4.5","license:mit"],
             "gguf":{"total":358337791296,"architecture":"glm4moe","context_length":131072}}
            """#)
        #expect(
            listing.parameters == ParameterCount(total: 358_337_791_296, active: 32_000_000_000, source: .gguf))
        let inherited = listing.capabilities.filter { $0.source == .inherited }.map(\.capability)
        #expect(inherited.contains(.tools) && inherited.contains(.chat))
        #expect(listing.capabilities.contains(CapabilityClaim(.moe, source: .derived)))
    }

    @Test func anAdapterHasTheSizeOfWhatItIsLoadedInto() throws {
        let listing = try Self.complete(
            #"""
            {"id":"me/style-lora","library_name":"peft","tags":["lora"],
             "config":{"peft":{"base_model_name_or_path":"zai-org/GLM-4.5-Air","task_type":"CAUSAL_LM"}},
             "cardData":{"license":"other","license_name":"modified-mit"},
             "safetensors":{"parameters":{"F32":20971520},"total":20971520}}
            """#)
        #expect(
            listing.parameters
                == ParameterCount(total: 106_000_000_000, active: 12_000_000_000, source: .curated))
        #expect(listing.license == License(id: "other", name: "Modified MIT", kind: .custom))
        #expect(listing.parentage?.relation == .adapter && listing.parentage?.source == .peft)
        #expect(!listing.capabilities.contains { $0.source == .inherited })
    }

    @Test func whatIsNotSaidStaysUnknown() throws {
        let listing = try Self.complete(#"{"id":"me/mine","tags":["license:unknown","region:us"]}"#)
        #expect(listing.parameters == nil && listing.license == nil && listing.parentage == nil)
        #expect(listing.capabilities.isEmpty && !listing.isPrivate)
    }

    /// Values of every kind in place of each other: a row is read or refused with its place, and never a crash.
    @Test(arguments: UInt64(0)..<200)
    func anyRowIsReadOrRefused(seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        let values = [
            "null", "7", "-1", "1e300", "true", #""""#, #""a/b""#, #""x y""#, "[]", "{}", #"["a/b"]"#, "[7]",
            #"{"total":"8"}"#, #"{"total":8,"parameters":{"U8":8}}"#, #"{"total":8,"parameters":[7]}"#,
            #"{"models":[{"id":"a/b"}],"relation":"merge"}"#, #"{"models":[7]}"#, #"{"model_type":"dbrx"}"#,
            #"{"peft":{"base_model_name_or_path":"a/b"}}"#, #"{"peft":7}"#, #"{"license":[7],"base_model":{}}"#,
            #"{"license":"other","license_name":"🦙"}"#, #"["base_model:merge:🦙/🦙","base_model:","license:"]"#,
        ]
        let fields = [
            "baseModels", "tags", "cardData", "config", "gguf", "safetensors", "private", "disabled",
            "inferenceProviderMapping", "numParameters", "library_name", "pipeline_tag",
        ]
        let row = fields.map { "\"\($0)\":\(values.randomElement(using: &chance) ?? "0")" }.joined(separator: ",")
        let document = try JSONDocument(parsing: #"{"id":"me/7B-x_A1B",\#(row)}"#)
        do throws(ListingRow.Violation) {
            let read = try ListingRow.read(document.root)
            let listing = ModelFacts.none.complete(read)
            #expect(listing.parentage?.parent != listing.id && listing.parameters?.total != 0)
        } catch {
            #expect(fields.contains { error.pointer.hasPrefix("/\($0)") }, "\(error)")
        }
    }
}
