import Daemon
import JSON
import Model
import SQLite
import Store

/// `helicarrier audit`: who did what.
enum Audit {
    static let commands = [
        Command(
            "audit", "who did what to what, and with what result, newest first",
            options: [
                Option("--who", "NAME", "only what NAME did"),
                Option("--action", "WORDS", "only this, or what begins with these words: queue, webhooks rotate, …"),
                Option("--limit", "N", "how many at most (default: 50)"), .json,
            ],
            notes: """
                NAME is cli:USER for what was done on a command line, page:LABEL on a page and api:LABEL over the API:
                the label of the token, or its id, or secret for the deployment's own.
                """, run: list)
    ]

    private static func list(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let limit = try arguments.number("--limit", within: 1...100_000) ?? 50
        let database = try await session.existingLocation().openForLooking()
        let rows = try await database.run(
            .auditEntries(who: arguments.value("--who"), action: arguments.value("--action"), limit: limit))
        if arguments.has("--json") {
            session.terminal.print(.array(rows.map { json($0.id, $0.entry) }))
            return .fine
        }
        var table = TextTable([.left("AT"), .left("WHO"), .left("ACTION"), .left("TARGET"), .left("RESULT")])
        for (_, entry) in rows {
            table.add([
                entry.at.rfc3339, Printable.line(entry.who), Printable.line(entry.action),
                Printable.line(entry.target), Printable.line(entry.result),
            ])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func json(_ id: Int64, _ entry: AuditEntry) -> JSONValue {
        .record([
            "id": .integer(id), "at": .time(entry.at), "who": .text(entry.who), "action": .text(entry.action),
            "target": .text(entry.target), "result": .text(entry.result),
        ])
    }
}
