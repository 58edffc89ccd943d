import Daemon
import JSON
import Jobs
import Ledger
import Model
import SQLite
import Store

/// `helicarrier prices recompute`: the costs of sessions by the price books that are known now.
enum PriceRecompute {
    static let commands = [
        Command(
            "prices recompute", "compute the costs of sessions anew; what changes is a new revision",
            options: [
                Option("--from", "TIME", "sessions that started from here (default: the first)"),
                Option("--to", "TIME", "up to here; a date is its whole day in UTC (default: the last)"),
                Option("--dry-run", "only say what would change"), .json,
            ],
            notes: """
                A session is priced by the book in effect when it started, of those that are known now. Bills of
                providers stay what they are. The work is done by a running normalizer, batch by batch; where there is
                none, by this command.
                """, run: recompute),
        Command(
            "prices drift", "bills of providers beside what the price books say, by model",
            options: [
                Option("--from", "TIME", "sessions that started from here (default: the first)"),
                Option("--to", "TIME", "up to here; a date is its whole day in UTC (default: the last)"), .json,
            ], run: drift),
    ]

    /// What the options say, both moments included.
    static func span(_ arguments: Arguments) throws(UsageError) -> (from: Timestamp, through: Timestamp) {
        let from = try arguments.value("--from", as: Moment.self)?.timestamp ?? UsageFilter.beginning
        var through = try arguments.value("--to", as: Moment.self)?.timestamp ?? UsageFilter.end
        if arguments.value("--to")?.utf8.count == 10 { through = UTCDay(through).lastMillisecond }
        guard from <= through else { throw UsageError("--to is before --from") }
        return (from, through)
    }

    private static func recompute(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let span = try span(arguments)
        let location = try session.existingLocation()
        let database = try location.open(now: session.now())
        try await FirstPrices.offer(database, session)
        var tally = try await look(span, database, session)
        var jobs: [Int64] = []
        if !arguments.has("--dry-run"), tally.changed > 0 {
            jobs = try await change(span, &tally, database, location, session)
        }
        report(tally, span, jobs, arguments, session)
        return .fine
    }

    /// What would change, read without holding anybody up.
    private static func look(
        _ span: (from: Timestamp, through: Timestamp), _ database: Database, _ session: Session
    ) async throws -> RepricingTally {
        var tally = RepricingTally()
        var place: Int64? = 0
        let (prices, now) = (PriceDesk(), session.now())
        while let after = place {
            let (part, last) = try await database.read { db throws(SQLiteError) in
                try db.reprice(
                    from: span.from, through: span.through, after: after, limit: RepriceBatch.batch, prices: prices,
                    isDry: true, now: now)
            }
            tally += part
            place = last
        }
        return tally
    }

    private static func change(
        _ span: (from: Timestamp, through: Timestamp), _ tally: inout RepricingTally, _ database: Database,
        _ location: DatabaseLocation, _ session: Session
    ) async throws -> [Int64] {
        let (now, who) = (session.now(), session.operatorName)
        let audit = AuditEntry(
            at: now, who: who, action: "prices recompute", target: "\(span.from.rfc3339) \(span.through.rfc3339)",
            result: "\(tally.changed) of \(tally.looked) sessions")
        guard Listeners(location).wake([.normalize]).contains(.normalize) else {
            try await database.run(.audit(audit))
            tally = try await changeHere(span, database, session)
            _ = Listeners(location).wake([.score])
            return []
        }
        let work = RepriceSessions(from: span.from, through: span.through)
        let first = try await database.write { db throws(SQLiteError) -> JobID? in
            try db.run(.audit(audit))
            return try db.enqueue(work.job(), now: now)
        }
        guard let first else {
            throw CommandFailure("the same span is being computed already; see `helicarrier queue list`")
        }
        _ = Listeners(location).wake([.normalize])
        return try await wait(for: first, database)
    }

    private static func changeHere(
        _ span: (from: Timestamp, through: Timestamp), _ database: Database, _ session: Session
    ) async throws -> RepricingTally {
        var tally = RepricingTally()
        var place: Int64? = 0
        let (prices, now) = (PriceDesk(), session.now())
        while let after = place {
            let (part, last) = try await database.write { db throws(SQLiteError) in
                try db.reprice(
                    from: span.from, through: span.through, after: after, limit: RepriceBatch.batch, prices: prices,
                    isDry: false, now: now)
            }
            tally += part
            place = last
        }
        return tally
    }

    /// Each batch asks for the next in the transaction that ends it, so there is an unfinished one until the last.
    private static func wait(for first: JobID, _ database: Database) async throws -> [Int64] {
        while true {
            let steps = try await database.run(.jobSteps(from: first)).filter { $0.kind == RepriceSessions.name }
            if let lost = steps.first(where: { $0.state == .dead || $0.state == .cancelled }) {
                throw CommandFailure("job \(lost.id) is \(lost.state.rawValue): \(lost.errorMessage ?? "no reason")")
            }
            if steps.allSatisfy({ $0.state == .done }) { return steps.map(\.id.rawValue) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func report(
        _ tally: RepricingTally, _ span: (from: Timestamp, through: Timestamp), _ jobs: [Int64],
        _ arguments: Arguments, _ session: Session
    ) {
        let isDry = arguments.has("--dry-run")
        if arguments.has("--json") {
            session.terminal.print(
                .record([
                    "from": .time(span.from), "to": .time(span.through), "dryRun": .bool(isDry),
                    "sessions": .count(tally.looked), "changed": .count(tally.changed),
                    "costBeforeUsd": .text(NanoUSD.dollars(tally.before)),
                    "costAfterUsd": .text(NanoUSD.dollars(tally.after)),
                    "jobs": .array(jobs.map { .integer($0) }),
                ]))
            return
        }
        session.terminal.print(
            "\(isDry ? "would change" : "changed") \(tally.changed) of "
                + "\(Spoken.count(tally.looked, "session", "sessions")): "
                + "\(NanoUSD.dollars(tally.before)) USD before, \(NanoUSD.dollars(tally.after)) USD after")
    }

    private static func drift(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let span = try span(arguments)
        let database = try await session.existingLocation().openForLooking()
        let models = try await SQLiteUsage(database).byModel(UsageFilter(from: span.from, through: span.through))
            .filter { $0.sums[.driftRuns] > 0 }
        if arguments.has("--json") {
            session.terminal.print(
                .array(
                    models.map {
                        .record([
                            "model": .text($0.name), "sessions": .integer($0.sums[.driftRuns]),
                            "driftUsd": .text(NanoUSD.dollars($0.sums[.drift])),
                        ])
                    }))
            return .fine
        }
        var table = TextTable([.left("MODEL"), .right("BILLED SESSIONS"), .right("BILLED MORE THAN COMPUTED, USD")])
        for (name, sums) in models {
            table.add([name, "\(sums[.driftRuns])", NanoUSD.dollars(sums[.drift])])
        }
        session.terminal.write(table.text(session.terminal.paint))
        return .fine
    }
}
