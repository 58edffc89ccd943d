import Deployment
import Model
import Testing

@testable import normalizer

@Suite struct ParameterRulesTests {
    private static let rules = ParameterRules([
        CuratedSize(id: ModelID("a/Big-30B"), total: 31_000_000_000, active: 3_000_000_000),
        CuratedSize(id: ModelID("a/Plain"), total: 5_000_000_000),
        CuratedSize(id: ModelID("a/Twin"), total: 1), CuratedSize(id: ModelID("b/twin"), total: 2),
        CuratedSize(id: ModelID("a/Same"), total: 7), CuratedSize(id: ModelID("b/Same"), total: 7, active: 3),
    ])

    private static func count(
        _ id: String, exact: ParameterCount? = nil, _ relation: Relation? = nil, of parent: String = "a/Plain",
        library: String? = nil
    ) -> ParameterCount? {
        var listing = Listing(id: ModelID(id))
        listing.parameters = exact
        listing.library = library
        listing.parentage = relation.map { Parentage(parent: ModelID(parent), relation: $0, source: .tag) }
        return rules.count(of: listing)
    }

    @Test func anExactCountStandsAndLearnsWhatIsActive() {
        let exact = ParameterCount(total: 30_500_000_000, source: .safetensors)
        #expect(Self.count("x/Any", exact: exact) == exact)
        let known = ParameterCount(total: 30_500_000_000, active: 3_000_000_000, source: .safetensors)
        #expect(Self.count("a/Big-30B", exact: exact) == known)
        #expect(Self.count("x/y-30B-A3B", exact: exact) == known)
        #expect(Self.count("x/y", exact: exact, .quantized, of: "a/Big-30B") == known)
        #expect(Self.count("x/y-30B-A31B", exact: exact) == exact)
    }

    @Test func theCuratedTableComesBeforeTheName() {
        let big = ParameterCount(total: 31_000_000_000, active: 3_000_000_000, source: .curated)
        #expect(Self.count("a/Big-30B") == big)
        #expect(Self.count("x/Big-30B-GGUF", .quantized, of: "a/Big-30B") == big)
        #expect(Self.count("x/Other-7B", .quantized)?.source == .curated)
        #expect(Self.count("x/Other-7B", .finetune) == ParameterCount(total: 7_000_000_000, source: .name))
    }

    @Test func aCopyUnderAnotherOwnerIsAnEstimate() {
        let copy = ParameterCount(total: 31_000_000_000, active: 3_000_000_000, source: .name)
        #expect(Self.count("x/Big-30B-AWQ-4bit") == copy)
        #expect(Self.count("x/Twin") == nil)
        #expect(Self.count("x/same") == ParameterCount(total: 7, active: 3, source: .name))
    }

    @Test func anAdapterHasTheSizeOfWhatItAdapts() {
        let own = ParameterCount(total: 20_000_000, source: .safetensors)
        #expect(
            Self.count("x/style", exact: own, .adapter) == ParameterCount(total: 5_000_000_000, source: .curated))
        #expect(
            Self.count("x/style", exact: own, .adapter, of: "z/z-2B")
                == ParameterCount(
                    total: 2_000_000_000, source: .name))
        #expect(Self.count("x/style", exact: own, .adapter, of: "z/z") == nil)
        #expect(Self.count("x/style", exact: own, library: "peft") == nil)
    }

    @Test(arguments: Relation.allCases)
    func aChildWithoutASizeInItsNameHasItsParentsUnlessTheyMayDiffer(relation: Relation) {
        let count = Self.count("x/y", relation)
        let total = count?.total
        #expect(total == (relation == .merge || relation == .unspecified ? nil : 5_000_000_000))
        #expect(count?.isEstimated == (total == nil ? nil : relation == .finetune))
        #expect(Self.count("x/y", relation, of: "z/z-2B")?.total == (total == nil ? nil : 2_000_000_000))
    }

    @Test func whatNothingSaysIsUnknown() {
        #expect(Self.count("x/y") == nil && Self.count("x/y", .finetune, of: "z/z") == nil)
    }
}
