import Jobs
import Model
import SQLite
import Store

/// `helicarrier webhooks list|show|deliveries`: subscriptions, how their receivers are, and what was sent to them.
enum WebhookLooks {
    static let commands = [
        Command(
            "webhooks list", "subscriptions to events, and how their receivers are", options: [.json],
            notes: """
                SUCCESS and FAILED are of the attempts of the last 24 hours; IN A ROW counts failures since the last
                success. A URL is shown without its query, which often holds a password.
                """, run: list),
        Command(
            "webhooks show", "one subscription: settings, keys without their secrets, health", operands: "ID",
            count: 1...1, options: [.json], run: show),
        Command(
            "webhooks deliveries", "a subscription's deliveries, newest first; or one delivery with its attempts",
            operands: "ID [DELIVERY]", count: 1...2,
            options: [
                Option(
                    "--state", "S",
                    "only this state: " + Delivery.State.allCases.map(\.rawValue).joined(separator: ", ")),
                Option("--limit", "N", "how many at most (default: 50)"), .json,
            ], run: deliveries),
    ]

    private static let most = 10_000

    private static func list(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let now = session.now()
        let database = try await session.existingLocation().openForLooking()
        let rows = try await database.read { db throws(SQLiteError) in
            var rows: [(shown: ShownSubscription, health: WebhookHealth)] = []
            for row in try db.run(.subscriptions(limit: most)) {
                rows.append(
                    (
                        try ShownSubscription(row, now: now, from: db),
                        try WebhookHealth(row, now: now, from: db)
                    ))
            }
            return rows
        }
        if arguments.has("--json") {
            session.terminal.print(json: WebhookBodies.report(rows))
            return .fine
        }
        var table = TextTable([
            .left("ID"), .left("STATE"), .right("SUCCESS"), .right("FAILED"), .right("IN A ROW"), .left("BREAKER"),
            .right("PENDING"), .left("LAST SUCCESS"), .left("TYPES"), .left("URL"),
        ])
        for (shown, health) in rows {
            let subscription = shown.subscription
            table.add(
                [
                    subscription.id, subscription.state.rawValue, health.successRate.map(percent),
                    "\(health.failures)", "\(subscription.health.consecutiveFailures)", health.breaker.rawValue,
                    "\(health.pending)", subscription.health.lastSuccessAt?.rfc3339,
                    subscription.types.joined(separator: " "), withoutQuery(subscription.url),
                ], colours: colours(health))
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func colours(_ health: WebhookHealth) -> [Int: Colour] {
        var colours: [Int: Colour] = [:]
        switch health.subscription.state {
        case .active: colours[1] = .green
        case .pending: colours[1] = .yellow
        case .disabled: colours[1] = .red
        }
        if health.failures > 0 { colours[3] = .yellow }
        if health.subscription.health.consecutiveFailures > 0 { colours[4] = .red }
        if health.breaker != .closed { colours[5] = .red }
        return colours
    }

    private static func percent(_ thousandths: Int) -> String { "\(thousandths / 10).\(thousandths % 10) %" }

    static func withoutQuery(_ url: String) -> String {
        url.contains("?") ? url.prefix { $0 != "?" } + "?…" : url
    }

    private static func show(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let (id, now) = (arguments.positionals[0], session.now())
        let database = try await session.existingLocation().openForLooking()
        let found = try await database.read { db throws(SQLiteError) -> (ShownSubscription, WebhookHealth)? in
            guard let subscription = try db.run(.subscription(id: id)).first else { return nil }
            return (
                try ShownSubscription(subscription, now: now, from: db),
                try WebhookHealth(subscription, now: now, from: db)
            )
        }
        guard let (shown, health) = found else { throw CommandFailure.noSubscription }
        if arguments.has("--json") {
            session.terminal.print(json: WebhookBodies.report(shown, health))
            return .fine
        }
        for (name, value) in lines(shown, health) {
            guard let value else { continue }
            session.terminal.print("\(name.padded(to: 16))\(Printable.line(value))")
        }
        var table = TextTable([.left("KEY"), .left("KIND"), .left("CREATED"), .left("SIGNS UNTIL"), .left("PUBLIC")])
        for key in shown.keys {
            table.add([key.id, key.kind, key.createdAt.rfc3339, key.expiresAt?.rfc3339 ?? "replaced", key.publicKey])
        }
        session.terminal.write("\n" + table.text(session.terminal.paint))
        return .fine
    }

    private static func lines(_ shown: ShownSubscription, _ health: WebhookHealth) -> [(String, String?)] {
        let (subscription, known) = (shown.subscription, shown.subscription.health)
        let verified =
            subscription.verifiedAt?.rfc3339 ?? (subscription.isVerificationSkipped ? "skipped by an operator" : "no")
        return [
            ("id", subscription.id), ("url", withoutQuery(subscription.url)),
            ("description", subscription.description), ("state", subscription.state.rawValue),
            ("disabled", subscription.disabledReason), ("verified", verified),
            ("types", subscription.types.joined(separator: " ")), ("filter", subscription.filter),
            ("order", subscription.isOrdered ? "one at a time, in the order of events" : nil),
            ("signature", subscription.signature.rawValue), ("in flight", "at most \(subscription.maxInFlight)"),
            ("rate", "at most \(subscription.ratePerSecond) a second"), ("created", subscription.createdAt.rfc3339),
            ("created by", subscription.createdBy), ("changed", subscription.updatedAt.rfc3339),
            ("breaker", health.breaker.rawValue), ("throttled until", health.throttledUntil?.rfc3339),
            ("failed in a row", "\(known.consecutiveFailures)"), ("failing since", known.failingSince?.rfc3339),
            ("last attempt", known.lastAttemptAt?.rfc3339), ("last success", known.lastSuccessAt?.rfc3339),
            ("attempts 24h", "\(health.attempts), of which \(health.failures) failed"),
            ("pending", "\(health.pending)"),
        ]
    }

    private static func deliveries(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let id = arguments.positionals[0]
        let words = Delivery.State.allCases.map(\.rawValue)
        let state = try arguments.oneOf("--state", words).flatMap(Delivery.State.init(rawValue:))
        let limit = try arguments.number("--limit", within: 1...10_000) ?? 50
        let database = try await session.existingLocation().openForLooking()
        if arguments.positionals.count == 2 {
            guard state == nil, arguments.value("--limit") == nil else {
                throw UsageError("--state and --limit choose among deliveries; one is named already")
            }
            return try await delivery(arguments.positionals[1], of: id, database, arguments, session)
        }
        let found = try await database.read { db throws(SQLiteError) -> [DeliveryRow]? in
            guard try !db.run(.subscription(id: id)).isEmpty else { return nil }
            var rows: [DeliveryRow] = []
            for delivery in try db.run(.deliveries(of: id, state: state, limit: limit)) {
                rows.append(DeliveryRow(delivery: delivery, attempts: try db.run(.deliveryAttempts(of: delivery.id))))
            }
            return rows
        }
        guard let rows = found else { throw CommandFailure.noSubscription }
        if arguments.has("--json") {
            session.terminal.print(json: WebhookBodies.report(rows.map { ($0.delivery, $0.attempts) }))
            return .fine
        }
        var table = TextTable([
            .left("DELIVERY"), .left("EVENT"), .left("TYPE"), .left("TRIGGER"), .left("STATE"), .right("ATTEMPTS"),
            .left("CREATED"), .left("NEXT"), .left("LAST"),
        ])
        for row in rows {
            table.add(
                [
                    row.delivery.id, row.delivery.event, row.delivery.eventType, row.delivery.trigger.rawValue,
                    row.delivery.state.rawValue, "\(row.delivery.attempts)", row.delivery.createdAt.rfc3339,
                    row.delivery.nextAttemptAt?.rfc3339, row.attempts.last.map(outcome),
                ], colours: [4: colour(row.delivery.state)])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    private static func delivery(
        _ name: String, of id: String, _ database: Database, _ arguments: Arguments, _ session: Session
    ) async throws -> ExitStatus {
        let found = try await database.read { db throws(SQLiteError) -> (DeliveryRow, StoredEvent)? in
            guard let delivery = try db.run(.delivery(id: name)).first, delivery.subscription == id,
                let event = try db.run(.event(id: delivery.event)).first
            else { return nil }
            return (DeliveryRow(delivery: delivery, attempts: try db.run(.deliveryAttempts(of: name))), event)
        }
        guard let (row, event) = found else { throw CommandFailure("the subscription has no such delivery") }
        if arguments.has("--json") {
            session.terminal.print(json: WebhookBodies.delivery(row.delivery, row.attempts, of: event))
            return .fine
        }
        let delivery = row.delivery
        session.terminal.print(
            "\(delivery.id)  \(delivery.eventType)  \(delivery.state.rawValue)  event \(delivery.event)")
        session.terminal.print(Printable.line(String(decoding: event.body, as: UTF8.self)) + "\n")
        var table = TextTable([
            .right("ATTEMPT"), .left("STARTED"), .right("TOOK"), .left("ADDRESS"), .left("OUTCOME"), .left("NEXT"),
            .left("ANSWER"),
        ])
        for attempt in row.attempts {
            table.add([
                "\(attempt.number)", attempt.startedAt.rfc3339,
                Spoken.duration(.milliseconds(Int64(attempt.steps.total))), attempt.address, outcome(attempt),
                attempt.nextAttemptAt?.rfc3339,
                attempt.responseBody.map { String(decoding: $0.prefix(80), as: UTF8.self) },
            ])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }

    /// A delivery with what was tried.
    private struct DeliveryRow: Sendable {
        let delivery: Delivery
        let attempts: [DeliveryAttempt]
    }

    private static func outcome(_ attempt: DeliveryAttempt) -> String {
        let status = attempt.status.map { "\($0)" }
        guard let errorClass = attempt.errorClass else { return status ?? "ok" }
        return ([status, "\(errorClass): \(attempt.errorMessage ?? "")"].compactMap(\.self)).joined(separator: " ")
    }

    private static func colour(_ state: Delivery.State) -> Colour {
        switch state {
        case .succeeded: .green
        case .pending: .yellow
        case .failed: .red
        case .cancelled: .dim
        }
    }
}

extension CommandFailure {
    static let noSubscription = CommandFailure("there is no subscription with that id; see `helicarrier webhooks list`")
    static let disabledSubscription = CommandFailure(
        "the subscription is disabled; `helicarrier webhooks enable` begins anew with it")
}
