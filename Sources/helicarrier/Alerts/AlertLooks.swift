import JSON
import Model
import SQLite
import Store

/// `helicarrier alerts list|history`: how the rules of the ledger stand, what is silent, and what happened.
enum AlertLooks {
    static let commands = [
        Command(
            "alerts list", "how the rules of the ledger stand, and what is silenced", options: [.json],
            notes: """
                STATE is pending while a rule's `forSec` runs, active or suppressed while an alert goes on, and resolved
                when it has just ended. TOLD is what receivers believe. A rule that names no agent or model has a line
                for each that something is wrong with.
                """, run: list),
        Command(
            "alerts history", "what happened to alerts, newest first",
            options: [
                Option("--rule", "ID", "only of this rule"), Option("--limit", "N", "how many at most (default: 50)"),
                .json,
            ],
            notes: "TOLD says why somebody was told; without it nobody was. What happened is kept for 90 days.",
            run: history),
    ]

    /// A rule in a scope, as it stands.
    private struct Standing: Sendable {
        let row: StoredAlert
        let rule: AlertRule

        /// Where it is between its beginning and its end; `nil`: nothing is wrong.
        var lifecycle: String? {
            let state = row.state
            if state.isPending && state.status == .ok { return "pending" }
            if state.status == .resolved { return "resolved" }
            guard state.status.level != nil else { return nil }
            return state.suppression == nil ? "active" : "suppressed"
        }
    }

    private static func list(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let now = session.now()
        let database = try await session.existingLocation().openForLooking()
        let (standings, silences) = try await database.read { db throws(SQLiteError) in
            let rules = try db.run(.alertRules()).compactMap(\.self)
            let byID = Dictionary(rules.map { ($0.id, $0) }) { first, _ in first }
            let rows = try db.run(.alertStates())
            return (
                rows.compactMap { row in byID[row.rule].map { Standing(row: row, rule: $0) } },
                try db.run(.alertSilences(at: now))
            )
        }
        if arguments.has("--json") {
            session.terminal.print(
                .record(["alerts": .array(standings.map(json)), "silences": .array(silences.map(json))]))
            return .fine
        }
        session.terminal.write(table(standings).text(session.terminal.paint))
        guard !silences.isEmpty else { return .fine }
        session.terminal.write("\n" + table(silences).text(session.terminal.paint))
        return .fine
    }

    private static func table(_ standings: [Standing]) -> TextTable {
        var table = TextTable([
            .left("RULE"), .left("METRIC"), .left("WINDOW"), .left("SCOPE"), .left("STATUS"), .left("STATE"),
            .left("SEVERITY"), .right("VALUE"), .right("WARNING"), .right("CRITICAL"), .left("SINCE"), .left("TOLD"),
            .left("EVALUATED"),
        ])
        for standing in standings {
            let (state, rule) = (standing.row.state, standing.rule)
            let suppression = state.suppression.map { $0 == .silence ? " (silence)" : " (something critical)" }
            table.add(
                [
                    rule.id, rule.metric.rawValue, rule.window.rawValue, Printable.line(standing.row.scope),
                    state.status.rawValue, standing.lifecycle.map { $0 + (suppression ?? "") },
                    state.severity.rawValue, state.value.map { "\($0)" }, "\(rule.warnThreshold)",
                    "\(rule.criticalThreshold)", (state.triggeredAt ?? state.warning.since)?.rfc3339,
                    state.told.map { "\($0.rawValue) \(state.notifiedAt?.rfc3339 ?? "")" }, state.evaluatedAt.rfc3339,
                ], colours: colours(state))
        }
        return table
    }

    private static func colours(_ state: AlertState) -> [Int: Colour] {
        var colours: [Int: Colour] = [:]
        switch state.status {
        case .ok: colours[4] = .green
        case .warning: colours[4] = .yellow
        case .critical: colours[4] = .red
        case .resolved: colours[4] = .green
        }
        if state.severity == .error { colours[6] = .red }
        if state.severity == .noData { colours[6] = .dim }
        return colours
    }

    private static func table(_ silences: [AlertSilenceRow]) -> TextTable {
        var table = TextTable([
            .right("SILENCE"), .left("MATCHES"), .left("UNTIL"), .left("REASON"), .left("BY"), .left("SINCE"),
        ])
        for silence in silences {
            table.add([
                "\(silence.id)", Printable.line(silence.matchers.joined(separator: " ")), silence.expiresAt.rfc3339,
                silence.reason, silence.createdBy, silence.createdAt.rfc3339,
            ])
        }
        return table
    }

    private static func json(_ standing: Standing) -> JSONValue {
        let (state, rule) = (standing.row.state, standing.rule)
        return .record([
            "ruleId": .text(rule.id), "metric": .text(rule.metric.rawValue), "window": .text(rule.window.rawValue),
            "scope": .text(standing.row.scope), "status": .text(state.status.rawValue),
            "lifecycle": .text(standing.lifecycle), "suppressedBy": .text(state.suppression?.rawValue),
            "severity": .text(state.severity.rawValue), "value": double(state.value),
            "warnThreshold": .double(rule.warnThreshold), "criticalThreshold": .double(rule.criticalThreshold),
            "triggeredAt": .time(state.triggeredAt), "pendingSince": .time(state.isPending ? state.warning.since : nil),
            "told": .text(state.told?.rawValue), "notifiedAt": .time(state.notifiedAt),
            "deduped": .bool(state.isDeduped), "evaluatedAt": .time(state.evaluatedAt),
        ])
    }

    static func json(_ silence: AlertSilenceRow) -> JSONValue {
        .record([
            "id": .integer(silence.id), "matchers": .array(silence.matchers.map { .string($0) }),
            "reason": .text(silence.reason), "createdBy": .text(silence.createdBy),
            "createdAt": .time(silence.createdAt), "expiresAt": .time(silence.expiresAt),
        ])
    }

    private static func double(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }

    private static func history(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let limit = try arguments.number("--limit", within: 1...100_000) ?? 50
        let database = try await session.existingLocation().openForLooking()
        let rows: [(id: Int64, transition: AlertTransition)] =
            if let rule = arguments.value("--rule") {
                try await database.run(.alertTransitions(of: rule, limit: limit))
            } else {
                try await database.run(.alertTransitions(limit: limit))
            }
        if arguments.has("--json") {
            session.terminal.print(.array(rows.map { json($0.id, $0.transition) }))
            return .fine
        }
        var table = TextTable([
            .left("AT"), .left("RULE"), .left("METRIC"), .left("SCOPE"), .left("FROM"), .left("TO"), .right("VALUE"),
            .left("TOLD"), .left("SUPPRESSED BY"), .left("ENDED BY"),
        ])
        for (_, row) in rows {
            table.add(
                [
                    row.at.rfc3339, row.rule, row.metric, Printable.line(row.scope), row.from, row.to,
                    row.value.map { "\($0)" }, row.notice, row.suppression?.rawValue, row.ending,
                ], colours: row.to == "critical" ? [5: .red] : row.to == "warning" ? [5: .yellow] : [:])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func json(_ id: Int64, _ row: AlertTransition) -> JSONValue {
        .record([
            "id": .integer(id), "at": .time(row.at), "ruleId": .text(row.rule), "metric": .text(row.metric),
            "scope": .text(row.scope), "from": .text(row.from), "to": .text(row.to), "value": double(row.value),
            "notice": .text(row.notice), "suppressedBy": .text(row.suppression?.rawValue),
            "ending": .text(row.ending),
        ])
    }
}
