import TestKit
import Testing

@testable import Scoring

@Suite struct MergeJoinTests {
    @Test(arguments: UInt64(0)..<100)
    func findsWhatDictionariesFind(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let left = generator.counters(atMost: 60)
        let right = generator.counters(atMost: 60)
        let leftColumn = CounterColumn(left)
        let rightColumn = CounterColumn(right)
        var shared: [UInt32] = []
        forEachShared(leftColumn.keys, rightColumn.keys) { leftIndex, rightIndex in
            #expect(leftColumn.keys[leftIndex] == rightColumn.keys[rightIndex])
            shared.append(leftColumn.keys[leftIndex])
        }
        #expect(shared == Set(left.keys).intersection(right.keys).sorted())
    }

    @Test(arguments: UInt64(0)..<100)
    func cursorReadsWhatADictionaryHolds(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let counters = generator.counters(atMost: 40)
        var cursor = ColumnCursor(CounterColumn(counters))
        for key in UInt32(0)...45 where Bool.random(using: &generator) {
            let held = counters[key].flatMap { $0 < 0 ? nil : $0 }
            #expect(cursor.value(at: key) == held)
        }
    }

    @Test(arguments: [([UInt32](), true), ([7], true), ([1, 2, 9], true), ([1, 1], false), ([2, 1], false)])
    func tellsAscendingKeys(keys: [UInt32], ascending: Bool) {
        #expect(keys.isStrictlyAscending == ascending)
    }
}
