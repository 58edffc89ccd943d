import Model
import TestKit
import Testing

@testable import Scoring

@Suite struct DeltaJoinTests {
    /// Newest at 240 h; epochs at 238 and 214; likes against 216 and 72.
    private let baselines = Baselines(
        newest: point(240), snapshots: [point(72), point(216)],
        epochs: [
            Epoch(snapshotKey: 1, snapshot: point(70).reference, state: .settled),
            Epoch(snapshotKey: 2, snapshot: point(214).reference, state: .settled),
            Epoch(snapshotKey: 3, snapshot: point(238).reference, state: .settled),
        ])

    private func columns(_ firstSeen: [UInt32: Double], likes: Counters = [:], ranks: Counters = [:]) -> DeltaColumns {
        let keys = firstSeen.keys.sorted()
        return DeltaColumns(
            keys: keys, firstSeen: keys.map { point(firstSeen[$0] ?? 0).observedAt.milliseconds },
            likes: CounterColumn(likes), ranks: CounterColumn(ranks))
    }

    @Test func comparesEpochsForDownloadsAndSnapshotsForLikesAndRanks() {
        var input = columns([5: 0], likes: [5: 30], ranks: [5: 4])
        input.downloadsCurrent = CounterColumn([5: 100])
        input.downloads24h = CounterColumn([5: 120])
        input.downloads7d = CounterColumn([5: 40])
        input.likes24h = CounterColumn([5: 28])
        input.likes7d = CounterColumn([5: 31])
        input.ranks24h = CounterColumn([5: 9])
        let expected = Deltas(
            downloads24h: .change(-20), downloads7d: .change(60), likes24h: .change(2), likes7d: .change(-1),
            rankChange: .change(5))
        #expect(baselines.deltas(input) == [expected])
    }

    @Test(arguments: [
        (213.9, MissingReason.noBaseline), (214, .noBaseline), (214.1, .newModel), (239, .newModel),
    ])
    func aModelThatTheBaselineLacksIsNewIfItWasFirstSeenLater(seen: Double, reason: MissingReason) {
        var input = columns([5: seen])
        input.downloadsCurrent = CounterColumn([5: 100])
        #expect(baselines.deltas(input)[0].downloads24h == .missing(reason))
    }

    @Test(arguments: [(0.0, MissingReason.noBaseline), (213, .noBaseline), (239, .newModel)])
    func aModelThatTheNewestEpochLacksHasNoDownloadDelta(seen: Double, reason: MissingReason) {
        var input = columns([5: seen])
        input.downloads24h = CounterColumn([5: 120])
        #expect(baselines.deltas(input)[0].downloads24h == .missing(reason))
    }

    @Test func anUnknownCounterIsNoBaseline() {
        var input = columns([5: 0], likes: [5: CounterColumn.unknown])
        input.downloadsCurrent = CounterColumn([5: 100])
        input.downloads24h = CounterColumn([5: CounterColumn.unknown])
        input.likes24h = CounterColumn([5: 3])
        let deltas = baselines.deltas(input)[0]
        #expect(deltas.downloads24h == .missing(.noBaseline))
        #expect(deltas.likes24h == .missing(.noBaseline))
    }

    @Test func aReasonOfTheWholeFeedComesBeforeThoseOfAModel() {
        let pending = Baselines(newest: point(240), snapshots: [], epochs: [])
        let deltas = pending.deltas(columns([5: 239]))[0]
        #expect(deltas.downloads24h == .missing(.epochPending))
        #expect(deltas.downloads7d == .missing(.epochPending))
        #expect(deltas.likes24h == .missing(.missedRefresh))
        #expect(deltas.rankChange == .missing(.missedRefresh))
    }

    @Test(arguments: UInt64(0)..<60)
    func agreesWithDictionariesAndWithWorkingRangeByRange(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var firstSeen: [UInt32: Double] = [:]
        for key in generator.counters(atMost: 50).keys { firstSeen[key] = .random(in: 0...240, using: &generator) }
        let likes = generator.counters(atMost: 50)
        let now = generator.counters(atMost: 50)
        let then = generator.counters(atMost: 50)
        let likesThen = generator.counters(atMost: 50)
        func deltas(_ range: Range<UInt32>) -> [Deltas] {
            func cut(_ counters: Counters) -> Counters { counters.filter { range.contains($0.key) } }
            var input = columns(firstSeen.filter { range.contains($0.key) }, likes: cut(likes))
            input.downloadsCurrent = CounterColumn(cut(now))
            input.downloads24h = CounterColumn(cut(then))
            input.likes24h = CounterColumn(cut(likesThen))
            return baselines.deltas(input)
        }
        func expected(_ key: UInt32, _ later: Counters, _ earlier: Counters, _ baseline: Double) -> Delta {
            guard let after = later[key], let before = earlier[key], after >= 0, before >= 0 else {
                return .missing(firstSeen[key, default: 0] > baseline ? .newModel : .noBaseline)
            }
            return .change(after - before)
        }
        let whole = deltas(0..<100)
        #expect(whole == deltas(0..<17) + deltas(17..<30) + deltas(30..<100))
        #expect(whole.map(\.downloads24h) == firstSeen.keys.sorted().map { expected($0, now, then, 214) })
        #expect(whole.map(\.likes24h) == firstSeen.keys.sorted().map { expected($0, likes, likesThen, 216) })
    }
}
