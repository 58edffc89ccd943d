import Alerts
import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store

/// `helicarrier alerts silence|unsilence`: what nobody wants to be told for a while.
enum AlertActs {
    private static let longest = Duration.days(365)

    static let commands = [
        Command(
            "alerts silence", "tell nobody of some alerts for a while",
            options: [
                Option(
                    "--match", "FIELD=TEXT", repeats: true,
                    "which: rule, metric, severity, scope, agent or model; != means all but these, * any text"),
                Option("--for", "TIME", "for how long, such as 30m or 2h (at most 365d)"),
                Option("--reason", "R", "what everybody is told (default: silenced by an operator)"), .json,
            ],
            notes: """
                An alert is silenced where all that is given fits. Alerts go on in silence, and what still holds when
                the silence ends is told then. The end of an alert that was told before is told in any case.

                Example: helicarrier alerts silence --match agent=nightly-* --match severity=warning --for 2h
                """, run: silence),
        Command(
            "alerts unsilence", "end a silence before its time", operands: "SILENCE", count: 1...1, options: [.json],
            run: unsilence),
    ]

    /// Does something in one transaction that also says who did it, and has the rules looked at again.
    private static func act(
        _ action: String, _ session: Session,
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> (id: Int64?, target: String, words: String)
    ) async throws -> Int64? {
        let (now, who) = (session.now(), session.operatorName)
        let location = try session.existingLocation()
        let id = try await location.open(now: now).write { db throws(SQLiteError) in
            let (id, target, words) = try body(db)
            try db.run(
                .audit(AuditEntry(at: now, who: who, action: "alerts \(action)", target: target, result: words)))
            if id != nil { try db.enqueueEvaluation(now: now) }
            return id
        }
        Doorbell(directory: location.bells)?.ring(StageName.score.rawValue)
        return id
    }

    private static func silence(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let matchers = try arguments.values("--match").map { text throws(UsageError) in
            guard let matcher = AlertMatcher(text) else {
                let fields = AlertMatcher.Field.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("'\(text)' does not say what to match: FIELD=TEXT, and FIELD is one of \(fields)")
            }
            return matcher
        }
        guard !matchers.isEmpty else {
            throw UsageError("say which alerts with --match; --match 'rule=*' is all of them")
        }
        guard let length = try arguments.value("--for", as: Period.self)?.duration else {
            throw UsageError("say for how long with --for, such as --for 2h")
        }
        guard length > .zero, length <= longest else { throw UsageError("--for expects at most 365d") }
        let (now, who) = (session.now(), session.operatorName)
        let reason = Printable.line(arguments.value("--reason") ?? "silenced by an operator")
        let words = matchers.map(\.text)
        let id = try await act("silence", session) { db throws(SQLiteError) in
            let id = try db.run(
                .addAlertSilence(words, reason: reason, by: who, until: now + length, now: now)
            ).first
            return (id, words.joined(separator: " "), "until \((now + length).rfc3339): \(reason)")
        }
        guard let id else { return .failed }
        if arguments.has("--json") {
            session.terminal.print(
                AlertLooks.json(
                    AlertSilenceRow(
                        id: id, matchers: words, reason: reason, createdBy: who, createdAt: now,
                        expiresAt: now + length)))
        } else {
            session.terminal.print(
                "silence \(id) until \((now + length).rfc3339): \(words.joined(separator: " "))")
        }
        return .fine
    }

    private static func unsilence(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        guard let id = Int64(arguments.positionals[0]) else {
            throw UsageError("'\(arguments.positionals[0])' is not the number of a silence")
        }
        let now = session.now()
        let ended = try await act("unsilence", session) { db throws(SQLiteError) in
            let ended = try db.run(Query<Int64>.endAlertSilence(id, now: now)).first
            return (ended, "\(id)", ended == nil ? "there is none, or it has ended" : "ended")
        }
        guard ended != nil else {
            throw CommandFailure("there is no silence \(id), or it has ended; see `helicarrier alerts list`")
        }
        if arguments.has("--json") {
            session.terminal.print(.record(["id": .integer(id), "endedAt": .time(now)]))
        } else {
            session.terminal.print("silence \(id) has ended")
        }
        return .fine
    }
}
