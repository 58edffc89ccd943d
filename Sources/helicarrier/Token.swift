import Crypto
import Daemon
import Deployment
import JSON
import Model
import SQLite
import Store

/// `helicarrier token create|list|revoke`: the keys of API clients.
enum Token {
    /// What a token may open.
    static let scopes = ["read", "ingest", "control", "queue", "webhooks", "features", "inference", "admin"]

    static let commands = [
        Command(
            "token create", "make an API token; its text is shown once",
            options: [
                Option("--scope", "S", repeats: true, "what it opens: " + scopes.joined(separator: ", ")),
                Option("--plan", "P", "the plan of its holder"),
                Option("--expires", "D", "when it ends: a length such as 90d, a date or a time (default: never)"),
                Option("--label", "L", "what it is for"), .json,
            ], run: create),
        Command("token list", "the tokens that there are, without their text", options: [.json], run: list),
        Command(
            "token revoke", "end a token at once", operands: "ID", count: 1...1,
            notes: "An id that begins with '-' stands behind `--`.", run: revoke),
    ]

    private static func create(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let now = session.now()
        let record = try record(arguments, now: now)
        // A deployment without plans may give names to what it will have.
        if let plan = record.plan, let book = try DeploymentFolder(session.environment).plans(), book[plan] == nil {
            let known = book.plans.map(\.name).joined(separator: ", ")
            throw UsageError("there is no plan '\(plan)' in plans.json; there is: \(known)")
        }
        let text = "hc_" + Base64.encode(RandomBytes.generate(32), .urlSafe)
        let digest = SHA256.digest([UInt8](text.utf8))
        let who = session.operatorName
        let database = try session.location().open(now: now)
        try await database.write { db throws(SQLiteError) in
            try db.run(.addToken(record, sha256: digest.bytes))
            try db.run(
                .audit(
                    AuditEntry(
                        at: now, who: who, action: "token create", target: record.id,
                        result: record.scopes.joined(separator: " "))))
        }
        if arguments.has("--json") {
            session.terminal.print(
                .record([
                    "id": .text(record.id), "token": .text(text), "scopes": .array(record.scopes.map { .string($0) }),
                    "plan": .text(record.plan), "expiresAt": .time(record.expiresAt),
                ]))
        } else {
            session.terminal.print(text)
            session.terminal.writeError(
                "token \(record.id) for \(record.scopes.joined(separator: ", ")); its text is not shown again\n")
        }
        return .fine
    }

    static func record(_ arguments: Arguments, now: Timestamp) throws(UsageError) -> TokenRecord {
        let asked = arguments.values("--scope").flatMap { $0.split(separator: ",").map(String.init) }
        guard !asked.isEmpty else { throw UsageError("--scope is missing: \(scopes.joined(separator: ", "))") }
        for scope in asked where !scopes.contains(scope) {
            throw UsageError("there is no scope '\(scope)'; there is: \(scopes.joined(separator: ", "))")
        }
        let plan = arguments.value("--plan")
        guard plan.map(FeedName.isValid) != false else { throw UsageError("--plan expects \(FeedName.expectation)") }
        return TokenRecord(
            id: "tok_" + Hex.encode(RandomBytes.generate(8)), scopes: scopes.filter(asked.contains), plan: plan,
            label: arguments.value("--label").map(Printable.line), createdAt: now,
            expiresAt: try expiry(arguments.value("--expires"), now: now))
    }

    private static func expiry(_ text: String?, now: Timestamp) throws(UsageError) -> Timestamp? {
        guard let text else { return nil }
        guard let moment = Period(setting: text).map({ now + $0.duration }) ?? Timestamp(rfc3339: text) else {
            throw UsageError("--expires expects a length such as 90d, a date or a time")
        }
        guard moment > now else { throw UsageError("--expires is in the past") }
        return moment
    }

    private static func list(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let tokens = try await session.existingLocation().openForLooking().run(.tokens())
        if arguments.has("--json") {
            session.terminal.print(
                .array(
                    tokens.map { token in
                        .record([
                            "id": .text(token.id), "scopes": .array(token.scopes.map { .string($0) }),
                            "plan": .text(token.plan), "label": .text(token.label), "createdAt": .time(token.createdAt),
                            "expiresAt": .time(token.expiresAt), "revokedAt": .time(token.revokedAt),
                        ])
                    }))
            return .fine
        }
        let now = session.now()
        var table = TextTable([
            .left("ID"), .left("STATE"), .left("SCOPES"), .left("PLAN"), .left("CREATED"), .left("EXPIRES"),
            .left("LABEL"),
        ])
        for token in tokens {
            let state = token.revokedAt != nil ? "revoked" : token.isValid(at: now) ? "valid" : "expired"
            table.add(
                [
                    token.id, state, token.scopes.joined(separator: " "), token.plan, token.createdAt.rfc3339,
                    token.expiresAt?.rfc3339 ?? "never", token.label ?? "",
                ], colours: [1: state == "valid" ? .green : .dim])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func revoke(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let (id, now, who) = (arguments.positionals[0], session.now(), session.operatorName)
        let database = try session.existingLocation().open(now: now)
        let found = try await database.write { db throws(SQLiteError) in
            let found = try !db.run(Query<String>.revokeToken(id, now: now)).isEmpty
            try db.run(
                .audit(
                    AuditEntry(
                        // An unknown id may be a token's text, given by mistake: that belongs in no record.
                        at: now, who: who, action: "token revoke", target: found ? id : "unknown",
                        result: found ? "revoked" : "there is none")))
            return found
        }
        guard found else { throw CommandFailure("there is no token with that id; see `helicarrier token list`") }
        session.terminal.print("token \(id) is revoked")
        return .fine
    }
}
