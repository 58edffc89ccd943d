import JSON
import Model
import TestKit
import Testing

@testable import scorer

@Suite struct FamilyRootsTests {
    private static func roots(_ parents: [String: String]) -> [String: String] {
        let found = FamilyRoots.find(
            Dictionary(uniqueKeysWithValues: parents.map { (ModelID($0), ModelID($1)) }))
        return Dictionary(uniqueKeysWithValues: found.map { ($0.text, $1.text) })
    }

    @Test func parentsAreFollowedToTheirEnd() {
        #expect(Self.roots([:]).isEmpty)
        #expect(Self.roots(["b": "a", "c": "b", "d": "c", "x": "y"]) == ["b": "a", "c": "a", "d": "a", "x": "y"])
    }

    @Test func aCircleHasItsSmallestIDAsRoot() {
        #expect(Self.roots(["b": "a", "a": "b"]) == ["a": "a", "b": "a"])
        #expect(
            Self.roots(["c": "b", "b": "d", "d": "c", "a": "d", "Z": "a"])
                == ["b": "b", "c": "b", "d": "b", "a": "b", "Z": "b"])
        #expect(Self.roots(["a": "a"]) == ["a": "a"])
    }

    /// Random graphs, compared with following each model by itself for as many steps as there are models.
    @Test(arguments: UInt64(0)..<60)
    func everyModelEndsWhereItsStepsEnd(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        let count = Int.random(in: 1...40, using: &chance)
        var parents: [String: String] = [:]
        for model in 0..<count where Bool.random(using: &chance) {
            parents["m\(model)"] = "m\(Int.random(in: 0..<count, using: &chance))"
        }
        let found = Self.roots(parents)
        #expect(Set(found.keys) == Set(parents.keys))
        for model in parents.keys {
            var current = model
            for _ in 0..<count { current = parents[current] ?? current }
            // After so many steps one is at a root, or in a circle: the smallest of a further round.
            var smallest = current
            for _ in 0..<count {
                current = parents[current] ?? current
                smallest = min(smallest, current)
            }
            #expect(found[model] == smallest, "\(model) of \(parents)")
        }
    }

    /// The figures of the recorded listing: 585 by tags that state a relation, and three fewer by the four bare tags,
    /// of whose parents three are listed.
    @Test(arguments: [(false, 528, 379, 585), (true, 532, 382, 582)])
    func theRecordedThousandHaveTheirKnownRoots(bare: Bool, parents: Int, listed: Int, roots: Int) throws {
        let root = try JSONDocument(parsing: unpacked("samples/hub-week/2026-05-04T0843Z.json.gz")).root
        var found: [ModelID: ModelID] = [:]
        var ids: Set<ModelID> = []
        for row in try #require(root["models"]).elements {
            let id = ModelID(try #require(row["id"]?.string))
            ids.insert(id)
            let stated = try #require(row["tags"]).elements.compactMap { $0.string }
                .filter { $0.hasPrefix("base_model:") }.map { $0.split(separator: ":").dropFirst() }
            let parent = stated.first { $0.count == 2 }?.last ?? (bare ? stated.first?.last : nil)
            found[id] = parent.map { ModelID(String($0)) }
        }
        let byModel = FamilyRoots.find(found)
        #expect(ids.count == 1_000 && found.count == parents)
        #expect(found.values.count { ids.contains($0) } == listed)
        #expect(Set(ids.map { byModel[$0] ?? $0 }).count == roots)
    }

    @Test func thePublicationHasTheRoots() async throws {
        let rig = try StageRig()
        let observed = Observed.madeUp(hour: 0, [1, 2, 3, 4, 5])
        var listings = observed.listings
        for (child, parent) in [(1, "m/0"), (2, "m/1"), (3, "not/listed")] {
            listings[child].parentage = Parentage(parent: ModelID(parent), relation: .finetune, source: .tag)
        }
        try await rig.arrive(Observed(at: observed.at, listings: listings))
        let places = Dictionary(
            uniqueKeysWithValues: try rig.standings().map { ($0.listing.id.text, $0.family) })
        #expect(
            places.mapValues(\.root.text) == [
                "m/0": "m/0", "m/1": "m/0", "m/2": "m/0", "m/3": "not/listed", "m/4": "m/4",
            ])
        #expect(places["m/2"]?.parentage?.parent.text == "m/1" && places["m/0"]?.parentage == nil)
    }
}
