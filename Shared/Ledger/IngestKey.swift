import Contracts
import Model

/// Under which name a session is taken once: the sender's own, or the session and how it stands.
package enum IngestKey: Equatable, Sendable {
    case explicit(String)
    /// The session's id with its end state, or `open`: so a session that ends is an update of the one that ran.
    case derived

    /// How long a key is remembered: longer than a sender is cut off over a weekend and a holiday.
    package static let life: Duration = .days(7)

    /// What a key stands under in the database. The sender's own cannot be taken for one that was derived.
    func text(of session: CanonicalSession) -> String {
        switch self {
        case .explicit(let key): "key \(key)"
        case .derived: Self.own(of: session.sessionID, session.status)
        }
    }

    /// The key that a session has by itself.
    static func own(of sessionID: String, _ status: SessionStatus) -> String {
        "session \(sessionID) \(status.isOpen ? "open" : status.rawValue)"
    }

    /// What a sender is answered whose session is taken.
    package static let usualResult = #"{"ok":true}"#
}
