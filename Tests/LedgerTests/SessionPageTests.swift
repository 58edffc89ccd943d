import Contracts
import Ledger
import Model
import SQLite
import Store
import TestKit
import Testing

/// Pages of sessions are those of a plain look at every session, whatever is asked for, and whether anybody has summed
/// or not.
@Suite struct SessionPageTests {
    private let place: TemporaryDatabase

    init() throws {
        place = try TemporaryDatabase()
    }

    /// Behind all names that anybody would give.
    private static let rare = "\u{10FFFF}rare"

    /// One that counts for little among many, and days on which little happens.
    private static func session(_ number: Int, _ random: inout SplitMix64) -> CanonicalSession {
        let agent = Int.random(in: 0..<90, using: &random) == 0 ? Self.rare : "busy"
        let status = SessionStatus.allCases.randomElement(using: &random) ?? .success
        let day = [0, 0, 0, 0, 1, 1, 2, 5, 9].randomElement(using: &random) ?? 0
        // Names whose order is that of their bytes and of no language.
        let name = ["s", "S", "é", "e\u{301}"][number % 4]
        return Told.session("\(name)\(number)", status, agent: agent) { session in
            session.taskTitle = ["a fox", "a fox and a hen", "a hen", nil].randomElement(using: &random) ?? nil
            session.modelID = ["m-1", "m-1", "m-2"].randomElement(using: &random) ?? "m-1"
            // Few moments, so that many are equal.
            session.startedAt =
                UTCDay(Told.start).start + .days(Int64(day)) + .hours(Int64.random(in: 0..<24, using: &random))
            session.endedAt = nil
            session.reportedRuntime = Bool.random(using: &random) ? Int64.random(in: 0..<9, using: &random) : nil
            session.usage = ReportedUsage()
            session.usage?.billedCost = Bool.random(using: &random) ? Int64.random(in: 0..<9, using: &random) : nil
        }
    }

    private struct Plain: Sendable {
        let id: Int64
        let name, agent, model, status: String
        let start: Int64
        let runtime, cost: Int64?
        let words: Set<Substring>
    }

    private static let all = Query<Plain>(
        """
        SELECT id, session_id, agent_id, model_id, status, started_at_ms, runtime_ms, cost_nanousd,
               coalesce(task_title, '')
          FROM session_ledger
        """
    ) {
        Plain(
            id: $0.integer(0), name: $0.text(1), agent: $0.text(2), model: $0.text(3), status: $0.text(4),
            start: $0.integer(5), runtime: $0.integerOrNull(6), cost: $0.integerOrNull(7),
            words: Set($0.text(8).split(separator: " ")))
    }

    private static func plain(_ sessions: [Plain], _ filter: SessionFilter, _ sort: SessionSort) -> [Int64] {
        sessions.filter { one in
            (filter.agent ?? one.agent) == one.agent && (filter.model ?? one.model) == one.model
                && (filter.status?.rawValue ?? one.status) == one.status
                && one.words.isSuperset(of: filter.words.map { Substring($0) })
                && one.start >= filter.from?.milliseconds ?? .min && one.start <= filter.to?.milliseconds ?? .max
        }.sorted { left, right in
            let (one, other) =
                sort == .runtime ? (left.runtime, right.runtime) : sort == .cost ? (left.cost, right.cost) : (0, 0)
            if (one, left.start) != (other, right.start) { return (one ?? -1, left.start) > (other ?? -1, right.start) }
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }.map(\.id)
    }

    private static func filter(_ random: inout SplitMix64) -> SessionFilter {
        var filter = SessionFilter()
        filter.agent = [Self.rare, "busy", "nobody", nil, nil, nil, nil].randomElement(using: &random) ?? nil
        if Int.random(in: 0..<3, using: &random) == 0 {
            filter.words = [["fox"], ["hen"], ["fox", "hen"], ["cow"]].randomElement(using: &random) ?? []
            if Bool.random(using: &random) { return filter }
        }
        filter.model = ["m-1", "m-2", nil].randomElement(using: &random) ?? nil
        filter.status = Bool.random(using: &random) ? SessionStatus.allCases.randomElement(using: &random) : nil
        let day = UTCDay(Told.start).start + .days(Int64.random(in: 0..<4, using: &random))
        if Bool.random(using: &random) { filter.from = day + .hours([0, 7].randomElement(using: &random) ?? 0) }
        if Bool.random(using: &random) { filter.to = day + .hours(24 * 3 + 5) - .milliseconds(1) }
        return filter
    }

    /// - Parameter count: of more, what an agent has is looked up where it is little.
    @Test(arguments: zip(0..<6 as Range<UInt64>, [200, 200, 200, 200, 200, 1_600]))
    func anyPageIsThatOfAPlainLook(seed: UInt64, count: Int) throws {
        var random = SplitMix64(seed: seed)
        let connection = try place.open()
        var told = 0
        for _ in 0..<4 {
            try connection.transaction { db throws(SQLiteError) in
                for number in told..<(told + count / 4) {
                    // Some are told again, and move.
                    let place = Int.random(in: 0..<9, using: &random) == 0 ? number / 2 : number
                    _ = try db.record(
                        Self.session(place, &random), key: .explicit("k\(number)"), result: Told.answer,
                        prices: PriceDesk(), now: Told.start + .days(20))
                }
            }
            told += count / 4
            if Bool.random(using: &random) {
                try connection.transaction { db throws(SQLiteError) in
                    try SumPendingUsage(batch: count / 5, now: Told.start + .days(20)).apply(to: db)
                }
            }
            try connection.runScript("DELETE FROM session_ledger WHERE id % 17 = 3")
            let sessions = try connection.run(Self.all)
            for _ in 0..<25 {
                let filter = Self.filter(&random)
                let sort = SessionSort.allCases.randomElement(using: &random) ?? .newest
                let place = (
                    Int.random(in: 0..<60, using: &random), [1, 7, 20, Int.max].randomElement(using: &random) ?? 1
                )
                let expected = Self.plain(sessions, filter, sort)
                let found = try connection.sessionIDs(
                    filter, sort: sort, offset: place.0, limit: place.1,
                    sortedAtOnce: Bool.random(using: &random) ? 50_000 : 3)
                #expect(found.total == expected.count, "\(filter)")
                #expect(found.ids == Array(expected.dropFirst(place.0).prefix(place.1)), "\(filter) \(sort) \(place)")
            }
            let counts = Dictionary(grouping: sessions, by: \.status).mapValues(\.count)
            let counted = try connection.run(Query<(status: String, count: Int)>.sessionCounts())
            #expect(Dictionary(uniqueKeysWithValues: counted.map { ($0.status, $0.count) }) == counts)
        }
    }
}
