/// Texts of envelopes for tests.
enum Bodies {
    private static let fields = [
        ("sessionId", "\"s\""), ("state", "\"done\""), ("agentId", "\"a\""), ("modelId", "\"m\""),
        ("startedAt", "\"2026-05-04T08:00:00Z\""),
    ]

    /// The least that a session says.
    static let session = with([])

    /// A session with some fields set to a JSON text, or taken away by `nil`.
    static func with(_ changes: [(String, String?)]) -> String {
        let kept = fields.filter { field in !changes.contains { $0.0 == field.0 } }
        let set = changes.compactMap { name, text in text.map { (name, $0) } }
        return "{" + (kept + set).map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    static func envelope(_ session: String, events: String? = nil, version: String = "v1") -> String {
        let (name, list) = version == "v2" ? ("run", "timeline") : ("session", "events")
        let rest = events.map { ",\"\(list)\":\($0)" } ?? ""
        return #"{"envelope_version":"\#(version)","payload":{"\#(name)":\#(session)\#(rest)}}"#
    }
}
