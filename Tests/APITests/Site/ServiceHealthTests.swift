import Deployment
import HTTPServer
import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import api

@Suite struct ServiceHealthTests {
    private func root(_ rig: SiteRig) async throws -> JSONNode {
        let response = await rig.get("/api/v4/health")
        #expect(response.status == 200, "always")
        return try JSONDocument(parsing: response.bytes).root
    }

    @Test func withoutASnapshotTheServiceHasFailed() async throws {
        let rig = try await SiteRig()
        let health = try await root(rig)
        #expect(health["status"]?.string == "failed" && health["snapshot"]?.isNull == true)
        #expect(health["components"]?["database"]?["status"]?.string == "ok")
    }

    @Test func aPartThatFailsDegradesTheRest() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        try await rig.refresh()
        #expect(try await root(rig)["status"]?.string == "ok")
        try rig.place.open().run(
            Query<Void>.reportComponent("scoreCompute", status: "failed", lastError: "no figures", now: SiteRig.start))
        let health = try await root(rig)
        #expect(health["status"]?.string == "degraded")
        let part = try #require(health["components"]?["scoreCompute"])
        #expect(part["status"]?.string == "failed" && part["lastError"]?.string == "no figures")
        #expect(part["since"]?.string == SiteRig.start.rfc3339)
    }

    @Test func everyStageHasItsBacklogAndUnknownIsNull() async throws {
        let rig = try await SiteRig()
        try rig.publish(models: ["a/b"])
        try await rig.refresh()
        try rig.place.open().enqueue(
            NewJob(kind: "fetch-page", stage: .fetch, payload: "{}", maxAttempts: 3), now: SiteRig.start)
        let health = try await root(rig)
        let stages = try #require(health["queue"]?["perStage"])
        #expect(stages.members.map(\.key) == StageName.allCases.map(\.rawValue))
        #expect(stages["fetch"]?["pending"]?.int64 == 1 && health["queue"]?["pending"]?.int64 == 1)
        #expect(stages["score"]?["oldestAgeSeconds"]?.isNull == true)
        #expect(health["quota"]?["hfRemaining"]?.isNull == true)
        #expect(health["quota"]?["budgetToday"]?.int64 == 20_000 && health["quota"]?["usedToday"]?.int64 == 0)
        #expect(health["storage"]?["bytes"]?.int64 ?? 0 > 0)
        #expect(health["snapshot"]?["id"]?.string == Snapshot.id(feed: "hub", observedAt: SiteRig.start))
    }

    @Test func theDaysBudgetIsTheStrictestRuleOfADayOrMore() throws {
        let budget = try #require(CallBudget(setting: "300/5m,20000/1d,70000/7d"))
        #expect(budget.callsPerDay == 10_000)
        #expect(CallBudget(setting: "300/5m")?.callsPerDay == nil)
    }
}
