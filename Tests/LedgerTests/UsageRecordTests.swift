import Contracts
import Jobs
import Ledger
import Model
import Pricing
import SQLite
import Store
import TestKit
import Testing

/// What a session used and cost is stored with the session, and priced anew as a new revision.
@Suite struct UsageRecordTests {
    private let place: TemporaryDatabase
    private let prices = PriceDesk()

    init() throws {
        place = try TemporaryDatabase()
    }

    private func add(_ version: String, dollars: Int64, from: Timestamp = Told.start - .days(1)) throws {
        let list = [TokenBucket.inputUncached, .outputVisible].map {
            Price(provider: "openai", model: "gpt-5", bucket: $0, nanoUSDPerMillion: dollars * 1_000_000_000)
        }
        let book = PriceBook(
            version: version, effectiveFrom: from, publishedAt: from, source: "test", prices: list)
        try place.open().transaction { db throws(SQLiteError) in
            _ = try db.importPriceBook(
                book, sha256: String(repeating: "0", count: 64), by: "test", now: Told.start)
        }
    }

    private func session(
        _ status: SessionStatus = .success, prompt: Int64? = 1_000, completion: Int64? = 500, billed: Int64? = nil
    ) -> CanonicalSession {
        Told.session("s", status, model: "gpt-5") { session in
            session.provider = "openai"
            var usage = ReportedUsage()
            usage.promptTokens = prompt
            usage.completionTokens = completion
            usage.billedCost = billed
            session.usage = usage
        }
    }

    private func current() async throws -> SessionUsageRow {
        try #require(try await SQLiteUsage(place.database()).usage(of: "s"))
    }

    @Test func costsAreThereWhenTheSessionIs() async throws {
        try add("v1", dollars: 2)
        _ = try place.open().tell(session(), prices: prices)
        let usage = try await current()
        #expect(usage.facts.cost == 3_000_000 && usage.pricingVersion == "v1" && usage.facts.totalTokens == 1_500)
        #expect(usage.costConfidence == .estimated && usage.costLevel == .medium)
        #expect(usage.facts.runtime == 90_000 && usage.runtimeConfidence == .high)
    }

    @Test func withoutABookTheCostIsUnknownForAReason() async throws {
        _ = try place.open().tell(session(), prices: prices)
        let usage = try await current()
        #expect(usage.facts.cost == nil && usage.unpricedReason == "no_price_book" && usage.pricingVersion == nil)
    }

    @Test func aBillCarriesProviderNativeAndTheBooksFigureStaysBesideIt() async throws {
        try add("v1", dollars: 2)
        _ = try place.open().tell(session(billed: 3_100_000), prices: prices)
        let usage = try await current()
        #expect(usage.facts.cost == 3_100_000 && usage.pricingVersion == "provider_native")
        #expect(usage.facts.computed == 3_000_000 && usage.computedVersion == "v1")
        let report = try await SQLiteUsage(place.database()).report(UsageFilter())
        #expect(report.totals[.drift] == 100_000 && report.totals[.driftRuns] == 1)
    }

    @Test func whatASessionLeavesOutOfAnUpdateStays() async throws {
        try add("v1", dollars: 2)
        let connection = try place.open()
        _ = try connection.tell(session(.running), prices: prices)
        _ = try connection.tell(Told.session("s", model: "gpt-5"), prices: prices)
        let usage = try await current()
        #expect(usage.facts.totalTokens == 1_500 && usage.facts.status == .success && usage.revision == 1)
    }

    @Test func pricesThatAreKnownLaterMakeANewRevision() async throws {
        try add("v1", dollars: 2)
        let connection = try place.open()
        _ = try connection.tell(session(), prices: prices)
        try add("v2", dollars: 3, from: Told.start)
        func reprice(isDry: Bool) throws -> RepricingTally {
            try connection.transaction { [prices] db throws(SQLiteError) in
                try db.reprice(
                    from: Told.start, through: Told.start, after: 0, limit: 10, prices: prices, isDry: isDry,
                    now: Told.start + .days(1))
            }.tally
        }
        var expected = RepricingTally()
        (expected.looked, expected.changed, expected.before, expected.after) = (1, 1, 3_000_000, 4_500_000)
        #expect(try reprice(isDry: true) == expected)
        #expect(try await current().pricingVersion == "v1", "a dry run changes nothing")
        #expect(try reprice(isDry: false) == expected)
        let revisions = try await SQLiteUsage(place.database()).revisions(of: "s")
        #expect(revisions.map(\.pricingVersion) == ["v1", "v2"] && revisions.map(\.revision) == [1, 2])
        #expect(revisions[0].supersededAt != nil && revisions[1].supersededAt == nil)
        #expect(try reprice(isDry: false).changed == 0, "the second time there is nothing to change")
        #expect(try connection.run(Query("SELECT cost_nanousd FROM session_ledger") { $0.integer(0) }) == [4_500_000])
    }

    /// The database refuses what no code of ours would write.
    @Test(arguments: [
        "pricing_version = NULL", "computed_version = NULL", "cost_nanousd = NULL", "cost_source = 'unknown'",
        "input_uncached = -1", "computed_version = 'no such book'", "runtime_ms = NULL", "stated = 'not json'",
    ])
    func anEstimateWithoutAVersionIsRefused(change: String) throws {
        try add("v1", dollars: 2)
        let connection = try place.open()
        _ = try connection.tell(session(), prices: prices)
        let error = #expect(throws: SQLiteError.self) { try connection.runScript("UPDATE session_usage SET " + change) }
        #expect(error?.isConstraint == true)
    }

    @Test func oneJobIsAskedForHoweverManySessionsAreTold() throws {
        let connection = try place.open()
        for number in 0..<5 { _ = try connection.tell(Told.session("s\(number)"), prices: prices) }
        func jobs() throws -> [String] {
            try connection.run(Query("SELECT state FROM job WHERE kind = 'sum-usage'") { $0.text(0) })
        }
        #expect(try jobs() == ["scheduled"])
        try connection.transaction { db throws(SQLiteError) in
            try SumPendingUsage(batch: 3, now: Told.start).apply(to: db)
        }
        #expect(try jobs() == ["scheduled"], "what is left is asked for under the same key")
        #expect(try connection.run(Query("SELECT COUNT(*) FROM usage_pending") { $0.count(0) }) == [2])
    }

    @Test func aBookIsImportedOnceAndNeverChanged() throws {
        let connection = try place.open()
        func bring(_ version: String, _ digit: String) throws -> PriceBookOutcome {
            try connection.transaction { db throws(SQLiteError) in
                try db.importPriceBook(
                    PriceBook(
                        version: version, effectiveFrom: Told.start, publishedAt: Told.start, source: "test",
                        prices: []), sha256: String(repeating: digit, count: 64), by: "test", now: Told.start)
            }
        }
        #expect(try bring("v1", "a") == .added)
        #expect(try bring("v1", "a") == .known)
        #expect(try bring("v1", "b") == .contradicts)
        #expect(try bring("v2", "b") == .added)
    }
}
