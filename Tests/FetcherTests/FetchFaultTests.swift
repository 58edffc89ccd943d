import HTTPClient
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import fetcher

@Suite struct FetchFaultTests {
    private static let empty = HeaderLine("RateLimit", #""api";r=0;t=23"#)

    @Test func aPageThatIsNotJSONIsTriedAgainAndThenKeptAsEvidence() async throws {
        let rig = try FetchRig()
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"])
        let torn = FetchRig.Answer.status(200, [HeaderLine("ETag", "\"x\"")], body: #"[{"id":"a/b""#)
        rig.answer(torn, torn, torn)
        for attempt in 1...2 {
            guard case .retry(_, let errorClass, _) = try await rig.fetch(work, attempt: attempt).end else {
                Issue.record("attempt \(attempt) was not to be tried again")
                return
            }
            #expect(errorClass == "malformed")
            #expect(try rig.pages(of: work).isEmpty)
        }
        let result = try await rig.fetch(work, attempt: 3)
        #expect(result.end == .done)
        #expect(try result.nextPage?.url == "\(FetchRig.root)/b")
        let page = try #require(try rig.pages(of: work).first)
        #expect(page.rawBytes == 12 && page.etag == nil, "it must be fetched anew next time")
    }

    @Test(arguments: [408, 500, 502, 503, 504])
    func aBusyUpstreamIsTriedAgainAndThenGivenUp(status: Int) async throws {
        let rig = try FetchRig()
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"])
        rig.answer(.status(status, [HeaderLine("Retry-After", "40")]), .status(status, body: "<html>"))
        let first = try await rig.fetch(work)
        #expect(
            first.end
                == .retry(
                    at: rig.time.now() + .seconds(40), errorClass: "http_\(status)",
                    reason: "the upstream answered \(status)"))
        #expect(try rig.pages(of: work).isEmpty)
        let last = try await rig.fetch(work, attempt: 8, isLast: true)
        #expect(last.end == .dead(errorClass: "http_\(status)", reason: "the upstream answered \(status)"))
        #expect(try last.nextPage?.url == "\(FetchRig.root)/b", "the refresh goes on")
        #expect(try rig.pages(of: work).map(\.status) == [status])
        #expect(try rig.refresh(work).state == "fetching")
        #expect(try rig.refresh(work).callsUsed == 2)
    }

    @Test(arguments: ClientError.Kind.allCases)
    func aCallWithoutAnAnswerIsTriedAgainAndThenGivenUp(kind: ClientError.Kind) async throws {
        let rig = try FetchRig()
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"])
        rig.answer(.failure(ClientError(kind, "broke")), .failure(ClientError(kind, "broke")))
        #expect(
            try await rig.fetch(work).end
                == .retry(
                    at: rig.time.now() + .seconds(1), errorClass: kind.rawValue, reason: "\(kind.rawValue): broke"))
        #expect(try await rig.fetch(work, attempt: 8, isLast: true).nextPage?.url == "\(FetchRig.root)/b")
        #expect(try rig.pages(of: work).map(\.status) == [0])
    }

