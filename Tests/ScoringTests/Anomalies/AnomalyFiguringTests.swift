import Deployment
import Model
import TestKit
import Testing

@testable import Scoring

/// Daily epochs, one column of downloads and one of likes for each.
private struct Days {
    var epochs: [Epoch] = []
    var downloads: [CounterColumn] = []
    var likes: [CounterColumn] = []

    static func epoch(_ index: Int, hours: Int64? = nil, _ state: EpochState = .settled) -> Epoch {
        let at = Timestamp(milliseconds: 1_777_000_000_000) + .hours(hours ?? Int64(index) * 24)
        return Epoch(
            snapshotKey: Int64(index + 1), snapshot: SnapshotReference(id: "e\(index)", observedAt: at), state: state)
    }

    mutating func add(_ downloads: Counters, likes: Counters = [:], state: EpochState = .settled) {
        epochs.append(Self.epoch(epochs.count, state))
        self.downloads.append(CounterColumn(downloads))
        self.likes.append(CounterColumn(likes))
    }

    /// The verdicts on the last day.
    func verdicts(_ thresholds: AnomalyThresholds = AnomalyThresholds()) throws -> [UInt32: Anomaly] {
        let feed = FeedDays(epochs)
        let day = try #require(feed.days.last)
        let places = feed.snapshots.map { Int($0) - 1 }
        let cohort = EpochDetection.step(
            from: downloads[Int(day.pair.earlier.snapshotKey) - 1], to: downloads[Int(day.pair.later.snapshotKey) - 1])
        let figuring = AnomalyFiguring(feed, [.init(day, cohort: cohort)], floors: (0.002, 1))
        var result: [UInt32: Anomaly] = [:]
        figuring.each(
            of: Set(downloads.flatMap(\.keys)).sorted(), downloads: places.map { downloads[$0] },
            likes: places.map { likes[$0] }
        ) { result[$0] = thresholds.judge($2) }
        return result
    }

    /// A hundred models that grow by about a percent a day, each at its own pace, for `count` epochs; then one more
    /// epoch, which `change` may alter.
    static func steady(
        _ count: Int, seed: UInt64 = 1, likes: Int64 = 0, change: (inout Counters, inout Counters) -> Void
    ) -> Days {
        var chance = SplitMix64(seed: seed)
        var days = Days()
        var (downloads, liked) = (Counters(), Counters())
        for model in 0..<100 as Range<UInt32> {
            downloads[model] = 100_000 + Int64(model) * 1_000
            liked[model] = 500
        }
        for _ in 0..<count {
            days.add(downloads, likes: liked)
            for model in downloads.keys.sorted() {
                let grown = (downloads[model] ?? 0) * Int64.random(in: 1_005...1_015, using: &chance) / 1_000
                downloads[model] = grown
                liked[model] = (liked[model] ?? 0) + Int64.random(in: 0...max(1, likes), using: &chance)
            }
        }
        change(&downloads, &liked)
        days.add(downloads, likes: liked)
        return days
    }
}

@Suite struct AnomalyFiguringTests {
    @Test(arguments: [(130, true), (70, true), (101, false)] as [(Int64, Bool)])
    func aSurgeAndACollapseStandOut(percent: Int64, isFlagged: Bool) throws {
        let days = Days.steady(9) { downloads, _ in downloads[7] = (downloads[7] ?? 0) * percent / 100 }
        let verdicts = try days.verdicts()
        #expect(verdicts[7]?.downloads == isFlagged)
        #expect(verdicts[7]?.state == .evaluated && verdicts[7]?.figures.ownReturns == 8)
        #expect(verdicts.filter { $0.key != 7 }.values.allSatisfy { $0.downloads == false })
    }

    /// Seven earlier returns take nine epochs: eight before the newest.
    @Test(arguments: [(7, AnomalyState.insufficientHistory), (8, .evaluated)])
    func sevenEarlierReturnsAreNeeded(epochs: Int, state: AnomalyState) throws {
        let days = Days.steady(epochs, likes: 3) { downloads, likes in
            downloads[3] = (downloads[3] ?? 0) * 2
            likes[3] = (likes[3] ?? 0) + 100
        }
        let verdicts = try days.verdicts()
        #expect(verdicts.values.allSatisfy { $0.state == state })
        #expect(verdicts[3]?.figures.ownReturns == epochs - 1)
        #expect(verdicts[3]?.downloads == (state == .evaluated ? true : nil))
        #expect(verdicts[3]?.velocity == (state == .evaluated ? true : nil), "both are withheld, or neither")
        #expect(verdicts[4]?.downloads == (state == .evaluated ? false : nil))
    }

