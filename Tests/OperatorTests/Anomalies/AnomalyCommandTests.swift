import JSON
import Model
import SQLite
import Store
import TestKit
import Testing

@testable import helicarrier

@Suite struct AnomalyCommandTests {
    /// Fourteen daily epochs of forty models; on day 12 one of them jumps, and the epoch of day 2 is suspect.
    private func world() throws -> CommandWorld {
        let world = try CommandWorld(settings: ["HELICARRIER_CONFIG_DIR": "/nowhere"])
        let connection = try world.store.open()
        var chance = SplitMix64(seed: 9)
        try connection.runScript("INSERT INTO feed VALUES (1, 'hub', 0)")
        for model in 1...40 { try connection.runScript("INSERT INTO model (id, name) VALUES (\(model), 'm/\(model)')") }
        var counts = (1...40).map { Int64($0) * 10_000 }
        for day in 0..<14 {
            let at = Int64(day) * 86_400_000 + 1_777_000_000_000
            try connection.runScript(
                """
                INSERT INTO snapshot (key, id, feed_id, origin, observed_at_ms, source_count, ready_count,
                                      rejected_count, calls_used, created_at_ms, scored_at_ms)
                VALUES (\(day + 1), 's\(day)', 1, 'import', \(at), 40, 40, 0, 0, 0, 1);
                """)
            for model in 0..<40 {
                counts[model] += counts[model] * Int64.random(in: 5...15, using: &chance) / 1_000
                if day == 12 && model == 20 { counts[model] *= 2 }
                try connection.runScript(
                    "INSERT INTO listing VALUES ((\(day + 1) << 32) | \(model + 1), \(counts[model]), 7, NULL)")
            }
            guard day > 0 else { continue }
            let verdict = day == 2 ? "'suspect', 'partial'" : "'settled', NULL"
            try connection.runScript(
                "INSERT INTO epoch_step VALUES (\(day + 1), \(day), \(verdict), 40, 40, 0.01, 0.005)")
        }
        return world
    }

    @Test func tuningCountsWhatEachRuleWouldFlag() async throws {
        let world = try world()
        let text = await world.output(of: "anomalies", "tune", "--json", "--own-z", "1000", "--own-z", "3.5")
        let root = try JSONDocument(parsing: text).root
        #expect(root["thresholds"]?.elements.map { $0["ownZ"]?.double } == [3.5, 1_000])
        #expect(root["evaluated"]?.int64 == 3 && root["withheld"]?.int64 == 1)
        let days = Array(try #require(root["days"]).elements)
        #expect(days.count == 13)
        let states = days.map { $0["state"]?.string }
        #expect(states.count { $0 == "insufficient_history" } == 9)
        let jump = try #require(days.first { $0["epoch"]?.string == "s12" })
        #expect(jump["models"]?.int64 == 40)
        let flagged = try #require(jump["flagged"])
        #expect(flagged[0]?["downloads"]?.int64 == 1 && flagged[1]?["downloads"]?.int64 == 0)
        #expect(flagged[1]?["cohort"]?.int64 == 1 && flagged[1]?["own"]?.int64 == 0)
        #expect(flagged[0]?["velocity"]?.int64 == 0)
        #expect(days.first { $0["epoch"]?.string == "s2" }?["flagged"]?.isNull == true)
    }

    @Test func theTableHasARowForEachCombination() async throws {
        let world = try world()
        let text = await world.output(
            of: "anomalies", "tune", "--cohort-z", "3", "--cohort-z", "5", "--min-change", "10", "--min-likes", "1")
        let lines = text.split(separator: "\n")
        #expect(lines.first == "hub: 13 epochs, 3 evaluated, 1 withheld as suspect, 9 with too little history")
        #expect(lines.count == 5)
        #expect(lines[2].hasSuffix("0.3 (0–1)  0.0 (0–0)"))
    }

    @Test(arguments: [
        ["--cohort-z", "x"], ["--own-z", "0"], ["--min-change", "1.5"], ["--likes-z", "nan"], ["--min-likes", "-1"],
    ])
    func whatIsNoThresholdIsWrongUsage(words: [String]) async throws {
        let world = try world()
        #expect(await world.run(["anomalies", "tune"] + words) == .wrongUsage)
        #expect(world.errors.contains("\(words[0]) expects"))
    }

    @Test func theListNamesWhatStandsOut() async throws {
        let world = try world()
        let moment = Timestamp(milliseconds: 1_777_000_000_000)
        var figures = AnomalyFigures()
        (figures.downloadsChange, figures.cohortZ, figures.ownZ) = (210_000, 40.25, 12.5)
        let mark = AnomalyMark(model: 21, rule: .downloads, figures: figures)
        let old = AnomalyMark(model: 3, rule: .velocity, figures: AnomalyFigures())
        try world.store.open().transaction { db throws(SQLiteError) in
            func epoch(_ day: Int64) -> JudgedEpoch {
                JudgedEpoch(at: moment + .days(day), epoch: "s\(day)", thresholdsVersion: 3, evidence: [])
            }
            try SaveAnomalies(
                feed: "hub", judged: [(epoch(1), [old]), (epoch(2), []), (epoch(3), [mark])], withdrawn: []
            ).apply(to: db)
        }
        let rows = try JSONDocument(parsing: await world.output(of: "anomalies", "list", "--json")).root
        #expect(rows.elements.map { $0["model"]?.string } == ["m/21", "m/3"])
        #expect(rows[0]?["closedAt"]?.isNull == true && rows[1]?["closedEpoch"]?.string == "s2")
        #expect(rows[0]?["figures"]?["downloadsChange"]?.int64 == 210_000)
        #expect(rows[0]?["thresholdsVersion"]?.int64 == 3)
        let open = await world.output(of: "anomalies", "list", "--open")
        #expect(open.contains("m/21") && open.contains("40.3") && !open.contains("m/3 "))
        #expect(await world.output(of: "anomalies", "list", "--feed", "other").split(separator: "\n").count == 1)
    }
}
