import Contracts
import Crypto
import Ledger
import Model
import SQLite
import Store

/// Sessions as tests tell them.
enum Told {
    static let start = Timestamp(milliseconds: 1_760_000_000_000)
    static let answer = #"{"ok":true}"#

    /// A session whose fingerprint stands for all that it says.
    static func session(
        _ id: String, _ status: SessionStatus = .success, agent: String = "planner", model: String = "m-1",
        change: (inout CanonicalSession) -> Void = { _ in }
    ) -> CanonicalSession {
        var session = CanonicalSession(
            sessionID: id, agentID: agent, modelID: model, status: status, startedAt: start, source: .ingest,
            contract: "v1", fingerprint: [UInt8](repeating: 0, count: 32))
        if !status.isOpen { session.endedAt = start + .seconds(90) }
        change(&session)
        session.fingerprint = SHA256.digest([UInt8]("\(session)".utf8)).bytes
        return session
    }
}

extension Connection {
    /// Tells the ledger of a session in a transaction of its own.
    func tell(
        _ session: CanonicalSession, _ key: IngestKey = .derived, prices: PriceDesk = PriceDesk(),
        at now: Timestamp = Told.start + .hours(1)
    ) throws(SQLiteError) -> RecordOutcome {
        try transaction { db throws(SQLiteError) in
            try db.record(session, key: key, result: Told.answer, prices: prices, now: now)
        }
    }
}
