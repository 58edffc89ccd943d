/// One version of what senders of sessions send: where its parts stand. The fields of a session are the same in all.
struct SessionContract: Sendable {
    /// The version, as the ledger keeps it.
    let name: String
    /// The key of the session's object, which also begins what is said of its fields.
    let session: String
    /// The key of the list of events.
    let events: String

    /// By `envelope_version`. A version that is new is a line here, and an adapter if its fields differ.
    static let byVersion: [String: SessionContract] = [
        "v1": SessionContract(name: "v1", session: "session", events: "events"),
        "v2": SessionContract(name: "v2", session: "run", events: "timeline"),
    ]

    /// A body of V3 without an envelope.
    static let bare = SessionContract(name: "v3", session: "session", events: "events")
}
