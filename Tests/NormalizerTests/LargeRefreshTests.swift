import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import normalizer

/// An observation that is too large to be in memory at once is stored part by part, and comes to the same.
@Suite struct LargeRefreshTests {
    /// Pages with repeated rows, broken rows and a page that is none.
    private static func pages(_ count: Int, seed: UInt64) -> [String] {
        var random = SplitMix64(seed: seed)
        return (1...count).map { number in
            if number == 5 { return "<html>" }
            let rows = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let model = Int.random(in: 0..<25, using: &random)
                return Int.random(in: 0..<8, using: &random) == 0
                    ? #"{"id":"o/\#(model)","likes":"?"}"# : #"{"id":"o/\#(model)","likes":\#(number)}"#
            }
            return "[" + (rows + [#"{"id":"p/\#(number)"}"#]).joined(separator: ",") + "]"
        }
    }

    private func observe(_ rig: NormalizeRig, _ pages: [String]) throws -> String {
        let refresh = try rig.begin(at: 0)
        for (index, page) in pages.enumerated() { try rig.add(refresh, index, page) }
        return refresh
    }

    /// - Returns: the jobs' number, and what comes after the last.
    private func inParts(_ rig: NormalizeRig, _ refresh: String, size: Int) async throws -> (Int, StageResult) {
        let end = rig.moment(100)
        var stage = NormalizeStage(database: rig.database, facts: .none, now: { end })
        stage.bytesAtOnce = 0
        stage.pagesAtOnce = size
        var result = try await rig.run(stage, NormalizeRefresh(refresh: refresh))
        var jobs = 1
        while let job = result.next.first, job.kind == NormalizeRefresh.name {
            let state = try rig.state(of: refresh)
            #expect(state == "fetched", "it is not there before it is whole")
            result = try await rig.run(stage, try NormalizeRefresh(payload: job.payload, version: job.payloadVersion))
            jobs += 1
        }
        return (jobs, result)
    }

    /// What is stored, without the numbers that depend on the order.
    private func digest(_ rig: NormalizeRig) throws -> [String] {
        try rig.place.open().run(
            Query<String>(
                """
                SELECT 'snapshot ' || id || ' ' || source_count || ' ' || ready_count || ' ' || rejected_count
                  FROM snapshot
                UNION ALL SELECT 'listing ' || name || ' ' || coalesce(likes, '-')
                  FROM listing JOIN model ON model.id = (listing.key & 4294967295)
                UNION ALL SELECT 'card ' || name || ' ' || first_seen_ms || ' ' || listed_at_ms
                  FROM model_card JOIN model ON model.id = model_id
                UNION ALL SELECT 'rejected ' || number || ' ' || row_index || ' ' || reason FROM rejected_row
                ORDER BY 1
                """
            ) { $0.text(0) })
    }

    @Test(arguments: [1, 2, 3, 7, 40], [1, 2, 3] as [UInt64])
    func itComesToTheSameInPartsOfAnySize(size: Int, seed: UInt64) async throws {
        let pages = Self.pages(23, seed: seed)
        let (whole, parts) = (try NormalizeRig(), try NormalizeRig())
        #expect(try await whole.normalize(try observe(whole, pages)).end == .done)
        let refresh = try observe(parts, pages)
        let (jobs, result) = try await inParts(parts, refresh, size: size)
        #expect(jobs == (23 + size - 1) / size)
        #expect(result.end == .done && result.next.map(\.kind) == [ScoreSnapshot.name])
        #expect(try digest(parts) == digest(whole))
        #expect(try parts.state(of: refresh) == "normalized")
    }

    @Test func nothingUsableInAnyPartMakesNoSnapshotToScore() async throws {
        let rig = try NormalizeRig()
        let refresh = try observe(rig, ["[]", #"[{"id":5}]"#, "<html>"])
        let (_, result) = try await inParts(rig, refresh, size: 1)
        guard case .dead = result.end else {
            Issue.record("\(result.end)")
            return
        }
        #expect(result.next.isEmpty)
        #expect(try rig.state(of: refresh) == "failed")
    }

    @Test func rawPagesOfTheWalkBeforeMakeRoom() async throws {
        let rig = try NormalizeRig()
        let first = try observe(rig, Self.pages(9, seed: 1))
        _ = try await inParts(rig, first, size: 2)
        let second = try rig.begin(at: 1)
        for (index, page) in Self.pages(9, seed: 2).enumerated() { try rig.add(second, index, page) }
        _ = try await inParts(rig, second, size: 2)
        let kept = try rig.place.open().run(
            Query("SELECT refresh_id, count(*) FROM page GROUP BY 1") { "\($0.text(0)) \($0.count(1))" })
        #expect(kept == ["\(second) 9"])
    }

    @Test func anUnfinishedSnapshotIsNobodysNeighbour() async throws {
        let rig = try NormalizeRig()
        let first = try rig.observe(at: 0, #"[{"id":"a/b"}]"#)
        _ = try await rig.normalize(first)
        let second = try rig.observe(at: 1, #"[{"id":"a/b"}]"#, #"[{"id":"c/d"}]"#)
        let end = rig.moment(100)
        var stage = NormalizeStage(database: rig.database, facts: .none, now: { end })
        (stage.bytesAtOnce, stage.pagesAtOnce) = (0, 1)
        let part = try await rig.run(stage, NormalizeRefresh(refresh: second))
        let db = try rig.place.open()
        let key = try #require(try db.run(Query<Snapshot>.snapshot(id: first)).first).key
        #expect(try db.run(.snapshotAfter(key: key)).isEmpty)
        let job = try #require(part.next.first)
        _ = try await rig.run(stage, try NormalizeRefresh(payload: job.payload, version: job.payloadVersion))
        #expect(try db.run(.snapshotAfter(key: key)).map(\.id) == [second])
    }
}
