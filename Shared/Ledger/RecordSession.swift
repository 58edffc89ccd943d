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
        precondition(isInTransaction, "what belongs together is stored together")
        let name = key.text(of: session)
        let known = try run(Query<IngestKeyRow>.ingestKey(name, now: now)).first
        let before = try run(Query<SessionRow>.session(session.sessionID)).first
        switch RecordVerdict(session, key: key, known: known, before: before, answer: result) {
        case .replay(let stored): return .replayed(result: stored)
        case .conflict: return .conflict
        case .store: break
        }
        var row = SessionRow(session, before: before, now: now)
        if before == nil {
            row.artifactCount = session.artifactCount ?? Int64(session.events.count { $0.type == .artifact })
            try run(Query<Void>.addSession(row))
            try saveEvents(of: session)
        } else {
            try saveEvents(of: session)
            let told = try run(Query<Int64>.artifactCount(of: session.sessionID)).first
            row.artifactCount = session.artifactCount ?? told ?? 0
            try run(Query<Void>.changeSession(row))
        }
        try run(
            Query<Void>.keepIngestKey(
                name, IngestKeyRow(fingerprint: session.fingerprint, result: result), of: session.sessionID,
                until: now + IngestKey.life))
        try recordUsage(
            session.usage.map { StatedUsage($0) }, of: row, isNew: before == nil, prices: prices, now: now)
        // One that is under way counts for nothing yet.
        if !row.status.isOpen { try askForAlerts(now: now) }
        return before == nil ? .fresh : .updated
    }

    private func saveEvents(of session: CanonicalSession) throws(SQLiteError) {
        for event in session.events {
            try run(
                Query<Void>.saveSessionEvent(
                    SessionEventRow(
                        eventID: event.eventID, sequence: event.sequence, type: event.type, at: event.at,
                        payload: event.payload), of: session.sessionID))
        }
    }
}
