import Deployment
import Model
import Testing

@testable import normalizer

@Suite struct LineageTests {
    private static func parent(_ id: String, _ relation: Relation, _ source: LineageSource) -> Parentage {
        Parentage(parent: ModelID(id), relation: relation, source: source)
    }

    @Test(
        arguments: [
            (["base_model:a/b", "base_model:finetune:a/b"], parent("a/b", .finetune, .tag)),
            (["base_model:quantized:a/b"], parent("a/b", .quantized, .tag)),
            (["base_model:adapter:a/b"], parent("a/b", .adapter, .tag)),
            (
                ["base_model:a/b", "base_model:merge:a/b", "base_model:c/d", "base_model:merge:c/d"],
                parent("a/b", .merge, .tag)
            ),
            (["base_model:a/b"], parent("a/b", .unspecified, .tag)),
            (["base_model:gpt2"], parent("gpt2", .unspecified, .tag)),
            (["base_model:sibling:a/b"], nil), (["base_model:"], nil), (["base_model:finetune:"], nil),
            (["base_model:unspecified:a/b"], nil), (["base_model:me/mine"], nil), (["base_model:a/b/c"], nil),
            (["base_model:finetune:me/mine", "base_model:finetune:a/b"], parent("a/b", .finetune, .tag)),
            (["dataset:a/b", "en"], nil),
        ] as [([String], Parentage?)])
    func tagsNameAParent(tags: [String], expected: Parentage?) {
        #expect(TaggedParent.read(tags, of: ModelID("me/mine")) == expected)
    }

    @Test func whatIsStatedComesBeforeTheTypeAndTheTypeBeforeTheTable() {
        let stated = Self.parent("s/s", .adapter, .peft)
        let typed = Self.parent("t/t", .unspecified, .modelType)
        let curated = Self.parent("c/c", .finetune, .curated)
        let me = ModelID("me/mine")
        let rules = LineageRules(ParentTable(models: [me: curated], modelTypes: ["tt": typed]))
        #expect(rules.parentage(of: me, stated: stated, modelType: "tt") == stated)
        #expect(rules.parentage(of: me, stated: nil, modelType: "tt") == typed)
        #expect(rules.parentage(of: me, stated: nil, modelType: "uu") == curated)
        #expect(rules.parentage(of: ModelID("x/y"), stated: nil, modelType: nil) == nil)
        #expect(rules.parentage(of: ModelID("t/t"), stated: nil, modelType: "tt") == nil)
    }
}
