import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import scorer

extension Observed {
    /// The 95 daily recordings.
    static func daily() throws -> [Observed] {
        let text = try unpacked("samples/transformers-js/hf_daily_2026.jsonl.gz")
        return try text.split(separator: UInt8(ascii: "\n")).map { line in
            let root = try JSONDocument(parsing: Array(line)).root
            let listings = try #require(root["models"]).elements.map { row in
                var listing = Listing(id: ModelID(row["id"]?.string ?? ""))
                listing.downloads = row["downloads"]?.int64
                listing.likes = row["likes"]?.int64
                return listing
            }
            return Observed(
                at: try #require(root["date"]?.string.flatMap(Timestamp.init(rfc3339:))), listings: listings)
        }
    }

    /// Forty models, of which each grows by its own amount a day; on days that are named, one of them jumps.
    static func steady(days: Int, jumps: [Int: Int] = [:], seed: UInt64 = 5) -> [Observed] {
        var chance = SplitMix64(seed: seed)
        var counts = (1...40).map { Int64($0) * 10_000 }
        return (0..<days).map { day in
            for index in counts.indices {
                counts[index] += counts[index] * Int64.random(in: 5...15, using: &chance) / 1_000
            }
            if let model = jumps[day] { counts[model] = counts[model] * 3 / 2 }
            return madeUp(hour: Int64(day) * 24, counts)
        }
    }
}

@Suite struct AnomalyStageTests {
    @Test func aJumpOpensAnAnomalyAndTheNextDayClosesIt() async throws {
        let rig = try StageRig()
        let days = Observed.steady(days: 14, jumps: [11: 7])
        for day in days[...10] { try await rig.arrive(day) }
        #expect(try rig.standings().allSatisfy { $0.anomaly.downloads == false && $0.anomaly.state == .evaluated })
        #expect(try rig.anomalies().isEmpty)
        try await rig.arrive(days[11])
        let flagged = try rig.standings().filter { $0.anomaly.downloads == true }
        #expect(flagged.map(\.listing.id.text) == ["m/7"])
        let open = try #require(try rig.anomalies().first)
        #expect(open.model.text == "m/7" && open.rule == .downloads && open.openedAt == days[11].at)
        #expect(open.closedAt == nil && open.thresholdsVersion == 1 && (open.figures.ownZ ?? 0) > 3.5)
        try await rig.arrive(days[12])
        #expect(try rig.anomalies().map(\.closedAt) == [days[12].at])
        #expect(try rig.anomalies().map(\.id) == [open.id])
    }

    @Test func tooLittleHistoryIsSaidAndNothingElse() async throws {
        let rig = try StageRig()
        let days = Observed.steady(days: 9)
        for day in days { try await rig.arrive(day) }
        #expect(
            try rig.standings().allSatisfy {
                $0.anomaly.state == .insufficientHistory && $0.anomaly.downloads == nil && $0.anomaly.velocity == nil
            })
    }

    /// Nothing moves on the last day: a missed refresh, seen as one without spread.
    @Test func aSuspectEpochWithholdsEveryVerdictAndClosesNothing() async throws {
        let rig = try StageRig()
        let days = Observed.steady(days: 14, jumps: [12: 7])
        for day in days[...12] { try await rig.arrive(day) }
        let doubled = days[13].listings.enumerated().map { index, listing in
            var listing = listing
            listing.downloads = listing.downloads.map { $0 * (110 + Int64(index % 3)) / 100 }
            return listing
        }
        try await rig.arrive(Observed(at: days[13].at, listings: doubled))
        #expect(try rig.publication().epochState == .suspect)
        #expect(
            try rig.standings().allSatisfy {
                $0.anomaly.state == .suspectEpoch && $0.anomaly.downloads == nil && $0.anomaly.velocity == nil
            })
        #expect(try rig.anomalies().map(\.closedAt) == [nil])
    }

    @Test func publishingAgainChangesNothing() async throws {
        let rig = try StageRig()
        for day in Observed.steady(days: 13, jumps: [12: 7]) { try await rig.arrive(day) }
        let (anomalies, standings) = (try rig.anomalies(), try rig.standings())
        #expect(anomalies.count == 1)
        _ = try await rig.publish("hub")
        #expect(try rig.anomalies() == anomalies)
        #expect(try rig.standings() == standings)
    }

    /// The recorded months: in order, and in any order, they end in the same verdicts.
    @Test(arguments: UInt64(1)...2)
    func theRecordedMonthsGiveTheSameInEveryOrder(seed: UInt64) async throws {
        let days = try Observed.daily()
        let (ordered, shuffled) = (try StageRig(), try StageRig())
        for day in days { try await ordered.arrive(day, feed: "daily") }
        var chance = SplitMix64(seed: seed)
        for day in days.shuffled(using: &chance) { try await shuffled.arrive(day, feed: "daily") }
        #expect(try ordered.anomalies("daily").map(Told.init) == shuffled.anomalies("daily").map(Told.init))
        #expect(try ordered.standings("daily") == shuffled.standings("daily"))
        let anomalies = try ordered.anomalies("daily")
        #expect(anomalies.count > 20 && anomalies.count < days.count * 15)
        #expect(try ordered.standings("daily").contains { $0.anomaly.downloads == false })
        let suspect = try ordered.steps().filter { $0.contains(": suspect") }
        #expect(!suspect.isEmpty)
        let moments = Set(anomalies.map(\.openedEpoch))
        #expect(suspect.allSatisfy { step in !moments.contains { step.hasPrefix($0) } }, "suspect epochs are withheld")
    }

    @Test func aLaterImportOfAnEarlierDayIsJudgedByIt() async throws {
        let days = Observed.steady(days: 16, jumps: [8: 3, 12: 7])
        let (ordered, late) = (try StageRig(), try StageRig())
        for day in days { try await ordered.arrive(day) }
        for day in days[..<5] + days[6...] { try await late.arrive(day) }
        #expect(try late.anomalies().map(Told.init) != ordered.anomalies().map(Told.init))
        try await late.arrive(days[5])
        #expect(try late.anomalies().map(Told.init) == ordered.anomalies().map(Told.init))
    }
}

/// An anomaly without the number of its row, which depends on the order of arrival.
struct Told: Equatable {
    let model: String
    let rule: AnomalyRule
    let opened: Timestamp
    let closed: Timestamp?
    let figures: AnomalyFigures

    init(_ record: AnomalyRecord) {
        (model, rule, figures) = (record.model.text, record.rule, record.figures)
        (opened, closed) = (record.openedAt, record.closedAt)
    }
}
