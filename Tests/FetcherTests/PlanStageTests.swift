import HTTPClient
import Jobs
import Model
import SQLite
import Store
import Telemetry
import TestKit
import Testing

@testable import fetcher

@Suite struct PlanStageTests {
    private let place: TemporaryDatabase
    private let time = ManualTime()

    init() throws {
        place = try TemporaryDatabase()
    }

    private func plan(_ feed: String = "hub", hub: String? = FetchRig.root) async throws -> StageResult {
        let address = hub.flatMap { URLParts($0) }.map { HubAddress(base: $0) }
        let stage = PlanStage(
            database: try place.database(), hub: address, pagesPerListing: 5, curated: ["a/b"], now: time.now)
        let result = try await stage.run(PlanRefresh(feed: feed), JobContext(job: JobID(1), log: .silent))
        try place.open().transaction { db throws(SQLiteError) in
            for write in result.writes { try write.apply(to: db) }
            for job in result.next { _ = try db.enqueue(job, now: time.now()) }
        }
        return result
    }

    @Test func aRefreshBeginsWithTheFirstPageOfTheFirstListing() async throws {
        let page = try #require(try await plan().nextPage)
        #expect(page.number == 1 && page.pagesLeft == 4 && page.models == ["a/b"])
        #expect(page.url.contains("sort=trendingScore") && page.listings.count == 3)
        let refresh = try #require(try place.open().run(Query<Refresh>.refresh(id: page.refresh)).first)
        #expect(refresh.state == "fetching" && refresh.origin == .upstream && refresh.observedAt == time.now())
    }

    @Test func oneRefreshAtATime() async throws {
        let first = try #require(try await plan().nextPage)
        time.advance(by: .hours(5))
        #expect(
            try await plan().end == .cancelled(reason: "the refresh \(first.refresh) is still under way"))
        time.advance(by: .hours(1))
        #expect(try await plan().nextPage != nil)
        #expect(try place.open().run(Query<Refresh>.refresh(id: first.refresh)).first?.state == "failed")
    }

    /// An operator has cancelled the job of its next page, or it is dead: nobody goes on with it.
    @Test(arguments: ["cancelled", "dead"])
    func whatNobodyGoesOnWithIsGivenUp(state: String) async throws {
        let first = try #require(try await plan().nextPage)
        time.advance(by: .minutes(1))
        try place.open().runScript("UPDATE job SET state = '\(state)', finished_at_ms = 1, unique_held = 0")
        #expect(try await plan().nextPage != nil)
        let given = try #require(try place.open().run(Query<Refresh>.refresh(id: first.refresh)).first)
        #expect(given.state == "failed")
    }

    @Test func withoutUpstreamNothingIsPlanned() async throws {
        #expect(try await plan(hub: nil).end == .cancelled(reason: "HELICARRIER_HUB_URL is off"))
    }

    @Test func onlyTheHubIsFetched() async throws {
        let reason = "only the feed hub is fetched, and whole-hub with HELICARRIER_SWEEP"
        for feed in ["transformers-js", "whole-hub"] {
            await #expect(throws: JobFailure.permanent("feed", reason)) { try await plan(feed) }
        }
    }
}
