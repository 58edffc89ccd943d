import Model
import TestKit
import Testing

@testable import api

/// Selections, orders and counts that are made 64 rows at a time, against the same made row by row.
@Suite struct SelectionTests {
    /// An index takes other ways for few rows and for many; here each is taken whatever the size.
    private static let limits = [
        ModelIndex.Limits(), ModelIndex.Limits(few: 0, sorted: 0, first: 20, counted: 0),
        ModelIndex.Limits(few: 40, sorted: 90, first: 30, counted: 30),
        ModelIndex.Limits(few: 0, sorted: 1_000, first: 1, counted: 1_000),
    ]

    @Test(arguments: 0..<8 as Range<UInt64>, limits.indices)
    func aListIsWhatOneFindsRowByRow(seed: UInt64, kind: Int) throws {
        let fixture = try IndexFixture(count: 200 + Int(seed), seed: seed, limits: Self.limits[kind])
        var random = SplitMix64(seed: seed &+ 77)
        for _ in 0..<20 {
            let filter = RowByRow.filter(&random)
            let key = ModelSort.Key.allCases[Int.random(in: 0..<ModelSort.Key.allCases.count, using: &random)]
            let sort = ModelSort(key: key, descending: Bool.random(using: &random))
            let wanted = RowByRow.sorted(fixture.standings.filter { RowByRow.fits(filter, $0) }, sort)
                .map(\.listing.id.text)
            let selection = fixture.index.selection(filter, sort: sort, profile: "default")
            #expect(selection.count == wanted.count)
            // Asked for again, from what was kept: in whole, and page by page.
            for _ in 0..<2 {
                let rows = fixture.index.rows(filter, sort: sort, profile: "default")
                #expect(rows.map { fixture.index.columns.ids[Int($0)] } == wanted, "\(filter) \(sort.text)")
            }
            let start = Int.random(in: 0...wanted.count, using: &random)
            let places = start..<min(wanted.count, start + 25)
            #expect(selection.rows(places).map { fixture.index.columns.ids[Int($0)] } == Array(wanted[places]))
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>, limits.indices)
    func menusCountWhatOneCountsRowByRow(seed: UInt64, kind: Int) async throws {
        let fixture = try IndexFixture(count: 300, seed: seed, limits: Self.limits[kind])
        var random = SplitMix64(seed: seed &+ 78)
        for _ in 0..<10 {
            let filter = RowByRow.filter(&random)
            let wanted = RowByRow.facets(filter, fixture.standings)
            let isAlone = Bool.random(using: &random)
            let counted = isAlone ? fixture.index.facets(filter) : await fixture.index.concurrentFacets(filter)
            #expect(RowByRow.Facets(counted) == wanted, "\(filter)")
        }
    }

    /// The first rows of an order are also made from the other end of the opposite one.
    @Test(arguments: ModelSort.Key.allCases, [0, 1, 70, 250, 300, 400])
    func anOrderIsTheOppositeOnesFromTheOtherEnd(key: ModelSort.Key, first: Int) throws {
        let (columns, sort) = (
            try IndexFixture(count: 300, seed: 5).index.columns, ModelSort(key: key, descending: true)
        )
        let idOrder = columns.ids.order()
        func order(_ sort: ModelSort) -> [UInt32] { sort.order(of: columns, idOrder: idOrder, totals: columns.total) }
        for (own, opposite) in [(sort, sort.reversed), (sort.reversed, sort)] {
            let last = own.reversed(order(own), first: first, of: columns, totals: columns.total)
            #expect(last == Array(order(opposite).prefix(first)))
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func wordsAreFoundWherePartsOfIdsHaveThem(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func text(_ most: Int) -> String {
            let letters = ["a", "A", "b", "B", "7", "é", "-", "/", ".", "_", "\u{1}"]
            return (0..<Int.random(in: 1...most, using: &random))
                .map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] }.joined()
        }
        var column = TextColumn()
        let texts = (0..<Int.random(in: 0...400, using: &random)).map { _ in text(14) }
        for text in texts { column.append(text) }
        let names = NameIndex(column, common: [1, 2, 5, 20, 255][Int(seed % 5)])
        for _ in 0..<60 {
            let word = text(5).foldedBytes
            let wanted = texts.indices.filter { texts[$0].foldedBytes.has(word) }
            let found = names.rows(having: word)
            #expect(found.rows(count: found.count).map { Int($0) } == wanted, "\(word)")
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func valuesAreCountedAmongRows(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 0...3_000, using: &random)
        var column = CodedColumn()
        // From values that most rows have to those that one has, and rows without any.
        for _ in 0..<count {
            let share = Double.random(in: 0..<1, using: &random)
            column.append(share < 0.1 ? nil : "v\(Int(share * share * share * 900))")
        }
        let values = ValueRows(column, count: count)
        let mask = (0..<count).map { _ in Bool.random(using: &random) }
        var wanted = [Int](repeating: 0, count: values.counts.count)
        for row in 0..<count where mask[row] { wanted[column.code(row)] += 1 }
        let byCount = wanted.indices.dropFirst().filter { wanted[$0] > 0 }
            .sorted { (wanted[$1], $0) < (wanted[$0], $1) }
        for limit in [0, 1, 8, 24, 2_000] {
            #expect(values.largest(limit, in: RowSet(mask)).map(\.code) == Array(byCount.prefix(limit)))
        }
        let rows = Dictionary(grouping: 0..<UInt32(count)) { column.code(Int($0)) }
        for code in wanted.indices.dropFirst() {
            #expect(values.count(code, in: RowSet(mask)) == wanted[code])
            #expect(values.rows(code) == rows[code])
        }
    }

    @Test func textsAreFoundInAnyCase() {
        var column = CodedColumn()
        let texts = (0..<500).flatMap { ["Meta-\($0)", "META-\($0)", "q\($0)"] }
        for text in texts { column.append(text) }
        for (row, text) in texts.enumerated() { #expect(column.code(of: text) == column.code(row)) }
        #expect(column.codes(of: ["meta-7", "mEta-7", "Q9", "nobody"]) == [22, 23, 30])
        #expect(column.codes(of: []).isEmpty)
    }

    @Test(arguments: [1, 1_000] as [Int64])
    func numbersAreFoundFromALeastOneOn(unit: Int64) {
        let edges: [Int64] = [0, 1, 999, 1_000, 1_001, 1_000_000_000, 4_000_000_000, 1 << 50, Int64.max]
        let numbers = (edges + edges.map { -$0 } + [Int64.min]).flatMap { [$0, nil] }
        for some in [numbers, Array(numbers.prefix(8)), [nil, nil, 7], [nil, nil, nil]] {
            var column = NumberColumn(unit: unit)
            for number in some { column.append(number) }
            for least in numbers.compactMap({ $0 }) {
                let found = column.rows(atLeast: least)
                let wanted = some.indices.filter { some[$0].map { $0 >= least } ?? false }
                #expect(found.rows(count: found.count).map { Int($0) } == wanted, "\(least)")
            }
        }
    }

    @Test(arguments: [1, 1 << 20, 1 << 50, .max - 1] as [UInt64], [3, 5_000])
    func someRowsAreSortedByKeyAndNumber(largest: UInt64, count: Int) {
        var random = SplitMix64(seed: largest)
        let rows = (0..<UInt32(count * 2)).shuffled(using: &random).prefix(count)
        let keys = rows.map { _ in Bool.random(using: &random) ? UInt64.random(in: 0...largest, using: &random) : .max }
        let wanted = zip(keys, rows).sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
        #expect(RowOrder.sorted(Array(rows), by: keys, of: count * 2) == wanted)
    }
}

extension [UInt8] {
    fileprivate func has(_ word: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: word) }
    }
}