    @Test(arguments: [(999, false), (1_000, true), (-999, false), (-1_000, true)] as [(Int64, Bool)])
    func aSmallChangeIsNone(change: Int64, isFlagged: Bool) throws {
        var days = Days.steady(9) { _, _ in }
        for index in days.downloads.indices {
            var counters = Dictionary(
                uniqueKeysWithValues: zip(days.downloads[index].keys, days.downloads[index].values))
            counters[200] = index == days.downloads.count - 1 ? 5_000 + change : 5_000
            days.downloads[index] = CounterColumn(counters)
        }
        let verdict = try #require(try days.verdicts()[200])
        #expect(verdict.downloads == isFlagged && verdict.figures.downloadsChange == change)
        #expect(abs(verdict.figures.ownZ ?? 0) > 3.5 && abs(verdict.figures.cohortZ ?? 0) > 3.5)
    }

    /// A model that is as wild every day does not stand out from itself.
    @Test func whatIsUsualForAModelIsNoAnomaly() throws {
        var days = Days.steady(10) { _, _ in }
        for index in days.downloads.indices {
            var counters = Dictionary(
                uniqueKeysWithValues: zip(days.downloads[index].keys, days.downloads[index].values))
            counters[300] = [50, 80, 45, 90, 60, 52, 85, 48, 75, 58, 88][index] * 1_000
            days.downloads[index] = CounterColumn(counters)
        }
        let verdict = try #require(try days.verdicts()[300])
        #expect(verdict.downloads == false && abs(verdict.figures.cohortZ ?? 0) > 3.5)
        #expect(abs(verdict.figures.ownZ ?? 9) < 3.5)
    }

    @Test(arguments: [(24, false), (25, true), (-25, true), (-24, false)] as [(Int64, Bool)])
    func likesStandOutFromTwentyFiveADay(gained: Int64, isFlagged: Bool) throws {
        let days = Days.steady(9) { _, _ in }
        var quiet = days
        quiet.likes = days.likes.enumerated().map { index, column in
            CounterColumn(
                keys: column.keys,
                values: column.keys.map { key in
                    key == 5 && index == days.likes.count - 1 ? 500 + gained : 500
                })
        }
        let verdict = try #require(try quiet.verdicts()[5])
        #expect(verdict.velocity == isFlagged && verdict.figures.likesGained == gained)
        #expect(verdict.figures.likeDays == 8 && verdict.downloads == false)
    }

    @Test func unknownLikesGiveNoVerdictOnVelocity() throws {
        var days = Days.steady(9) { _, _ in }
        days.likes = days.likes.map { _ in .empty }
        let verdict = try #require(try days.verdicts()[5])
        #expect(verdict.state == .evaluated && verdict.velocity == nil && verdict.figures.likesGained == nil)
    }

    @Test func aModelThatIsMissingOnOneOfTheTwoDaysIsNotJudged() throws {
        let days = Days.steady(9) { downloads, _ in downloads[11] = nil }
        #expect(try days.verdicts()[11]?.state == .insufficientHistory)
        #expect(try days.verdicts()[11]?.downloads == nil)
    }
}

@Suite struct FeedDaysTests {
    @Test(arguments: [(18, 1), (17, 0), (36, 1), (37, 0)] as [(Int64, Int)])
    func aDayIsEighteenToThirtySixHoursLong(hours: Int64, days: Int) {
        #expect(FeedDays([Days.epoch(0, hours: 0), Days.epoch(1, hours: hours)]).pairs.count == days)
    }

    @Test func nothingIsTakenAcrossASuspectEpoch() {
        let epochs = [
            Days.epoch(0, hours: 0), Days.epoch(1, hours: 10, .suspect), Days.epoch(2, hours: 20),
            Days.epoch(3, hours: 44), Days.epoch(4, hours: 68, .suspect),
        ]
        #expect(FeedDays(epochs).pairs.map(\.later.snapshotKey) == [4])
    }

    @Test func theHistoryReachesBackFourWeeksAndEndsBeforeTheDay() {
        let feed = FeedDays((0..<60).map { Days.epoch($0) })
        #expect(feed.days[0].history.isEmpty && feed.days[5].history == 0..<5)
        #expect(feed.days[58].history == 31..<58)
        #expect(feed.snapshots == Array(1...60))
    }

    @Test(arguments: UInt64(0)..<100)
    func theScoreIsThatOfTheDefinition(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        let values = (0..<Int.random(in: 1...40, using: &chance)).map { _ in Double.random(in: -5...5, using: &chance) }
        func median(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        let middle = median(values)
        let spread = median(values.map { abs($0 - middle) })
        var copy = values
        let score = ModifiedZ(reordering: &copy).score(7, floor: 0.5)
        #expect(abs(score - 0.6745 * (7 - middle) / max(spread, 0.5)) < 1e-9)
    }
}
