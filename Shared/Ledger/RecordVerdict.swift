import Contracts
import Model
import Store

/// Whether a session that is told is taken, was taken before, or contradicts what was.
enum RecordVerdict: Equatable {
    case store
    /// The answer of then.
    case replay(result: String)
    case conflict

    /// - Parameters:
    ///   - known: what was taken under the same key.
    ///   - before: the session as it stands.
    ///   - answer: what a session that is taken now is answered.
    init(_ session: CanonicalSession, key: IngestKey, known: IngestKeyRow?, before: SessionRow?, answer: String) {
        if let known, known.fingerprint == session.fingerprint {
            self = .replay(result: known.result)
        } else if known != nil, key != .derived || !session.status.isOpen {
            self = .conflict
        } else if let before, !before.status.isOpen {
            self = Self.afterTheEnd(session, key: key, before: before, answer: answer)
        } else {
            // An open session may be told again and again under the key that says no more than that it is open.
            self = .store
        }
    }

    private static func afterTheEnd(
        _ session: CanonicalSession, key: IngestKey, before: SessionRow, answer: String
    ) -> RecordVerdict {
        if session.status.isOpen { return .conflict }
        // A sender that names what it sends means to correct.
        if key != .derived { return .store }
        // The key of then may be forgotten; the session is not.
        return before.fingerprint == session.fingerprint ? .replay(result: answer) : .conflict
    }
}
