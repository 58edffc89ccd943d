import Contracts
import Ledger
import Model
import Store
import Testing

/// What every engine promises of usage and performance: what was recorded is in the next answer, and exact.
@Suite struct UsageConformanceTests {
    private static func session(
        _ id: String, _ status: SessionStatus = .success, agent: String = "a", billed: Int64? = 1_000_000_000,
        change: (inout CanonicalSession) -> Void = { _ in }
    ) -> CanonicalSession {
        Told.session(id, status, agent: agent) { session in
            var usage = ReportedUsage()
            (usage.promptTokens, usage.completionTokens, usage.billedCost) = (100, 50, billed)
            session.usage = usage
            session.taskCategory = "review"
            change(&session)
        }
    }

    private static func record(_ sessions: [CanonicalSession], _ opened: Engine.Opened) async {
        let entries = sessions.map { LedgerEntry(session: $0, key: .derived, result: Told.answer) }
        for outcome in await opened.ledger.record(entries, now: Told.start + .days(1)) {
            #expect((try? outcome.get()) != .conflict)
        }
    }

    @Test(arguments: Engine.allCases)
    func anEmptyLedgerHasNothing(engine: Engine) async throws {
        let opened = try engine.open()
        #expect(try await opened.usage.usage(of: "nobody") == nil)
        #expect(try await opened.usage.revisions(of: "nobody").isEmpty)
        #expect(try await opened.usage.report(UsageFilter()) == UsageReport())
        #expect(try await opened.usage.byModel(UsageFilter()).isEmpty)
        #expect(try await opened.performance.report(UsageFilter()).models.isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func whatWasRecordedIsInTheNextAnswer(engine: Engine) async throws {
        let opened = try engine.open()
        await Self.record([Self.session("s1"), Self.session("s2", .running, agent: "b", billed: nil)], opened)
        let report = try await opened.usage.report(UsageFilter())
        #expect(report.totals[.runs] == 2 && report.totals[.tokens] == 300 && report.totals[.cost] == 1_000_000_000)
        #expect(report.totals[.costUnknown] == 1 && report.days.count == 1)
        #expect(try await opened.usage.usage(of: "s1")?.pricingVersion == "provider_native")
        let names = try await opened.usage.byAgent(UsageFilter()).map(\.name)
        #expect(names == ["a", "b"], "the dearest first")
        let models = try await opened.performance.report(UsageFilter()).models
        #expect(models.map(\.runs) == [1], "a session that is under way has not gone anyhow")
    }

    @Test(arguments: Engine.allCases)
    func everyFilterLeavesItsOwn(engine: Engine) async throws {
        let opened = try engine.open()
        await Self.record(
            [Self.session("s1"), Self.session("s2", agent: "b") { $0.taskCategory = nil }], opened)
        func runs(_ filter: UsageFilter) async throws -> Int64 {
            try await opened.usage.report(filter).totals[.runs]
        }
        #expect(try await runs(UsageFilter(agent: "a")) == 1)
        #expect(try await runs(UsageFilter(task: "review")) == 1)
        #expect(try await runs(UsageFilter(model: "m-1")) == 2)
        #expect(try await runs(UsageFilter(agent: "b", model: "m-1", task: "review")) == 0)
        #expect(try await runs(UsageFilter(from: Told.start, through: Told.start)) == 2)
        #expect(try await runs(UsageFilter(from: Told.start + .milliseconds(1))) == 0)
        #expect(try await runs(UsageFilter(from: Told.start, through: Told.start - .days(1))) == 0)
    }

    @Test(arguments: Engine.allCases)
    func anUpdateReplacesAndAddsNothing(engine: Engine) async throws {
        let opened = try engine.open()
        await Self.record([Self.session("s1", .running, billed: 5)], opened)
        await Self.record([Self.session("s1", .failed, billed: 7)], opened)
        let totals = try await opened.usage.report(UsageFilter()).totals
        #expect(totals[.runs] == 1 && totals[.failed] == 1 && totals[.running] == 0 && totals[.cost] == 7)
        let model = try #require(try await opened.performance.report(UsageFilter()).models.first)
        #expect(model.failed == 1 && model.runtime.p50 == 90_000 && model.cost.p99 == 7)
    }
}
