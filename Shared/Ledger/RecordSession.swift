package import Contracts
package import Model
package import SQLite
import Store

/// What became of a session that was told.
package enum RecordOutcome: Equatable, Sendable {
    case fresh
    case updated
    /// It had been taken before; the answer of then. Nothing was written.
    case replayed(result: String)
    /// Another content was taken under the key, or the session has ended and may not change.
    case conflict
}

extension Connection {
    /// The one way into the ledger: a key with a session, its events, its usage and the work that follows, within the
    /// caller's write transaction. Everything or nothing of it is stored with that transaction.
    package func record(
        _ session: CanonicalSession, key: IngestKey, result: String, prices: PriceDesk, now: Timestamp
    ) throws(SQLiteError) -> RecordOutcome {
        var desk = RecordingDesk(prices: prices, now: now)
        let outcome = try record(session, key: key, result: result, with: &desk)
        try desk.finish(in: self)
        return outcome
    }

    /// The same beside others of one transaction, which share the desk; it is to be finished after the last of them.
    package func record(
        _ session: CanonicalSession, key: IngestKey, result: String, with desk: inout RecordingDesk
    ) throws(SQLiteError) -> RecordOutcome {
        precondition(isInTransaction, "what belongs together is stored together")
        let name = key.text(of: session)
        if desk.holds(session.sessionID, name) { try desk.finish(in: self) }
        let before = try run(Query<SessionRow>.session(session.sessionID)).first
        let known = try taken(under: key, name, before: before, now: desk.now)
        switch RecordVerdict(session, key: key, known: known, before: before, answer: result) {
        case .replay(let stored): return .replayed(result: stored)
        case .conflict: return .conflict
        case .store: break
        }
        var row = SessionRow(session, before: before, now: desk.now)
        row.hasOwnKey = key == .derived && result == IngestKey.usualResult && session.takenAt == nil
        let stated = session.usage.map { StatedUsage($0) }
        let taking = IngestKeyRow(fingerprint: session.fingerprint, result: result)
        if let before {
            try keepOwnKey(of: before, unless: name, now: desk.now)
            try save(session.events, of: session.sessionID)
            let told = try run(Query<Int64>.artifactCount(of: session.sessionID)).first
            row.artifactCount = session.artifactCount ?? told ?? 0
            try run(Query<Void>.changeSession(row))
            try changeUsage(stated, of: row, with: &desk)
            if !row.hasOwnKey {
                try run(
                    Query<Void>.keepIngestKey(name, taking, of: session.sessionID, until: desk.now + IngestKey.life))
            }
        } else {
            row.artifactCount = session.artifactCount ?? Int64(session.events.count { $0.type == .artifact })
            let usage = try usage(stated ?? StatedUsage(), of: row, with: &desk)
            try desk.askForSums(in: self)
            try desk.add(
                RecordingDesk.NewSession(
                    row: row, usage: usage, events: session.events, key: row.hasOwnKey ? nil : (name, taking)),
                to: self)
        }
        // One that is under way counts for nothing yet.
        if !row.status.isOpen { try desk.askForAlerts(in: self) }
        return before == nil ? .fresh : .updated
    }

    func save(_ events: [CanonicalEvent], of sessionID: String) throws(SQLiteError) {
        for event in events {
            try run(
                Query<Void>.saveSessionEvent(
                    SessionEventRow(
                        eventID: event.eventID, sequence: event.sequence, type: event.type, at: event.at,
                        payload: event.payload), of: sessionID))
        }
    }

    /// What was taken under the key, in its time.
    private func taken(
        under key: IngestKey, _ name: String, before: SessionRow?, now: Timestamp
    ) throws(SQLiteError) -> IngestKeyRow? {
        if key == .derived {
            // It goes with its session.
            guard let before else { return nil }
            if before.hasOwnKey, before.ownKey == name { return before.ownTaking(now: now) }
        }
        return try run(Query<IngestKeyRow>.ingestKey(name, now: now)).first
    }

    /// Before a session says that it was taken under another key, the one that it was taken under gets a row.
    private func keepOwnKey(
        of before: SessionRow, unless name: String, now: Timestamp
    ) throws(SQLiteError) {
        guard before.ownKey != name, let taking = before.ownTaking(now: now) else { return }
        try run(
            Query<Void>.keepIngestKey(
                before.ownKey, taking, of: before.sessionID, until: before.ingestedAt + IngestKey.life))
    }
}

extension SessionRow {
    fileprivate var ownKey: String { IngestKey.own(of: sessionID, status) }

    /// What was taken under the session's own key, if that was the last that was taken and its time is not over.
    fileprivate func ownTaking(now: Timestamp) -> IngestKeyRow? {
        guard hasOwnKey, ingestedAt + IngestKey.life > now else { return nil }
        return IngestKeyRow(fingerprint: fingerprint, result: IngestKey.usualResult)
    }
}