    @Test(arguments: [400, 401, 403, 404, 422, 301])
    func aRefusedListingCostsItself(status: Int) async throws {
        let rig = try FetchRig()
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"])
        rig.answer(.status(status, body: #"{"error":"no"}"#))
        #expect(try await rig.fetch(work).nextPage?.url == "\(FetchRig.root)/b")
        #expect(try rig.pages(of: work).map(\.status) == [status])
    }

    @Test func withoutOnePageOfAnyListingTheRefreshFails() async throws {
        let rig = try FetchRig()
        let work = try rig.begin(models: ["x/y"])
        rig.answer(.status(403, body: #"{"error":"no"}"#))
        let result = try await rig.fetch(work)
        let reason = "no page of any listing could be had"
        #expect(result.end == .dead(errorClass: "upstream", reason: reason))
        #expect(result.next.isEmpty)
        #expect(try rig.refresh(work).state == "failed")
        let newest = try #require(try rig.place.open().run(.newestUpstreamRefresh(feed: "hub")).first)
        #expect(newest.error == reason)
        #expect(try rig.component()?.lastError == reason)
    }

    @Test func aUsedUpQuotaStopsEverybodyAndCostsNoAttempt() async throws {
        let rig = try FetchRig()
        let work = try rig.begin()
        rig.answer(.status(429, [Self.empty]))
        let until = rig.time.now() + .seconds(24)
        #expect(try await rig.fetch(work).end == .snoozed(until: until, reason: "the upstream's quota is used up"))
        #expect(
            try await rig.fetch(work, attempt: 8, isLast: true).end
                == .snoozed(
                    until: until, reason: "the upstream's quota is used up"))
        #expect(rig.sent.count == 1, "the second one was not sent")
        rig.time.advance(by: .seconds(24))
        rig.answer(.rows("a/b"))
        #expect(try await rig.fetch(work).end == .done)
    }

    @Test func anExhaustedQuotaIsToldOnceForEachTimeThatCallsStop() async throws {
        let rig = try FetchRig()
        let work = try rig.begin()
        let events = Query<String>("SELECT type FROM event ORDER BY sequence") { $0.text(0) }
        rig.answer(.status(429, [Self.empty]))
        let first = try await rig.fetch(work)
        #expect(first.wakes.contains(StageName.notify.rawValue))
        #expect(try rig.place.open().run(events) == ["quota.exhausted"])
        // Another fetcher's call that was under way is answered alike.
        let again = BlockUpstream(
            until: rig.time.now() + .seconds(25), reason: "again", traceParent: nil, now: rig.time.now())
        try again.apply(to: try rig.place.open())
        #expect(try rig.place.open().run(events).count == 1)
        rig.time.advance(by: .seconds(26))
        rig.answer(.status(429, [Self.empty]))
        _ = try await rig.fetch(work)
        #expect(try rig.place.open().run(events).count == 2, "the next time is told again")
    }

    @Test func theEdgesThrottleIsNotTheQuota() async throws {
        let rig = try FetchRig()
        let work = try rig.begin()
        rig.answer(.status(429), .rows("a/b"))
        #expect(
            try await rig.fetch(work).end
                == .retry(
                    at: rig.time.now() + .seconds(1), errorClass: "edge_throttle", reason: "the edge answered 429"))
        #expect(try await rig.fetch(work).end == .done, "nobody else is held up")
    }

    @Test func withoutBudgetTheJobWaitsAndNothingIsSent() async throws {
        let rig = try FetchRig(budget: "1/1m")
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"])
        rig.answer(.rows("a/b"))
        let next = try #require(try await rig.fetch(work).nextPage)
        let waiting = try await rig.fetch(next)
        #expect(
            waiting.end
                == .snoozed(
                    until: rig.time.now() + .minutes(1) + .milliseconds(1), reason: "budget of 1 calls used up"))
        #expect(rig.sent.count == 1 && waiting.writes.isEmpty)
    }

    @Test(arguments: ["fetched", "normalized", "failed"])
    func aRefreshThatIsOverIsLeftAlone(state: String) async throws {
        let rig = try FetchRig()
        let work = try rig.begin()
        try rig.place.open().run(Query<Void>.setRefreshState(work.refresh, state: state))
        #expect(try await rig.fetch(work).end == .cancelled(reason: "the refresh \(work.refresh) is over"))
        #expect(rig.sent.isEmpty)
    }

    @Test func aListingThatIsWrappedCountsAsAListing() async throws {
        let rig = try FetchRig()
        let work = try rig.begin(models: ["a/b"])
        rig.answer(.status(200, body: #"{"models":[{"id":"a/b"},7,{"id":8}]}"#))
        #expect(try await rig.fetch(work).next.map(\.kind) == [NormalizeRefresh.name])
    }
}
