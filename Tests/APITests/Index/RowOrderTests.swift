import Model
import TestKit
import Testing

@testable import api

@Suite struct RowOrderTests {
    /// Texts of few letters and unlike lengths, so that many begin alike; with NUL, which pads what is short.
    private static func texts(seed: UInt64) -> [String] {
        var random = SplitMix64(seed: seed)
        return (0..<500).map { _ in
            (0..<Int.random(in: 0...20, using: &random))
                .map { _ in ["a", "a", "a", "a", "b", "é", "z", "\0"][Int.random(in: 0..<8, using: &random)] }
                .joined()
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func textsAreSortedBytewise(seed: UInt64) {
        let texts = Self.texts(seed: seed)
        var column = TextColumn()
        for text in texts { column.append(text) }
        let wanted = texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(column.order().map { Array(column[Int($0)].utf8) } == wanted.map { Array($0.utf8) })
    }

    @Test(arguments: [0, 1, 7, 3_000], [UInt64(1), 12, 2_100, .max])
    func numbersAreSortedAndEqualOnesStay(count: Int, largest: UInt64) {
        var random = SplitMix64(seed: largest &+ UInt64(count))
        let keys = (0..<count).map { _ in UInt64.random(in: 0...largest, using: &random) }
        let rows = (0..<UInt32(count)).shuffled(using: &random)
        let wanted = rows.enumerated().sorted { left, right in
            let (first, second) = (keys[Int(left.element)], keys[Int(right.element)])
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
        #expect(RowOrder.sorted(rows, by: keys) == wanted)
    }

    @Test func ranksSayWhichRowComesWhere() {
        #expect(RowOrder.ofRanks([3, 1, 2]) == [1, 2, 0])
        #expect(RowOrder.ofRanks([]) == [])
        // A rank that is missing or there twice loses no row.
        #expect(RowOrder.ofRanks([9, 2, 2, 0]) == [3, 1, 2, 0])
    }

    @Test func rowsInAnotherOrderAreTheSameRows() throws {
        let fixture = try IndexFixture(count: 300, seed: 11)
        var random = SplitMix64(seed: 12)
        let shuffled = Array(fixture.standings.enumerated()).shuffled(using: &random)
        var columns = ModelColumns()
        for (number, standing) in shuffled { columns.append(UInt32(number + 1), standing) }
        columns.reorder(RowOrder.ofRanks(shuffled.map { UInt32($0.element.rank) }))
        for (row, standing) in fixture.standings.enumerated() { #expect(columns[row] == standing) }
        #expect(columns.models == (1...300).map { UInt32($0) })
    }

    /// Whether a list is kept in its order or found on the way, each page of it has the rows that the whole has there.
    @Test(arguments: [0, 1, 40, 200, 300])
    func aPageIsAPartOfTheWhole(kept: Int) {
        var random = SplitMix64(seed: UInt64(kept))
        let order = (0..<UInt32(300)).shuffled(using: &random)
        let mask = (0..<300).map { $0 < kept }.shuffled(using: &random)
        let wanted = order.filter { mask[Int($0)] }
        let selections = [
            RowSelection(OrderedRows(order), [RowSet(mask)], count: kept), RowSelection(wanted),
            // Of a large snapshot the first rows are at hand, and the others made again.
            RowSelection(OrderedRows(first: Array(order.prefix(60))) { order }, [RowSet(mask)], count: kept),
            RowSelection(OrderedRows(first: Array(wanted.prefix(30))) { wanted }, [], count: kept),
        ]
        for selection in selections {
            #expect(selection.count == kept && selection.all == wanted)
            for start in stride(from: 0, through: kept, by: 7) {
                let places = start..<min(kept, start + 25)
                #expect(Array(selection.rows(places)) == Array(wanted[places]))
            }
        }
    }

    @Test func trendsAreKeptForTheModelsThatWereRead() {
        let cache = TrendCache()
        #expect(cache.trends(of: [1, 2]) == nil)
        cache.keep([[1, nil], [2, 3]], of: [1, 2])
        #expect(cache.trends(of: [2, 1]) == [[2, 3], [1, nil]])
        #expect(cache.trends(of: [1, 2, 3]) == nil)
        // However many are asked for, the cache does not grow without end.
        for model in 3..<25_000 as Range<UInt32> { cache.keep([[0]], of: [model]) }
        #expect(cache.trends(of: [24_999]) == [[0]])
        #expect(cache.trends(of: [1]) == nil)
    }
}
