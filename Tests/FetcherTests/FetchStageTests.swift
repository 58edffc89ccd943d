import HTTPClient
import Jobs
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import fetcher

@Suite struct FetchStageTests {
    /// SHA-256 of `[{"id":"a/b"}]`, computed by coreutils.
    private static let digest = "a267d9cc9a1cbb02f7dd386199325088e0a483fca19662770bdf86d691e264e7"

    @Test func aPageIsKeptAsItIsAndTheNextOnePlanned() async throws {
        let rig = try FetchRig()
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"], models: ["x/y"])
        rig.answer(.rows("a/b", next: "/api/models?cursor=2", etag: "W/\"1\""))
        let result = try await rig.fetch(work)
        #expect(result.end == .done)
        let page = try #require(try rig.pages(of: work).first)
        #expect(page.sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == Self.digest)
        #expect(page.rawBytes == 14 && page.status == 200 && page.etag == "W/\"1\"" && page.model == nil)
        #expect(page.nextURL == "\(FetchRig.root)/api/models?cursor=2")
        let next = try #require(try result.nextPage)
        #expect(next.url == page.nextURL && next.number == 2 && next.pagesLeft == 3)
        #expect(next.listings == work.listings && next.models == ["x/y"])
        #expect(try rig.refresh(work).callsUsed == 1)
    }

    @Test(arguments: [0, 1])
    func afterTheLastPageOfAListingTheNextListingBegins(pagesLeft: Int) async throws {
        let rig = try FetchRig()
        let work = try rig.begin(pagesLeft: pagesLeft, listings: ["\(FetchRig.root)/b", "\(FetchRig.root)/c"])
        // With pages left there is no link; with none left the link is not followed.
        rig.answer(.rows("a/b", next: pagesLeft == 0 ? "/more" : nil))
        let next = try #require(try await rig.fetch(work).nextPage)
        #expect(next.url == "\(FetchRig.root)/b" && next.pagesLeft == 4 && next.number == 2)
        #expect(next.listings == ["\(FetchRig.root)/c"])
    }

    @Test func afterTheLastListingTheSnapshotIsMade() async throws {
        let rig = try FetchRig()
        let work = try rig.begin(models: ["a/b"])
        rig.answer(.rows("a/b"))
        let result = try await rig.fetch(work)
        #expect(result.next.map(\.kind) == [NormalizeRefresh.name])
        #expect(result.next.first?.uniqueKey == "normalize-refresh:\(work.refresh)")
        #expect(try rig.refresh(work).state == "fetched")
        #expect(try rig.component()?.status == "ok")
    }

