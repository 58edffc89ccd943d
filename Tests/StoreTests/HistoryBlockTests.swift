import SQLite
import TestKit
import Testing

@testable import Store

@Suite struct HistoryBlockTests {
    typealias Entry = HistoryBlock.Entry

    /// Figures of every kind: usual ones, the largest, negative, uneven, and none.
    private static func entries(seed: UInt64) -> [Entry] {
        var random = SplitMix64(seed: seed)
        let first = HistoryBlock.span * UInt32.random(in: 0...3_000, using: &random)
        let share = Int.random(in: 1...20, using: &random)
        let limit = [Int64(0), 200, 70_000, 236_000_000, 1 << 60, .max][Int.random(in: 0..<6, using: &random)]
        let (isUneven, isBelow) = (Bool.random(using: &random), Int.random(in: 0..<8, using: &random) == 0)
        func maybe<Value>(_ value: Value) -> Value? { Int.random(in: 0..<5, using: &random) == 0 ? nil : value }
        var entries: [Entry] = []
        for model in first..<(first + HistoryBlock.span) where Int.random(in: 0..<share, using: &random) == 0 {
            let downloads = Int64.random(in: 0...limit, using: &random)
            entries.append(
                Entry(
                    model: model, downloads: maybe(isBelow ? -downloads : downloads),
                    likes: maybe(Int64.random(in: 0...limit, using: &random)),
                    trendingScore: maybe(
                        Double(Int64.random(in: 0...500, using: &random)) / (isUneven ? 10 : 1)),
                    total: maybe(Int64.random(in: 0...1_000, using: &random)),
                    rank: maybe(Int64.random(in: 1...2_500_000, using: &random))))
        }
        let alone = Entry(model: first, downloads: nil, likes: nil, trendingScore: -0.5, total: 0, rank: 1)
        return entries.isEmpty ? [alone] : entries
    }

    @Test(arguments: UInt64(0)..<200)
    func whatIsPackedComesBack(seed: UInt64) throws {
        let entries = Self.entries(seed: seed)
        let written = HistoryBlock(entries)
        let block = try #require(HistoryBlock(key: 7 << 32 | Int64(written.first), written.bytes))
        #expect(block == written)
        #expect(block.entries == entries)
        #expect(block.models == entries.map(\.model))
        let known = Dictionary(uniqueKeysWithValues: entries.map { ($0.model, $0) })
        for model in block.first..<(block.first + HistoryBlock.span) { #expect(block[model] == known[model]) }
        #expect(block[block.first + HistoryBlock.span] == nil)
        for (column, field) in [(HistoryBlock.Column.downloads, \Entry.downloads), (.likes, \.likes), (.rank, \.rank)] {
            var values: [Int64] = [99]
            block.append(column, to: &values, unknown: .min)
            #expect(values == [99] + entries.map { $0[keyPath: field] ?? .min })
        }
    }

    @Test func whatIsNoBlockIsNotRead() {
        let bytes = HistoryBlock(Self.entries(seed: 3)).bytes
        #expect(HistoryBlock(key: 0, []) == nil)
        #expect(HistoryBlock(key: 0, Array(bytes.dropLast())) == nil)
        #expect(HistoryBlock(key: 0, bytes + [0]) == nil)
        #expect(HistoryBlock(key: 0, [2] + bytes.dropFirst()) == nil)
        #expect(HistoryBlock(key: 0, [bytes[0], 77] + bytes.dropFirst(2)) == nil)
    }

    @Test func aDamagedBlockIsAnErrorAndNoGap() throws {
        let connection = try TemporaryDatabase().open()
        try connection.runScript("INSERT INTO history_block (key, body) VALUES ((5 << 32) | 1024, x'0102')")
        let error = #expect(throws: SQLiteError.self) { try connection.eachBlock(of: 5) { _ in } }
        #expect(error?.isCorrupt == true && error?.message.contains("key 5") == true)
    }

    /// Nor where only a few bytes of it are read.
    @Test func aBlockThatEndsTooEarlyIsDamaged() throws {
        let connection = try TemporaryDatabase().open()
        let models = (1_024..<1_124 as Range<UInt32>)
        let block = HistoryBlock(
            models.map { Entry(model: $0, downloads: 70_000, likes: 1, trendingScore: nil, total: nil, rank: nil) })
        for (snapshot, length) in [(5, 2), (6, HistoryBlock.head), (7, HistoryBlock.head + 30)] as [(Int64, Int)] {
            try connection.run(
                Query<Void>(
                    "INSERT INTO history_block (key, body) VALUES ((?1 << 32) | 1024, ?2)",
                    [.integer(snapshot), .blob(Array(block.bytes.prefix(length)))]))
            let error = #expect(throws: SQLiteError.self) { try connection.downloads(of: [1_123], in: [snapshot]) }
            #expect(error?.isCorrupt == true && error?.message.contains("key \(snapshot)") == true)
        }
        try connection.run(Query<Void>.saveBlock(block, of: 8))
        #expect(
            try connection.downloads(of: [1_123, 1_124, 9, 1_024], in: [8, 9]) == [
                [70_000, nil], [nil, nil], [nil, nil], [70_000, nil],
            ])
    }
}
