import Deployment
import Model
import Testing

@testable import normalizer

@Suite struct CapabilityRulesTests {
    private static let rules = CapabilityRules(
        CapabilityTable(
            models: [ModelID("a/base"): [.chat, .tools], ModelID("me/mine"): [.vision]],
            pipelines: ["image-text-to-text": [.vision]], tags: ["tool-use": [.tools], "moe": [.moe]],
            mixtures: ["x_moe"]))

    private static func claims(
        _ id: String = "me/other", modelType: String? = nil, _ change: (inout Listing) -> Void
    ) -> [CapabilityClaim] {
        var listing = Listing(id: ModelID(id))
        change(&listing)
        return rules.claims(of: listing, modelType: modelType)
    }

    @Test func eachSourceIsNamed() {
        #expect(Self.claims("a/base") { _ in } == [.init(.chat, source: .curated), .init(.tools, source: .curated)])
        #expect(Self.claims { $0.pipeline = "image-text-to-text" } == [.init(.vision, source: .pipeline)])
        #expect(Self.claims { $0.tags = ["Tool-Use", "en"] } == [.init(.tools, source: .tag)])
        #expect(Self.claims { $0.tags = ["x_moe"] } == [.init(.moe, source: .tag)])
        #expect(Self.claims(modelType: "x_moe") { _ in } == [.init(.moe, source: .derived)])
        let mixture = ParameterCount(total: 30, active: 3, source: .name)
        #expect(Self.claims { $0.parameters = mixture } == [.init(.moe, source: .derived)])
        #expect(Self.claims { $0.parameters = ParameterCount(total: 30, active: 30, source: .name) }.isEmpty)
        #expect(Self.claims(modelType: "x") { $0.pipeline = "robotics" }.isEmpty)
    }

    @Test func theMostTrustedSourceStandsAndComesFirst() {
        let claims = Self.claims("me/mine", modelType: "x_moe") {
            $0.tags = ["moe", "tool-use"]
            $0.pipeline = "image-text-to-text"
        }
        #expect(
            claims == [.init(.vision, source: .curated), .init(.tools, source: .tag), .init(.moe, source: .tag)])
    }

    @Test(arguments: Relation.allCases)
    func onlyPackedWeightsInherit(relation: Relation) {
        let claims = Self.claims {
            $0.parentage = Parentage(parent: ModelID("a/base"), relation: relation, source: .tag)
        }
        let inherited = [CapabilityClaim(.chat, source: .inherited), CapabilityClaim(.tools, source: .inherited)]
        #expect(claims == (relation == .quantized ? inherited : []))
    }

    @Test func theShippedTableKnowsRealModels() throws {
        let facts = try ModelFacts.shipped()
        var listing = Listing(id: ModelID("someone/Qwen3-30B-A3B-GGUF"))
        listing.parentage = Parentage(parent: ModelID("Qwen/Qwen3-30B-A3B"), relation: .quantized, source: .tag)
        let claims = facts.complete(HubRow(listing: listing)).capabilities
        #expect(claims.contains(CapabilityClaim(.tools, source: .inherited)))
        #expect(claims.contains(CapabilityClaim(.moe, source: .derived)))
    }
}
