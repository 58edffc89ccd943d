import Contracts
import Ledger
import Model
import Pricing
import SQLite
import Store
import TestKit
import Testing

/// Sums equal facts at every moment, whatever happens to sessions, and whether anybody has summed or not.
@Suite struct UsageSumTests {
    static let agents = ["planner", "coder", "-odd"]
    static let models = ["gpt-5", "claude-sonnet-4-5", "m"]
    static let tasks: [String?] = [nil, "review", "mend"]
    /// Around the days on which clocks change, in Europe and in America, and around New Year: UTC days do not care.
    static let moments = [
        "2026-03-29T00:00:00Z", "2026-10-25T00:30:00Z", "2026-11-01T05:59:59.999Z", "2025-12-31T23:59:59Z",
    ]

    private let place: TemporaryDatabase
    private let prices = PriceDesk()

    init() throws {
        place = try TemporaryDatabase()
        let book = PriceBook(
            version: "v1", effectiveFrom: Timestamp(milliseconds: 0), publishedAt: Timestamp(milliseconds: 0),
            source: "test",
            prices: [TokenBucket.inputUncached, .cacheRead, .outputVisible].flatMap { bucket in
                [("openai", "gpt-5"), ("anthropic", "claude-*")].map {
                    Price(provider: $0.0, model: $0.1, bucket: bucket, nanoUSDPerMillion: 1_234_567_891)
                }
            })
        try place.open().transaction { db throws(SQLiteError) in
            _ = try db.importPriceBook(
                book, sha256: String(repeating: "0", count: 64), by: "test", now: Timestamp(milliseconds: 1))
        }
    }

    /// A session as a random sender tells it, with a start written in some time zone.
    private func session(_ random: inout SplitMix64, _ number: Int) -> CanonicalSession {
        let status = SessionStatus.allCases.randomElement(using: &random) ?? .running
        return Told.session("s\(number)", status, agent: Self.agents.randomElement(using: &random) ?? "") { session in
            session.modelID = Self.models.randomElement(using: &random) ?? ""
            session.taskCategory = Self.tasks.randomElement(using: &random) ?? nil
            let base = Timestamp(rfc3339: Self.moments.randomElement(using: &random) ?? "") ?? Told.start
            let shifted = base + .milliseconds(Int64.random(in: -90_000_000...90_000_000, using: &random))
            // Written with an offset and read back: the moment is the same, and so is its UTC day.
            let zone = Int64.random(in: -12...14, using: &random)
            let local = (shifted + .hours(zone)).rfc3339.dropLast()
            let sign = zone < 0 ? "-" : "+"
            session.startedAt = Timestamp(rfc3339: "\(local)\(sign)\(Int(abs(zone)).padded(2)):00") ?? shifted
            if !status.isOpen, Bool.random(using: &random) {
                session.endedAt = session.startedAt + .milliseconds(Int64.random(in: 0...9_999_999, using: &random))
            } else {
                session.endedAt = nil
            }
            if Int.random(in: 0..<4, using: &random) > 0 { session.usage = usage(&random) }
        }
    }