    @Test func curatedModelsThatNoPageHasAreAskedForOneByOne() async throws {
        let rig = try FetchRig()
        let work = try rig.begin(models: ["a/b", "x/1", "x/2"])
        rig.answer(
            .rows("a/b"), .status(404, body: #"{"error":"Repository not found"}"#),
            .status(200, body: #"{"id":"x/2"}"#))
        let result = try await rig.fetchAll(work)
        #expect(result.next.map(\.kind) == [NormalizeRefresh.name])
        let pages = try rig.pages(of: work)
        #expect(pages.map(\.model) == [nil, "x/1", "x/2"] && pages.map(\.status) == [200, 404, 200])
        #expect(rig.sent[1].url.hasPrefix("\(FetchRig.root)/api/models/x/1?"))
        #expect(try rig.refresh(work).callsUsed == 3)
    }

    @Test func aMovedModelIsFollowedOnceOnTheSameServer() async throws {
        let rig = try FetchRig(token: "hf_secret")
        let work = try rig.begin(models: ["old"])
        rig.answer(
            .rows("a/b"), .status(307, [HeaderLine("Location", "/api/models/new/name")]),
            .status(200, body: #"{"id":"new/name"}"#))
        _ = try await rig.fetchAll(work)
        #expect(rig.sent.last?.url == "\(FetchRig.root)/api/models/new/name")
        #expect(try rig.pages(of: work).last?.status == 200)
        #expect(try rig.refresh(work).callsUsed == 3)
    }

    @Test func whereTheBudgetEndsWithTheRedirectItIsAskedForLater() async throws {
        let rig = try FetchRig(budget: "2/1h")
        let work = try rig.begin(models: ["old"])
        rig.answer(.rows("a/b"), .status(307, [HeaderLine("Location", "/api/models/new/name")]))
        let first = try await rig.fetch(work)
        let question = try #require(try first.nextPage)
        let denied = try await rig.fetch(question)
        guard case .snoozed(let until, _) = denied.end else {
            Issue.record("ended as \(denied.end)")
            return
        }
        #expect(until > rig.time.now() && denied.next.isEmpty)
        #expect(try rig.pages(of: work).count == 1 && rig.refresh(work).callsUsed == 2)
        rig.time.advance(by: .hours(2))
        rig.answer(
            .status(307, [HeaderLine("Location", "/api/models/new/name")]), .status(200, body: #"{"id":"new/name"}"#))
        #expect(try await rig.fetch(question).next.map(\.kind) == [NormalizeRefresh.name])
    }

    @Test func aModelThatMovedToAnotherHostStaysAnError() async throws {
        let rig = try FetchRig(token: "hf_secret")
        let work = try rig.begin(models: ["old"])
        rig.answer(.rows("a/b"), .status(307, [HeaderLine("Location", "https://evil.example/x")]))
        let result = try await rig.fetchAll(work)
        #expect(result.next.map(\.kind) == [NormalizeRefresh.name])
        #expect(try rig.pages(of: work).last?.status == 307)
        #expect(rig.sent.allSatisfy { URLParts($0.url)?.host == "hub.example" })
    }

    @Test func anUnchangedPageStandsForThisObservationToo() async throws {
        let rig = try FetchRig()
        let first = try rig.begin()
        rig.answer(.rows("a/b", next: "/api/models?cursor=2", etag: "W/\"1\""), .rows("c/d"))
        _ = try await rig.fetchAll(first)
        rig.time.advance(by: .hours(1))
        let second = try rig.begin(models: ["a/b"])
        rig.answer(.status(304), .rows("c/d"))
        let result = try await rig.fetchAll(second)
        #expect(result.next.map(\.kind) == [NormalizeRefresh.name])
        #expect(rig.sent[2].headers.contains(HeaderLine("If-None-Match", "W/\"1\"")))
        #expect(!rig.sent[3].headers.contains { $0.isNamed("If-None-Match") }, "the second page had no validator")
        let (old, new) = (try rig.pages(of: first)[0], try rig.pages(of: second)[0])
        #expect(new.status == 304 && new.bodyGzip == old.bodyGzip && new.sha256 == old.sha256)
        #expect(new.etag == old.etag && new.nextURL == old.nextURL)
        #expect(try rig.refresh(second).callsUsed == 2, "a 304 is a call")
    }

    @Test func a304ThatNobodyAskedForCostsThePage() async throws {
        let rig = try FetchRig()
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"])
        rig.answer(.status(304))
        #expect(try await rig.fetch(work).nextPage?.url == "\(FetchRig.root)/b")
        #expect(try rig.pages(of: work).map(\.rawBytes) == [0])
    }

    @Test func aForeignNextLinkIsNotFollowed() async throws {
        let rig = try FetchRig(token: "hf_secret")
        let work = try rig.begin(listings: ["\(FetchRig.root)/b"])
        rig.answer(.rows("a/b", next: "https://evil.example/api/models?cursor=2"))
        #expect(try await rig.fetch(work).nextPage?.url == "\(FetchRig.root)/b")
        #expect(try rig.pages(of: work).first?.nextURL == nil)
        #expect(rig.log.named("next link refused").count == 1)
    }

    @Test func theTokenIsSentWithEachCall() async throws {
        let rig = try FetchRig(token: "hf_secret")
        rig.answer(.rows("a/b"), .status(200, body: "{}"))
        _ = try await rig.fetchAll(rig.begin(models: ["x/y"]))
        #expect(rig.sent.count == 2)
        for request in rig.sent {
            #expect(request.headers.contains(HeaderLine("Authorization", "Bearer hf_secret")))
            #expect(request.method == "GET" && request.totalTimeout == .seconds(60))
        }
        let anonymous = try FetchRig()
        anonymous.answer(.rows("a/b"))
        _ = try await anonymous.fetch(anonymous.begin())
        #expect(anonymous.sent.first?.headers.contains { $0.isNamed("Authorization") } == false)
    }

    @Test func theQuotaThatTheUpstreamSaysIsKept() async throws {
        let rig = try FetchRig()
        rig.answer(
            .status(
                200,
                [
                    HeaderLine("RateLimit", #""api";r=495;t=23"#),
                    HeaderLine("RateLimit-Policy", #""fixed window";"api";q=500;w=300"#),
                ], body: "[]"))
        _ = try await rig.fetch(rig.begin())
        let quota = try #require(try rig.place.open().run(Query<UpstreamQuota>.upstreamQuota()).first)
        #expect(quota.remaining == 495 && quota.quota == 500)
        #expect(quota.resetsAt == rig.time.now() + .seconds(23))
    }
}
