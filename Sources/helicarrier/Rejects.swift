import JSON
import Model
import SQLite
import Store

/// `helicarrier rejects`: rows of the upstream that broke the contract, and why they were left out.
enum Rejects {
    static let command = Command(
        "rejects", "rows that broke the upstream's contract, newest first",
        options: [
            Option("--feed", "NAME", "only of this feed"), Option("--limit", "N", "how many at most (default: 50)"),
            .json,
        ], run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let limit = try arguments.number("--limit", within: 1...100_000) ?? 50
        let database = try await session.existingLocation().openForLooking()
        let rows = try await database.run(.rejectedRows(feed: arguments.value("--feed"), limit: limit))
        if arguments.has("--json") {
            session.terminal.print(.array(rows.map(json)))
            return .fine
        }
        var table = TextTable([
            .left("FEED"), .left("OBSERVED"), .right("PAGE"), .right("ROW"), .left("MODEL"), .left("PLACE"),
            .left("REASON"), .left("EXCERPT"),
        ])
        for row in rows {
            table.add([
                row.feed, row.observedAt.rfc3339, "\(row.page)", row.row < 0 ? "all" : "\(row.row)", row.model,
                row.pointer, row.reason, String(row.excerpt.prefix(60)),
            ])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func json(_ row: RejectedRowRecord) -> JSONValue {
        .record([
            "feed": .text(row.feed), "observedAt": .time(row.observedAt), "snapshot": .text(row.refresh),
            "page": .count(row.page), "row": row.row < 0 ? .null : .count(row.row), "model": .text(row.model),
            "pointer": .text(row.pointer), "reason": .text(row.reason), "excerpt": .text(row.excerpt),
        ])
    }
}
