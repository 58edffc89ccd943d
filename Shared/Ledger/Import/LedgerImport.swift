package import Contracts
import Crypto
package import Model
package import SQLite
import Store

/// Brings an older system's sessions, events, usage and alerts into the ledger, on the way that all sessions take.
///
/// What is there already is skipped, and so is what something newer has the place of; so an import may be repeated.
/// Good rows are written even where others fail.
package struct LedgerImport: Sendable {
    /// Sessions of one transaction.
    package static let batch = 500

    private let export: LegacyExport
    private let events: [String: [LegacyExport.Row<LegacyExport.Event>]]
    private let usages: [String: LegacyExport.Row<LegacyExport.Usage>]
    private let prices: PriceDesk
    private let now: Timestamp

    package init(_ export: LegacyExport, prices: PriceDesk, now: Timestamp) {
        self.export = export
        self.prices = prices
        self.now = now
        events = Dictionary(grouping: export.events) { $0.value.sessionID }
        usages = Dictionary(export.usages.map { ($0.value.sessionID, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many transactions it takes.
    package var steps: Int { export.sessions.count / Self.batch + 2 }

    /// What is known before anything is written.
    package var start: LegacyTally {
        var tally = LegacyTally()
        tally.ignored = export.ignored
        for collection in LegacyExport.Collection.allCases {
            tally[collection].read = export.counts[collection] ?? 0
            tally[collection].faults = export.faults[collection] ?? []
        }
        return tally
    }

    /// One of ``steps``, in the caller's transaction. Taking them again changes nothing.
    package func take(_ step: Int, on db: borrowing Connection, _ tally: inout LegacyTally) throws(SQLiteError) {
        let place = step * Self.batch
        if place < export.sessions.count {
            for row in export.sessions[place..<min(place + Self.batch, export.sessions.count)] {
                try take(row, on: db, &tally)
            }
        }
        guard step == steps - 1 else { return }
        try takeRest(on: db, &tally)
        for rule in export.rules { try take(rule, on: db, &tally) }
        for state in export.states { try take(state, on: db, &tally) }
    }

    private func take(
        _ row: LegacyExport.Row<LegacyExport.Session>, on db: borrowing Connection, _ tally: inout LegacyTally
    ) throws(SQLiteError) {
        let id = row.value.session.sessionID
        let (events, usage) = (events[id] ?? [], usages[id])
        let session = whole(row.value, events, usage)
        switch try outcome(session, row.value.takenAt, on: db) {
        case .written:
            tally[.ledger].written += 1
            tally[.events].written += events.count
            tally[.usage].written += usage == nil ? 0 : 1
        case .same:
            tally[.ledger].skipped += 1
            tally[.events].skipped += events.count
            tally[.usage].skipped += usage == nil ? 0 : 1
        case .notOlder(let isNewer):
            tally[.ledger].skipped += 1
            // What the ledger has stays; what it lacks of the session is added to it.
            for event in events { try add(event, on: db, &tally) }
            if let usage { try add(usage, on: db, &tally) }
            guard !isNewer else { return }
        case .refused(let reason):
            tally[.ledger].faults.append(.init(row.pointer, reason))
            tally[.events].faults += events.map { .init($0.pointer, "its session was not taken") }
            if let usage { tally[.usage].faults.append(.init(usage.pointer, "its session was not taken")) }
            return
        }
        try compare(row.value, usage?.value, on: db, &tally)
    }

    /// A session with what other collections say of it. All of that is its fingerprint.
    private func whole(
        _ row: LegacyExport.Session, _ events: [LegacyExport.Row<LegacyExport.Event>],
        _ usage: LegacyExport.Row<LegacyExport.Usage>?
    ) -> CanonicalSession {
        var session = row.session
        session.events = events.map(\.value.event)
        var hashed = row.hash
        for event in session.events {
            hashed += Array("\(event.eventID) \(event.sequence) \(event.type) \(event.at) \(event.payload)\n".utf8)
        }
        if let usage {
            session.usage = usage.value.usage
            session.provider = usage.value.provider
            if usage.value.isRuntimeReported, session.reportedRuntime == nil { session.reportedRuntime = row.runtime }
            hashed += usage.value.hash
        }
        session.fingerprint = SHA256.digest(hashed).bytes
        return session
    }

    private enum Outcome {
        case written
        /// It is there as this file has it.
        case same
        /// It is there, taken at the same time or later.
        case notOlder(isNewer: Bool)
        case refused(String)
    }

    private func outcome(
        _ session: CanonicalSession, _ takenAt: Timestamp?, on db: borrowing Connection
    ) throws(SQLiteError) -> Outcome {
        if let before = try db.run(Query<SessionRow>.session(session.sessionID)).first {
            if before.fingerprint == session.fingerprint { return .same }
            guard let takenAt, takenAt > before.ingestedAt else {
                return .notOlder(isNewer: takenAt != before.ingestedAt)
            }
        }
        let key = IngestKey.explicit("import " + Hex.encode(session.fingerprint))
        switch try db.record(session, key: key, result: "{}", prices: prices, now: now) {
        case .fresh, .updated: return .written
        case .replayed: return .same
        case .conflict: return .refused("the session has ended in the ledger, and is under way here")
        }
    }

    private func compare(
        _ row: LegacyExport.Session, _ usage: LegacyExport.Usage?, on db: borrowing Connection,
        _ tally: inout LegacyTally
    ) throws(SQLiteError) {
        guard let key = try db.run(Query<Int64>.sessionKey(of: row.session.sessionID)).first,
            let stored = try db.run(Query<SessionUsageRow>.currentUsage(of: key)).first
        else { return }
        tally.parity.sessions += 1
        if let runtime = row.runtime {
            tally.parity.fileRuntime &+= runtime
            tally.parity.ledgerRuntime &+= stored.facts.runtime ?? 0
        }
        if let tokens = usage?.totalTokens {
            tally.parity.fileTokens &+= tokens
            tally.parity.ledgerTokens &+= stored.facts.totalTokens ?? 0
        }
        if let cost = usage?.cost {
            tally.parity.fileCost &+= cost
            tally.parity.ledgerCost &+= stored.facts.cost ?? 0
        }
    }

    /// Events and usage of sessions that are not in the file: they may be in the ledger.
    private func takeRest(on db: borrowing Connection, _ tally: inout LegacyTally) throws(SQLiteError) {
        let taken = Set(export.sessions.map(\.value.session.sessionID))
        for row in export.events where !taken.contains(row.value.sessionID) { try add(row, on: db, &tally) }
        for row in export.usages where !taken.contains(row.value.sessionID) { try add(row, on: db, &tally) }
    }

    /// Adds an event that its session does not have yet.
    private func add(
        _ row: LegacyExport.Row<LegacyExport.Event>, on db: borrowing Connection, _ tally: inout LegacyTally
    ) throws(SQLiteError) {
        guard try !db.run(Query<Int64>.sessionKey(of: row.value.sessionID)).isEmpty else {
            tally[.events].faults.append(.init(row.pointer + "/sessionId", "there is no such session"))
            return
        }
        let event = row.value.event
        let added = try db.change(
            Query<Void>.addSessionEvent(
                SessionEventRow(
                    eventID: event.eventID, sequence: event.sequence, type: event.type, at: event.at,
                    payload: event.payload), of: row.value.sessionID))
        if added > 0 { tally[.events].written += 1 } else { tally[.events].skipped += 1 }
    }

    /// Gives a session usage, if it has said nothing of it.
    private func add(
        _ row: LegacyExport.Row<LegacyExport.Usage>, on db: borrowing Connection, _ tally: inout LegacyTally
    ) throws(SQLiteError) {
        guard let session = try db.run(Query<SessionRow>.session(row.value.sessionID)).first else {
            tally[.usage].faults.append(.init(row.pointer + "/sessionId", "there is no such session"))
            return
        }
        let added = try db.addUsage(
            StatedUsage(row.value.usage), of: session, provider: row.value.provider, prices: prices, now: now)
        if added { tally[.usage].written += 1 } else { tally[.usage].skipped += 1 }
    }

    private func take(
        _ row: LegacyExport.Row<LegacyExport.Rule>, on db: borrowing Connection, _ tally: inout LegacyTally
    ) throws(SQLiteError) {
        var rule: AlertRule
        do throws(AlertRuleReading.Invalid) {
            rule = try AlertRuleReading(body: row.value.body).fresh(id: row.value.id, now: row.value.createdAt)
        } catch {
            tally[.alertRules].faults.append(.init("\(row.pointer)/\(error.field)", error.problem))
            return
        }
        rule.updatedAt = row.value.updatedAt
        let known = try db.run(Query<AlertRule?>.alertRule(rule.id)).compactMap(\.self).first
        guard known.map({ $0.updatedAt < rule.updatedAt }) ?? true else {
            tally[.alertRules].skipped += 1
            return
        }
        rule.version = (known?.version ?? 0) + 1
        try db.run(Query<Void>.saveAlertRule(rule))
        tally[.alertRules].written += 1
    }

    private func take(
        _ row: LegacyExport.Row<LegacyExport.State>, on db: borrowing Connection, _ tally: inout LegacyTally
    ) throws(SQLiteError) {
        let state = row.value
        guard try !db.run(Query<AlertRule?>.alertRule(state.ruleID)).isEmpty else {
            tally[.alertStates].faults.append(.init(row.pointer + "/ruleId", "there is no such rule"))
            return
        }
        let changed = try db.change(
            Query<Void>.importAlertState(
                AlertStateRow(
                    ruleID: state.ruleID, scope: state.scope, status: state.status, value: state.value,
                    triggeredAt: state.triggeredAt, notifiedAt: state.notifiedAt, isDeduped: state.isDeduped,
                    evaluatedAt: state.evaluatedAt)))
        if changed > 0 { tally[.alertStates].written += 1 } else { tally[.alertStates].skipped += 1 }
    }
}
