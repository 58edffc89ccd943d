import JSON
import Model
import SQLite
import Store

/// `helicarrier anomalies list`: which models stand out or stood out, and by what figures.
enum AnomaliesList {
    static let command = Command(
        "anomalies list", "models that stand out or stood out, newest first",
        options: [
            Option("--feed", "NAME", "of this feed (default: hub)"), Option("--open", "only what is still open"),
            Option("--limit", "N", "how many at most (default: 50)"), .json,
        ],
        notes: """
            CHANGE is of downloads or likes, over the day that opened the anomaly; COHORT-Z and OWN-Z say how far that
            stands from all models and from the model's own earlier days.
            """, run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let limit = try arguments.number("--limit", within: 1...100_000) ?? 50
        let feed = arguments.value("--feed") ?? "hub"
        let database = try await session.existingLocation().openForLooking()
        let rows = try await database.run(.anomalies(feed: feed, onlyOpen: arguments.has("--open"), limit: limit))
        guard !arguments.has("--json") else {
            session.terminal.print(.array(rows.map(json)))
            return .fine
        }
        var table = TextTable([
            .left("MODEL"), .left("RULE"), .left("OPENED"), .left("CLOSED"), .right("CHANGE"), .right("COHORT-Z"),
            .right("OWN-Z"),
        ])
        for row in rows {
            let isDownloads = row.rule == .downloads
            let change = isDownloads ? row.figures.downloadsChange : row.figures.likesGained
            table.add(
                [
                    row.model.text, row.rule.rawValue, row.openedAt.rfc3339, row.closedAt?.rfc3339 ?? "open",
                    change.map { "\($0)" }, isDownloads ? score(row.figures.cohortZ) : nil,
                    score(isDownloads ? row.figures.ownZ : row.figures.likesZ),
                ], colours: row.closedAt == nil ? [3: .yellow] : [:])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func score(_ value: Double?) -> String? {
        value.map { "\(($0 * 10).rounded() / 10)" }
    }

    private static func json(_ row: AnomalyRecord) -> JSONValue {
        func double(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        let figures = row.figures
        return .record([
            "id": .integer(row.id), "model": .text(row.model.text), "rule": .text(row.rule.rawValue),
            "openedAt": .time(row.openedAt), "openedEpoch": .text(row.openedEpoch), "closedAt": .time(row.closedAt),
            "closedEpoch": .text(row.closedEpoch), "thresholdsVersion": .count(row.thresholdsVersion),
            "figures": .record([
                "downloadsChange": .number(figures.downloadsChange), "downloadsReturn": double(figures.downloadsReturn),
                "cohortZ": double(figures.cohortZ), "ownZ": double(figures.ownZ),
                "ownReturns": .number(figures.ownReturns.map { Int64($0) }),
                "likesGained": .number(figures.likesGained), "likesZ": double(figures.likesZ),
                "likeDays": .number(figures.likeDays.map { Int64($0) }),
            ]),
        ])
    }
}
