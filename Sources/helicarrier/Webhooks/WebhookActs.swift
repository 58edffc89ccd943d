import Crypto
import Daemon
import JSON
import Jobs
import Model
import SQLite
import Store

/// `helicarrier webhooks test|resend|rotate|enable|disable`: the operator's acts on subscriptions.
enum WebhookActs {
    static let commands = [
        Command(
            "webhooks test", "send a signed test event to a subscription", operands: "ID", count: 1...1,
            options: [.json], run: test),
        Command(
            "webhooks resend", "send the event of a delivery once more, signed with the current key",
            operands: "[ID] DELIVERY", count: 1...2, options: [.json], run: resend),
        Command(
            "webhooks rotate", "make a new signing key; its secret is shown once", operands: "ID", count: 1...1,
            options: [
                Option(
                    "--grace", "TIME", "for how long the keys until now sign too (default: 1d, at most 7d)"),
                Option("--no-grace", "end the keys until now at once"), .json,
            ], run: rotate),
        Command(
            "webhooks enable", "begin anew with a subscription; one that was never verified is asked again",
            operands: "ID", count: 1...1, run: enable),
        Command(
            "webhooks disable", "send nothing more to a subscription; what waits is cancelled", operands: "ID",
            count: 1...1,
            options: [Option("--reason", "R", "what everybody is told (default: disabled by an operator)")],
            run: disable),
    ]

    /// Does something in one transaction that also says who did it, and wakes the notifiers.
    private static func act<Result: Sendable>(
        _ action: String, on target: String, _ session: Session,
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> (result: Result, words: String)
    ) async throws -> Result {
        let (now, who) = (session.now(), session.operatorName)
        let location = try session.existingLocation()
        let result = try await location.open(now: now).write { db throws(SQLiteError) in
            let (result, words) = try body(db)
            try db.run(
                .audit(AuditEntry(at: now, who: who, action: "webhooks \(action)", target: target, result: words)))
            return result
        }
        Doorbell(directory: location.bells)?.ring(StageName.notify.rawValue)
        return result
    }

    private static func test(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let id = arguments.positionals[0]
        guard let event = SendTestEvent(to: id, traceParent: nil, now: session.now()) else { return .failed }
        let state = try await act("test", on: id, session) { db throws(SQLiteError) -> (Subscription.State?, String) in
            guard let found = try db.run(.subscription(id: id)).first else { return (nil, "there is none") }
            guard found.state != .disabled else { return (found.state, "it is disabled") }
            try event.apply(to: db)
            return (found.state, event.event.id)
        }
        guard let state else { throw CommandFailure.noSubscription }
        guard state != .disabled else { throw CommandFailure.disabledSubscription }
        tell(event: event.event.id, delivery: event.delivery, arguments, session)
        return .fine
    }

    private static func resend(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let (delivery, now) = (arguments.positionals.last ?? "", session.now())
        let named = arguments.positionals.count == 2 ? arguments.positionals[0] : nil
        typealias Outcome = ResendDelivery.Outcome
        let outcome = try await act("resend", on: delivery, session) { db throws(SQLiteError) -> (Outcome, String) in
            let found = try db.run(.delivery(id: delivery)).first
            guard let id = named ?? found?.subscription else { return (.noDelivery, "there is none") }
            let outcome = try ResendDelivery(delivery, of: id, now: now).apply(to: db)
            if case .sent(_, let made) = outcome { return (outcome, made) }
            return (outcome, "refused")
        }
        switch outcome {
        case .sent(let event, let made): tell(event: event, delivery: made, arguments, session)
        case .noSubscription: throw CommandFailure.noSubscription
        case .noDelivery: throw CommandFailure("there is no such delivery; see `helicarrier webhooks deliveries ID`")
        case .disabled: throw CommandFailure.disabledSubscription
        }
        return .fine
    }

    private static func tell(event: String, delivery: String, _ arguments: Arguments, _ session: Session) {
        if arguments.has("--json") {
            session.terminal.print(.record(["eventId": .text(event), "deliveryId": .text(delivery)]))
        } else {
            session.terminal.print("delivery \(delivery) of event \(event) is on its way")
        }
    }

    private static func rotate(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let (id, now, grace) = (arguments.positionals[0], session.now(), try grace(arguments))
        let key = try await act("rotate", on: id, session) { db throws(SQLiteError) -> (NewKey?, String) in
            guard let found = try db.run(.subscription(id: id)).first else { return (nil, "there is none") }
            let key = NewKey(found.signature, random: RandomBytes.generate)
            try RotateKey(to: key.stored, of: id, grace: grace, now: now).apply(to: db)
            return (key, key.stored.id)
        }
        guard let key else { throw CommandFailure.noSubscription }
        let old = grace > .zero ? now + grace : nil
        if arguments.has("--json") {
            session.terminal.print(
                .record([
                    "id": .text(id), "keyId": .text(key.stored.id), "secret": .text(key.shownOnce),
                    "publicKey": .text(key.stored.publicKey), "oldKeysSignUntil": .time(old),
                ]))
            return .fine
        }
        session.terminal.print(key.shownOnce ?? key.stored.publicKey ?? "")
        let until = old.map { "the keys before it sign until \($0.rfc3339)" } ?? "the keys before it have ended"
        session.terminal.writeError(
            "key \(key.stored.id) signs from now on; \(until)"
                + (key.shownOnce == nil ? "\n" : "; its secret is not shown again\n"))
        return .fine
    }

    private static func grace(_ arguments: Arguments) throws(UsageError) -> Duration {
        let asked = try arguments.value("--grace", as: Period.self)?.duration
        guard arguments.has("--no-grace") else {
            let grace = asked ?? .days(1)
            guard grace <= .days(7) else { throw UsageError("--grace expects at most 7d") }
            return grace
        }
        guard asked == nil else { throw UsageError("give either --grace or --no-grace") }
        return .zero
    }

    private static func enable(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let (id, now) = (arguments.positionals[0], session.now())
        let challenge = Challenge(random: RandomBytes.generate)
        let state = try await act("enable", on: id, session) {
            db throws(SQLiteError) -> (Subscription.State?, String) in
            guard let found = try db.run(.subscription(id: id)).first else { return (nil, "there is none") }
            try EnableSubscription(found, challenge: challenge, traceParent: nil, now: now).apply(to: db)
            let state = try db.run(.subscription(id: id)).first?.state
            return (state, state?.rawValue ?? "")
        }
        switch state {
        case nil: throw CommandFailure.noSubscription
        case .pending:
            session.terminal.print("subscription \(id) is asked for its challenge, and active once it answers")
        case .active, .disabled: session.terminal.print("subscription \(id) is active")
        }
        return .fine
    }

    private static func disable(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let (id, now) = (arguments.positionals[0], session.now())
        let reason = Printable.line(arguments.value("--reason") ?? "disabled by an operator")
        let isThere = try await act("disable", on: id, session) { db throws(SQLiteError) in
            guard try !db.run(.subscription(id: id)).isEmpty else { return (false, "there is none") }
            try DisableSubscription(id, reason: reason, traceParent: nil, now: now).apply(to: db)
            return (true, reason)
        }
        guard isThere else { throw CommandFailure.noSubscription }
        session.terminal.print("subscription \(id) is disabled")
        return .fine
    }
}
