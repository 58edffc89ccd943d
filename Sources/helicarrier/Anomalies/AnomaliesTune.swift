import Deployment
import JSON
import Model
import SQLite
import Store

/// `helicarrier anomalies tune`: how many models would have been flagged a day, under these thresholds and others.
enum AnomaliesTune {
    static let command = Command(
        "anomalies tune", "replay the kept history: how many models would be flagged a day",
        options: [
            Option("--feed", "NAME", "the feed to replay (default: hub)"),
            Option("--cohort-z", "N", repeats: true, "also try this score among all models"),
            Option("--own-z", "N", repeats: true, "also try this score among the model's own days"),
            Option("--min-change", "N", repeats: true, "also try this change of downloads"),
            Option("--likes-z", "N", repeats: true, "also try this score of likes"),
            Option("--min-likes", "N", repeats: true, "also try this change of likes"),
            .json,
        ],
        notes: """
            The first row has the thresholds of anomalies.json; every combination of the values given follows. COHORT,
            OWN and CHANGE say what each rule would pick out by itself; DOWNLOADS is all three together, VELOCITY the
            rule for likes. Figures are means per evaluated day, with the least and the most. Days are withheld whose
            epoch is suspect. Nothing is changed.
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let feed = arguments.value("--feed") ?? "hub"
        let configured = try DeploymentFolder(session.environment).anomalyThresholds()
        let sets = try [configured] + alternatives(arguments, to: configured)
        let database = try await session.existingLocation().openForLooking()
        let replay = try await database.read { db throws(SQLiteError) in
            try AnomalyReplay.load(feed, sets, from: db)
        }
        guard !arguments.has("--json") else {
            session.terminal.print(json(feed, replay, sets))
            return .fine
        }
        let waiting = replay.days.count - replay.evaluated.count - replay.withheld.count
        session.terminal.print(
            "\(feed): \(Spoken.count(replay.days.count, "epoch", "epochs")), \(replay.evaluated.count) evaluated, "
                + "\(replay.withheld.count) withheld as suspect, \(waiting) with too little history")
        session.terminal.write(table(replay, sets).text(session.terminal.paint))
        return .fine
    }

    /// Every combination of the values given; what is not given stays as configured.
    static func alternatives(
        _ arguments: Arguments, to configured: AnomalyThresholds
    ) throws(UsageError) -> [AnomalyThresholds] {
        var sets = [configured]
        sets = vary(sets, try scores(arguments, "--cohort-z")) { $0.downloads.cohortZ = $1 }
        sets = vary(sets, try scores(arguments, "--own-z")) { $0.downloads.ownZ = $1 }
        sets = vary(sets, try counts(arguments, "--min-change")) { $0.downloads.minChange = $1 }
        sets = vary(sets, try scores(arguments, "--likes-z")) { $0.velocity.likesZ = $1 }
        sets = vary(sets, try counts(arguments, "--min-likes")) { $0.velocity.minLikes = $1 }
        guard sets.count <= 100 else { throw UsageError("these are \(sets.count) combinations; at most 100 are tried") }
        return sets.filter { $0 != configured }
    }

    private static func vary<Value>(
        _ sets: [AnomalyThresholds], _ values: [Value], _ set: (inout AnomalyThresholds, Value) -> Void
    ) -> [AnomalyThresholds] {
        guard !values.isEmpty else { return sets }
        return sets.flatMap { thresholds in
            values.map { value in
                var changed = thresholds
                set(&changed, value)
                return changed
            }
        }
    }

    private static func scores(_ arguments: Arguments, _ name: String) throws(UsageError) -> [Double] {
        var scores: [Double] = []
        for text in arguments.values(name) {
            guard let score = Double(text), (0.1...1_000).contains(score) else {
                throw UsageError("\(name) expects a number from 0.1 to 1000")
            }
            scores.append(score)
        }
        return scores
    }

    private static func counts(_ arguments: Arguments, _ name: String) throws(UsageError) -> [Int64] {
        var counts: [Int64] = []
        for text in arguments.values(name) {
            guard let count = Int64(text), (0...1_000_000_000).contains(count) else {
                throw UsageError("\(name) expects a number from 0 to 1000000000")
            }
            counts.append(count)
        }
        return counts
    }

    static func table(_ replay: AnomalyReplay, _ sets: [AnomalyThresholds]) -> TextTable {
        var table = TextTable([
            .right("COHORT-Z"), .right("OWN-Z"), .right("MIN-CHANGE"), .right("LIKES-Z"), .right("MIN-LIKES"),
            .right("COHORT"), .right("OWN"), .right("CHANGE"), .right("DOWNLOADS"), .right("VELOCITY"),
        ])
        for (index, set) in sets.enumerated() {
            let days = replay.evaluated.map { $0.counts[index] }
            table.add(
                [
                    "\(set.downloads.cohortZ)", "\(set.downloads.ownZ)", "\(set.downloads.minChange)",
                    "\(set.velocity.likesZ)", "\(set.velocity.minLikes)", perDay(days.map(\.cohort)),
                    perDay(days.map(\.own)), perDay(days.map(\.change)), perDay(days.map(\.downloads)),
                    perDay(days.map(\.velocity)),
                ])
        }
        return table
    }

    /// The mean to a tenth, the least and the most: `9.4 (4–15)`.
    static func perDay(_ counts: [Int]) -> String? {
        guard let least = counts.min(), let most = counts.max() else { return nil }
        let tenths = (counts.reduce(0, +) * 20 + counts.count) / (counts.count * 2)
        return "\(tenths / 10).\(tenths % 10) (\(least)–\(most))"
    }

    private static func json(_ feed: String, _ replay: AnomalyReplay, _ sets: [AnomalyThresholds]) -> JSONValue {
        .record([
            "feed": .text(feed), "evaluated": .count(replay.evaluated.count), "withheld": .count(replay.withheld.count),
            "thresholds": .array(sets.map(json)),
            "days": .array(
                replay.days.map { day in
                    .record([
                        "epoch": .text(day.epoch.id), "observedAt": .time(day.epoch.observedAt),
                        "state": .text(day.state.rawValue), "models": .count(day.models),
                        "flagged": day.state == .evaluated ? .array(day.counts.map(json)) : .null,
                    ])
                }),
        ])
    }

    private static func json(_ set: AnomalyThresholds) -> JSONValue {
        .record([
            "cohortZ": .double(set.downloads.cohortZ), "ownZ": .double(set.downloads.ownZ),
            "minChange": .integer(set.downloads.minChange), "minReturns": .count(set.downloads.minReturns),
            "likesZ": .double(set.velocity.likesZ), "minLikes": .integer(set.velocity.minLikes),
            "minDays": .count(set.velocity.minDays),
        ])
    }

    private static func json(_ counts: AnomalyReplay.Counts) -> JSONValue {
        .record([
            "cohort": .count(counts.cohort), "own": .count(counts.own), "change": .count(counts.change),
            "downloads": .count(counts.downloads), "velocity": .count(counts.velocity),
        ])
    }
}
