package import Contracts
package import Model
package import SQLite
package import Store

/// A session to be recorded.
package struct LedgerEntry: Sendable {
    package let session: CanonicalSession
    package let key: IngestKey
    /// The body that its sender is answered, and answered again.
    package let result: String

    package init(session: CanonicalSession, key: IngestKey, result: String) {
        self.session = session
        self.key = key
        self.result = result
    }
}

/// Sessions that are stored together.
package struct LedgerGroup: Sendable {
    package let entries: [LedgerEntry]
    package let now: Timestamp
    /// To be told what became of each, in their order, when they survive a crash.
    package let answer: @Sendable ([Result<RecordOutcome, LedgerFailure>]) -> Void

    package init(
        entries: [LedgerEntry], now: Timestamp,
        answer: @escaping @Sendable ([Result<RecordOutcome, LedgerFailure>]) -> Void
    ) {
        self.entries = entries
        self.now = now
        self.answer = answer
    }
}

/// A session with what happened in it, and what it used and cost.
package struct LedgerSession: Equatable, Sendable {
    package let row: SessionRow
    package let usage: SessionUsageRow?
    package let events: [SessionEventRow]
}

/// One page of a list of sessions.
package struct LedgerPage: Equatable, Sendable {
    package let rows: [SessionRow]
    /// How many sessions there are, over all pages.
    package let total: Int
}

/// The sessions, whichever engine keeps them. `Tests/LedgerTests/Conformance` says what each promises.
package protocol LedgerRepository: Sendable {
    /// Records sessions in one transaction, each of them wholly or not at all; answers in their order. When this
    /// returns, they survive a crash.
    func record(_ entries: [LedgerEntry], now: Timestamp) async -> [Result<RecordOutcome, LedgerFailure>]

    /// The same for so many groups, one right after the other, or until `next` has none.
    func record(groups most: Int, next: @Sendable () -> LedgerGroup?) async

    /// The session of that id as it stands; `nil` where there is none.
    func session(_ id: String) async throws(LedgerFailure) -> LedgerSession?

    /// - Parameter offset: how many sessions come before the page.
    func page(
        _ filter: SessionFilter, sort: SessionSort, offset: Int, limit: Int
    ) async throws(LedgerFailure) -> LedgerPage
}

/// The sessions in SQLite.
package struct SQLiteLedger: LedgerRepository {
    private let writer: Database
    private let reader: Database
    private let prices: PriceDesk

    package init(writer: Database, reader: Database, prices: PriceDesk = PriceDesk()) {
        self.writer = writer
        self.reader = reader
        self.prices = prices
    }

    package func record(_ entries: [LedgerEntry], now: Timestamp) async -> [Result<RecordOutcome, LedgerFailure>] {
        await writer.access { [prices] db in Self.record(entries, prices, in: db, now: now) }
    }

    package func record(groups most: Int, next: @Sendable () -> LedgerGroup?) async {
        await writer.access { [prices] db in
            for _ in 0..<most {
                guard let group = next() else { return }
                group.answer(Self.record(group.entries, prices, in: db, now: group.now))
                db.giveOthersATurn()
            }
        }
    }

    private static func record(
        _ entries: [LedgerEntry], _ prices: PriceDesk, in db: borrowing Connection, now: Timestamp
    ) -> [Result<RecordOutcome, LedgerFailure>] {
        do throws(SQLiteError) {
            return try db.transaction { db throws(SQLiteError) in
                var desk = RecordingDesk(prices: prices, now: now)
                var outcomes: [Result<RecordOutcome, LedgerFailure>] = []
                for entry in entries {
                    outcomes.append(
                        .success(try db.record(entry.session, key: entry.key, result: entry.result, with: &desk)))
                }
                try desk.finish(in: db)
                return outcomes
            }
        } catch {
            guard error.blamesStatement, entries.count > 1 else {
                return entries.map { _ in .failure(LedgerFailure(error)) }
            }
            return recordApart(entries, prices, in: db, now: now)
        }
    }

    /// The same where one of them cannot be stored: each has a savepoint. They cost, most of all the text index, which
    /// writes what it has gathered at each of them.
    private static func recordApart(
        _ entries: [LedgerEntry], _ prices: PriceDesk, in db: borrowing Connection, now: Timestamp
    ) -> [Result<RecordOutcome, LedgerFailure>] {
        do throws(SQLiteError) {
            return try db.transaction { db throws(SQLiteError) in
                var outcomes: [Result<RecordOutcome, LedgerFailure>] = []
                for entry in entries { outcomes.append(try record(entry, prices, in: db, now: now)) }
                return outcomes
            }
        } catch {
            return entries.map { _ in .failure(LedgerFailure(error)) }
        }
    }

    /// What the schema refuses is a mistake of ours, and costs that one session; a full disk ends them all.
    private static func record(
        _ entry: LedgerEntry, _ prices: PriceDesk, in db: borrowing Connection, now: Timestamp
    ) throws(SQLiteError) -> Result<RecordOutcome, LedgerFailure> {
        do throws(SQLiteError) {
            return .success(
                try db.savepoint { part throws(SQLiteError) in
                    try part.record(
                        entry.session, key: entry.key, result: entry.result, prices: prices, now: now)
                })
        } catch {
            guard error.blamesStatement, db.isInTransaction else { throw error }
            return .failure(LedgerFailure(error))
        }
    }

    package func session(_ id: String) async throws(LedgerFailure) -> LedgerSession? {
        do throws(SQLiteError) {
            return try await reader.read { db throws(SQLiteError) in
                guard let row = try db.run(Query<SessionRow>.session(id)).first else { return nil }
                let key = try db.run(Query<Int64>.sessionKey(of: id)).first
                let usage = try key.flatMap { key throws(SQLiteError) in
                    try db.run(Query<SessionUsageRow>.currentUsage(of: key)).first
                }
                return LedgerSession(
                    row: row, usage: usage, events: try db.run(Query<SessionEventRow>.sessionEvents(of: id)))
            }
        } catch {
            throw LedgerFailure(error)
        }
    }

    package func page(
        _ filter: SessionFilter, sort: SessionSort, offset: Int, limit: Int
    ) async throws(LedgerFailure) -> LedgerPage {
        do throws(SQLiteError) {
            return try await reader.read { db throws(SQLiteError) in
                let found = try db.sessions(filter, sort: sort, offset: offset, limit: limit)
                return LedgerPage(rows: found.rows, total: found.total)
            }
        } catch {
            throw LedgerFailure(error)
        }
    }
}
