import HTTPClient
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import fetcher

/// The walk over the whole Hub.
@Suite struct SweepTests {
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)

    @Test(
        arguments: [
            // Hours since the last walk began, hours since the epoch, whether it failed, whether one begins.
            (nil, nil, false, true), (nil, 1, false, true), (5, 6, false, false), (5, 4, false, true),
            (25, nil, false, false), (26, nil, false, true), (25, 30, false, false), (26, 30, false, true),
            (0, 6, true, false), (1, 6, true, true), (0, 0, false, false),
        ] as [(Int64?, Int64?, Bool, Bool)])
    func aWalkFollowsTheCounters(last: Int64?, epoch: Int64?, isFailed: Bool, begins: Bool) {
        let reason = Sweep(length: .hours(12)).reasonToWait(
            last: last.map { Sweep.Last(startedAt: Self.start - .hours($0), isFailed: isFailed) },
            epoch: epoch.map { Self.start - .hours($0) }, now: Self.start)
        #expect((reason == nil) == begins, "\(reason ?? "")")
    }

    @Test func itsPagesAreSpreadOverItsLength() {
        let sweep = Sweep(length: .hours(10))
        #expect(sweep.pace(pages: nil) == .milliseconds(14_400))
        #expect(sweep.pace(pages: 3_600) == .seconds(10))
        #expect(sweep.pace(pages: 0) == .hours(10))
    }

    private func plan(_ rig: FetchRig, sweep: Sweep? = Sweep(length: .hours(12))) async throws -> StageResult {
        let stage = PlanStage(
            database: rig.database, hub: HubAddress(base: try #require(URLParts(FetchRig.root))), pagesPerListing: 5,
            curated: ["a/b"], sweep: sweep, now: rig.time.now)
        let result = try await stage.run(
            PlanRefresh(feed: Sweep.feed), JobContext(job: JobID(1), log: rig.log.logger))
        try rig.place.open().transaction { db throws(SQLiteError) in
            for write in result.writes { try write.apply(to: db) }
            for job in result.next { _ = try db.enqueue(job, now: rig.time.now()) }
        }
        return result
    }

    private func begin(_ rig: FetchRig) async throws -> FetchPage {
        try #require(try await plan(rig).nextPage)
    }

    /// The counters of the hub's feed have moved.
    private func moveCounters(_ rig: FetchRig) throws {
        let moment = rig.time.now().milliseconds
        try rig.place.open().runScript(
            """
            INSERT INTO snapshot (id, feed_id, origin, observed_at_ms, source_count, ready_count, rejected_count,
                                  calls_used, created_at_ms)
            SELECT 'hub-\(moment)', id, 'upstream', \(moment), 1, 1, 0, 1, \(moment) FROM feed WHERE name = 'hub';
            INSERT INTO epoch_step (snapshot_key, previous_key, verdict, cohort, changed)
            SELECT max(key), 0, 'settled', 1, 1 FROM snapshot;
            """)
    }

    @Test func itIsAFeedOfItsOwnInTheOrderThatStays() async throws {
        let rig = try FetchRig()
        let result = try await plan(rig)
        let page = try #require(try result.nextPage)
        #expect(page.url.contains("sort=createdAt") && page.url.contains("limit=1000") && page.models.isEmpty)
        #expect(page.pace == 17_280 && page.listings.isEmpty && result.next.first?.priority == Sweep.priority)
        #expect(try rig.refresh(page).feed == "whole-hub")
        #expect(try await plan(rig).end == .cancelled(reason: "the refresh \(page.refresh) is still under way"))
        rig.time.advance(by: .hours(21))
        #expect(try await plan(rig).nextPage != nil, "one that was forgotten is given up")
        await #expect(throws: JobFailure.self) { try await plan(rig, sweep: nil) }
    }

    @Test func everyPageIsWalkedOnceAndTheCursorIsOfThisWalk() async throws {
        let rig = try FetchRig()
        var work = try await begin(rig)
        // Rows that come again are the upstream's; they are kept as they came.
        for number in 1...30 {
            rig.answer(
                .rows(
                    "o/\(number)", "o/\(number - 1)",
                    next: number < 30 ? "/api/models?sort=createdAt&cursor=\(number)" : nil, etag: "W/\"\(number)\""))
        }
        for number in 1...30 {
            let result = try await rig.fetch(work)
            guard let next = try result.nextPage else {
                #expect(number == 30 && result.next.map(\.kind) == [NormalizeRefresh.name])
                break
            }
            let job = try #require(result.next.first)
            #expect(job.runAt == rig.time.now() + .milliseconds(17_280) && job.priority == Sweep.priority)
            #expect(next.number == number + 1 && next.url.hasSuffix("cursor=\(number)") && next.pace == work.pace)
            work = next
        }
        #expect(try rig.pages(of: work).count == 30 && rig.sent.count == 30)
        #expect(rig.sent.allSatisfy { $0.headers.allSatisfy { $0.name != "If-None-Match" } })
        let refresh = try rig.refresh(work)
        #expect(refresh.state == "fetched" && refresh.callsUsed == 30)
    }

    @Test func aUsedUpBudgetOnlyDelaysIt() async throws {
        let rig = try FetchRig(budget: "2/1h")
        var work = try await begin(rig)
        for number in 1...3 { rig.answer(.rows("o/\(number)", next: number < 3 ? "/api/models?c=\(number)" : nil)) }
        work = try #require(try await rig.fetch(work).nextPage)
        work = try #require(try await rig.fetch(work).nextPage)
        guard case .snoozed(let until, _) = try await rig.fetch(work).end else {
            Issue.record("the third call is beyond the budget")
            return
        }
        #expect(until > rig.time.now() && rig.sent.count == 2)
        rig.time.advance(by: .hours(1) + .seconds(61))
        #expect(try await rig.fetch(work).next.map(\.kind) == [NormalizeRefresh.name])
    }

    @Test func aPageWhoseProcessWasKilledIsAskedForAgainAndKeptOnce() async throws {
        let rig = try FetchRig()
        let first = try await begin(rig)
        rig.answer(.rows("o/1", next: "/api/models?c=1"), .rows("o/1", next: "/api/models?c=1"), .rows("o/2"))
        // The first run's process died after its commit was lost: nothing of it is there.
        _ = try await rig.stage.run(first, JobContext(job: JobID(1), attempt: 1, log: rig.log.logger))
        #expect(try rig.pages(of: first).isEmpty)
        let second = try #require(try await rig.fetch(first, attempt: 2).nextPage)
        _ = try await rig.fetch(second)
        #expect(try rig.pages(of: first).map(\.number) == [1, 2])
        #expect(try rig.refresh(first).state == "fetched")
    }

    @Test func withoutOneOfItsPagesThereIsNoSnapshot() async throws {
        let rig = try FetchRig()
        var work = try await begin(rig)
        rig.answer(.rows("o/1", next: "/api/models?c=1"), .status(500))
        work = try #require(try await rig.fetch(work).nextPage)
        let result = try await rig.fetch(work, attempt: 8, isLast: true)
        guard case .dead = result.end else {
            Issue.record("\(result.end)")
            return
        }
        #expect(result.next.isEmpty)
        #expect(try rig.refresh(work).state == "failed")
        #expect(try await plan(rig).end == .cancelled(reason: "the last walk failed less than an hour ago"))
        rig.time.advance(by: .hours(1))
        #expect(try await plan(rig).nextPage != nil)
    }

    @Test func countersThatMoveOnTheWayEndIt() async throws {
        let rig = try FetchRig()
        try moveCounters(rig)
        rig.time.advance(by: .minutes(1))
        var work = try await begin(rig)
        rig.answer(.rows("o/1", next: "/api/models?c=1"), .rows("o/2"))
        work = try #require(try await rig.fetch(work).nextPage)
        rig.time.advance(by: .hours(1))
        try moveCounters(rig)
        let result = try await rig.fetch(work)
        #expect(result.end == .cancelled(reason: "the counters moved during the walk") && result.next.isEmpty)
        #expect(rig.sent.count == 1, "the old cursor is not used again")
        #expect(try rig.refresh(work).state == "failed")
        rig.time.advance(by: .hours(1))
        let next = try await begin(rig)
        #expect(next.number == 1 && next.url.contains("sort=createdAt"))
    }
}