    private func usage(_ random: inout SplitMix64) -> ReportedUsage {
        var usage = ReportedUsage()
        usage.promptTokens = Bool.random(using: &random) ? Int64.random(in: 0...500_000, using: &random) : nil
        usage.completionTokens = Bool.random(using: &random) ? Int64.random(in: 0...9_000, using: &random) : nil
        usage.totalTokens = Int.random(in: 0..<3, using: &random) == 0 ? 400_000 : nil
        usage.billedCost =
            Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 0...9_000_000_000, using: &random) : nil
        if Bool.random(using: &random) {
            var detail = TokenDetail()
            detail.inputTokens = Int64.random(in: 0...1_000, using: &random)
            detail.outputTokens = Int64.random(in: 0...1_000, using: &random)
            detail.cacheReadTokens = Int64.random(in: 0...1_200, using: &random)
            usage.detail = detail
        }
        return usage
    }

    @Test(arguments: 0..<24 as Range<UInt64>)
    func sumsEqualFactsAlways(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let connection = try place.open()
        let database = try place.database()
        for step in 0..<60 {
            let now = Told.start + .days(400) + .seconds(Int64(step))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<7:
                let session = session(&random, Int.random(in: 0..<25, using: &random))
                let key = IngestKey.explicit("k\(step)")
                _ = try connection.tell(session, key, prices: prices, at: now)
            case 7:
                let id = "s\(Int.random(in: 0..<25, using: &random))"
                try connection.run(Query<Void>("DELETE FROM session_ledger WHERE session_id = ?1", [.text(id)]))
            case 8:
                let batch = Int.random(in: 1...20, using: &random)
                try connection.transaction { db throws(SQLiteError) in
                    try SumPendingUsage(batch: batch, now: now).apply(to: db)
                }
            default:
                _ = try connection.transaction { [prices] db throws(SQLiteError) in
                    try db.reprice(
                        from: UsageFilter.beginning, through: UsageFilter.end, after: 0, limit: 100, prices: prices,
                        isDry: false, now: now)
                }
            }
            if step % 6 == 5 { try await compare(connection, database, filter(&random)) }
        }
        try connection.transaction { db throws(SQLiteError) in
            try SumPendingUsage(batch: 10_000, now: Told.start).apply(to: db)
        }
        for _ in 0..<6 { try await compare(connection, database, filter(&random)) }
        try await compare(connection, database, UsageFilter())
    }

    /// A sum that went over its edge is right again once it is back, and holds nobody up meanwhile.
    @Test func aSumOverItsEdgeComesBack() throws {
        let connection = try place.open()
        func sum() throws {
            try connection.transaction { db throws(SQLiteError) in
                try SumPendingUsage(now: Told.start).apply(to: db)
            }
        }
        func runtimes() throws -> [Int64] {
            try connection.run(
                Query("SELECT runtime_ms FROM daily_usage_agg WHERE scope IN (0, 7) ORDER BY scope") { $0.integer(0) })
        }
        let huge = Int64.max / 2
        for number in 0..<3 {
            let session = Told.session("s\(number)", .success, agent: "planner") { session in
                (session.endedAt, session.reportedRuntime) = (nil, huge)
            }
            _ = try connection.tell(session, .explicit("k\(number)"), prices: prices, at: Told.start)
            try sum()
        }
        let over = huge &* 3
        let first = try runtimes()
        #expect(first == [over, over])
        try connection.runScript("DELETE FROM session_ledger WHERE session_id = 's1'")
        try sum()
        let second = try runtimes()
        #expect(second == [huge * 2, huge * 2])
        try connection.runScript("DELETE FROM session_ledger")
        try sum()
        #expect(try runtimes() == [])
    }

    private func filter(_ random: inout SplitMix64) -> UsageFilter {
        func some<Element>(_ list: [Element]) -> Element? {
            Int.random(in: 0..<3, using: &random) == 0 ? list.randomElement(using: &random) : nil
        }
        func moment() -> Timestamp? {
            guard let base = some(Self.moments).flatMap({ Timestamp(rfc3339: $0) }) else { return nil }
            return Bool.random(using: &random)
                ? UTCDay(base).start : base + .milliseconds(Int64.random(in: -90_000_000...90_000_000, using: &random))
        }
        let through = moment()
        return UsageFilter(
            from: moment(), through: through.map { $0 == UTCDay($0).start ? UTCDay($0).lastMillisecond : $0 },
            agent: some(Self.agents), model: some(Self.models), task: some(["review", "mend"]))
    }

    /// What a reader is told, beside what plain statements say of the rows themselves.
    private func compare(
        _ connection: borrowing Connection, _ database: Database, _ filter: UsageFilter
    ) async throws {
        let report = try await SQLiteUsage(database).report(filter)
        let condition: [Value] = [
            .integer(filter.from.milliseconds), .integer(filter.through.milliseconds), .text(filter.agent),
            .text(filter.model), .text(filter.task),
        ]
        let facts = try connection.run(
            Query<[Int64]>(
                """
                SELECT COUNT(*), COALESCE(SUM(usage.total_tokens), 0), COALESCE(SUM(ledger.runtime_ms), 0),
                       COALESCE(SUM(usage.cost_nanousd), 0), COUNT(DISTINCT ledger.started_at_ms / 86400000),
                       COALESCE(SUM(usage.cost_source = 'unknown'), 0),
                       COALESCE(SUM(ledger.status = 'failed'), 0),
                       COALESCE(SUM(ledger.cost_nanousd IS NOT usage.cost_nanousd), 0)
                  FROM session_ledger AS ledger
                  JOIN session_usage AS usage ON usage.session_key = ledger.id AND usage.superseded_at_ms IS NULL
                 WHERE ledger.started_at_ms BETWEEN ?1 AND ?2 AND (?3 IS NULL OR ledger.agent_id = ?3)
                   AND (?4 IS NULL OR ledger.model_id = ?4) AND (?5 IS NULL OR ledger.task_category = ?5)
                """, condition
            ) { row in (0..<8).map { row.integer(Int32($0)) } })[0]
        let totals = report.totals
        #expect(
            [
                totals[.runs], totals[.tokens], totals[.runtime], totals[.cost], Int64(report.days.count),
                totals[.costUnknown], totals[.failed], 0,
            ] == facts, "\(filter)")
        let byAgent = try await SQLiteUsage(database).byAgent(filter)
        #expect(byAgent.reduce(0) { $0 + $1.sums[.cost] } == totals[.cost])
        let byModel = try await SQLiteUsage(database).byModel(filter)
        #expect(byModel.reduce(0) { $0 + $1.sums[.runs] } == totals[.runs])
        try await comparePerformance(database, filter)
    }

    /// Sketches count as facts do, and their quantiles are within the error that they state.
    private func comparePerformance(_ database: Database, _ filter: UsageFilter) async throws {
        let exact = try await SQLitePerformance(database).report(filter)
        let sketched = try await SQLitePerformance(database, exactLimit: -1).report(filter)
        #expect(exact.isExact && !sketched.isExact)
        #expect(exact.models.map(\.model) == sketched.models.map(\.model))
        for (one, other) in zip(exact.models, sketched.models) {
            #expect(one.runs == other.runs && one.success == other.success && one.failed == other.failed)
            let pairs = [
                (one.runtime.p50, other.runtime.p50), (one.runtime.p99, other.runtime.p99),
                (one.cost.p50, other.cost.p50), (one.cost.p95, other.cost.p95),
            ]
            for (truth, found) in pairs {
                #expect((truth == nil) == (found == nil))
                guard let truth, let found else { continue }
                #expect(abs(truth - found) <= truth * 0.010_000_1)
            }
        }
    }
}
