import Model
import SQLite
import Store
import TestKit
import Testing

@Suite struct SaveAnomaliesTests {
    private let place: TemporaryDatabase

    init() throws {
        place = try TemporaryDatabase()
        try place.open().runScript(
            """
            INSERT INTO feed VALUES (1, 'hub', 0), (2, 'other', 0);
            INSERT INTO model (id, name) VALUES (1, 'a/x'), (2, 'b/x'), (3, 'c/x');
            """)
    }

    private static func epoch(_ day: Int) -> JudgedEpoch {
        JudgedEpoch(
            at: Timestamp(milliseconds: Int64(day + 1) * 86_400_000), epoch: "e\(day)", thresholdsVersion: 1,
            evidence: [Int64(day)])
    }

    private static func mark(_ model: UInt32, _ rule: AnomalyRule, day: Int) -> AnomalyMark {
        var figures = AnomalyFigures()
        figures.ownZ = Double(day)
        return AnomalyMark(model: model, rule: rule, figures: figures)
    }

    private func save(_ days: [(day: Int, marks: [AnomalyMark])], feed: String = "hub", gone: [Int] = []) throws {
        try place.open().transaction { db throws(SQLiteError) in
            try SaveAnomalies(
                feed: feed, judged: days.map { (Self.epoch($0.day), $0.marks) },
                withdrawn: gone.map { Self.epoch($0).at }
            ).apply(to: db)
        }
    }

    private func told(_ feed: String = "hub") throws -> [String] {
        try place.open().run(.anomalies(feed: feed, limit: 1_000)).map { row in
            "\(row.model.text) \(row.rule.rawValue) \(row.openedEpoch)-\(row.closedEpoch ?? "") "
                + "\(Int(row.figures.ownZ ?? -1))"
        }.sorted()
    }

    /// What opening and closing by hand would give, day after day.
    private static func folded(_ days: [Int: [AnomalyMark]]) -> [String] {
        var open: [String: Int] = [:]
        var told: [String] = []
        for day in days.keys.sorted() {
            let names = ["", "a/x", "b/x", "c/x"]
            let marked = Set((days[day] ?? []).map { "\(names[Int($0.model)]) \($0.rule.rawValue)" })
            for (name, since) in open where !marked.contains(name) {
                told.append("\(name) e\(since)-e\(day) \(since)")
                open[name] = nil
            }
            for name in marked where open[name] == nil { open[name] = day }
        }
        return (told + open.map { "\($0.key) e\($0.value)- \($0.value)" }).sorted()
    }

    @Test(arguments: UInt64(0)..<40)
    func anyOrderOfJudgementEndsInWhatDayAfterDayWouldGive(seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        var days: [Int: [AnomalyMark]] = [:]
        for day in 0..<12 where Int.random(in: 0..<5, using: &chance) > 0 {
            days[day] = [(1, .downloads), (1, .velocity), (2, .downloads), (3, .velocity)].compactMap { model, rule in
                Bool.random(using: &chance) ? Self.mark(model, rule, day: day) : nil
            }
        }
        var waiting = days.keys.sorted().shuffled(using: &chance)
        while !waiting.isEmpty {
            let batch = waiting.prefix(Int.random(in: 1...4, using: &chance))
            waiting.removeFirst(batch.count)
            // Some are judged wrongly first, as with a part of the evidence.
            if Bool.random(using: &chance) {
                try save(batch.map { ($0, [Self.mark(2, .velocity, day: $0)]) })
            }
            try save(batch.map { ($0, days[$0] ?? []) })
        }
        #expect(try told() == Self.folded(days))
        #expect(try place.open().run(.judgedEpochs(feed: "hub")).map(\.epoch) == days.keys.sorted().map { "e\($0)" })
        if let gone = days.keys.randomElement(using: &chance) {
            days[gone] = nil
            try save([], gone: [gone])
            #expect(try told() == Self.folded(days))
        }
        #expect(try told("other").isEmpty)
    }

    @Test func aRowKeepsItsNumber() throws {
        try save([(0, [Self.mark(1, .downloads, day: 0)])])
        let id = try place.open().run(.anomalies(feed: "hub", limit: 1)).first?.id
        try save([(1, [Self.mark(1, .downloads, day: 1)]), (2, [])])
        try save([(0, [Self.mark(1, .downloads, day: 0)])])
        let row = try #require(try place.open().run(.anomalies(feed: "hub", limit: 5)).first)
        #expect(row.id == id && row.closedEpoch == "e2")
    }

    @Test func listsGoOnFromAKey() throws {
        for day in stride(from: 0, to: 20, by: 2) {
            try save([(day, [Self.mark(1, .downloads, day: day), Self.mark(3, .velocity, day: day)]), (day + 1, [])])
        }
        try save([(20, [Self.mark(2, .downloads, day: 20)])])
        let connection = try place.open()
        let all = try connection.run(.anomalies(feed: "hub", limit: 100))
        #expect(all.count == 21 && all.first?.model.text == "b/x" && all.first?.closedAt == nil)
        #expect(all.map(\.openedAt) == all.map(\.openedAt).sorted(by: >))
        var paged: [AnomalyRecord] = []
        var key: AnomalyKey?
        while true {
            let page = try connection.run(.anomalies(feed: "hub", after: key, limit: 4))
            guard let last = page.last else { break }
            paged += page
            key = AnomalyKey(openedAt: last.openedAt, id: last.id)
        }
        #expect(paged == all)
        #expect(try connection.run(.anomalies(feed: "hub", onlyOpen: true, limit: 100)).count == 1)
        #expect(try connection.run(.anomalies(feed: "hub", rule: .velocity, limit: 100)).count == 10)
        #expect(try connection.run(.anomalies(feed: "hub", model: ModelID("a/x"), limit: 100)).count == 10)
        let plan = try connection.plan(
            of: "SELECT id FROM anomaly WHERE feed_id = 1 ORDER BY opened_at_ms DESC, id DESC LIMIT 5")
        #expect(plan.contains { $0.contains("anomaly_newest") } && !plan.contains { $0.contains("TEMP B-TREE") })
    }
}
