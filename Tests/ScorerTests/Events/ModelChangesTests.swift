import TestKit
import Testing

@testable import Scoring
@testable import scorer

@Suite struct ModelChangesTests {
    private static func places(_ ranks: [UInt32: Int64]) -> CounterColumn {
        let keys = ranks.keys.sorted()
        return CounterColumn(keys: keys, values: keys.map { ranks[$0] ?? 0 })
    }

    @Test func comingsGoingsAndMovesAreTold() {
        let changes = ModelChanges(
            from: Self.places([1: 1, 2: 2, 3: 3, 4: 4, 9: 5]), to: Self.places([1: 2, 2: 1, 3: 3, 5: 4, 9: 5]))
        #expect(changes.added == [.init(model: 5, rank: 4)])
        #expect(changes.removed == [.init(model: 4, rank: 4)])
        #expect(changes.moved == [.init(model: 2, before: 2, now: 1), .init(model: 1, before: 1, now: 2)])
    }

    @Test func theFirstSnapshotTellsNothing() {
        let changes = ModelChanges(from: .empty, to: Self.places([1: 1, 2: 2]))
        #expect(changes.added.isEmpty && changes.removed.isEmpty && changes.moved.isEmpty)
    }

    @Test func aPartOfAFeedIsNoRemoval() {
        let all = Self.places(Dictionary(uniqueKeysWithValues: (1...100).map { (UInt32($0), Int64($0)) }))
        let part = Self.places(Dictionary(uniqueKeysWithValues: (1...40).map { (UInt32($0), Int64(41 - $0)) }))
        for changes in [ModelChanges(from: all, to: part), ModelChanges(from: part, to: all)] {
            #expect(changes.added.isEmpty && changes.removed.isEmpty && changes.moved.isEmpty)
        }
    }

    @Test func onlyTheFirstPlacesMove() {
        let before = Self.places([1: 24, 2: 26, 3: 27, 4: 28])
        let changes = ModelChanges(from: before, to: Self.places([1: 26, 2: 24, 3: 28, 4: 27]))
        #expect(changes.moved.map(\.model) == [2, 1])
    }

    @Test(arguments: UInt64(0)..<100)
    func everyChangeIsFoundOnceUpToTheLimit(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        func draw() -> [UInt32: Int64] {
            var keys = (0..<UInt32(400)).filter { _ in Int.random(in: 0..<3, using: &chance) > 0 }
            keys.shuffle(using: &chance)
            return Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, Int64($0 + 1)) })
        }
        let (before, now) = (draw(), draw())
        let changes = ModelChanges(from: Self.places(before), to: Self.places(now))
        let added = now.filter { before[$0.key] == nil }.sorted { $0.value < $1.value }.prefix(100)
        let removed = before.filter { now[$0.key] == nil }.sorted { $0.value < $1.value }.prefix(100)
        #expect(changes.added.map(\.model) == added.map(\.key))
        #expect(changes.removed.map(\.model) == removed.map(\.key))
        let moved = now.filter { model, rank in before[model].map { $0 != rank && min($0, rank) <= 25 } ?? false }
        #expect(Set(changes.moved.map(\.model)) == Set(moved.keys))
    }
}
