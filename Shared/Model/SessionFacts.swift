/// Where a session stands.
package enum SessionStatus: String, CaseIterable, Sendable {
    case success, failed, killed, cancelled, running, queued

    /// Whether the session is under way: it may still change in any respect. One that has ended never becomes open
    /// again.
    package var isOpen: Bool { self == .running || self == .queued }
}

/// What an event of a session tells.
package enum SessionEventType: String, CaseIterable, Sendable {
    case toolCall = "tool_call"
    case message
    case stateTransition = "state_transition"
    case artifact
    case error
    case metric
}

/// Where a length of time comes from.
package enum RuntimeSource: String, CaseIterable, Sendable {
    case providerReported = "provider_reported"
    /// From start and end.
    case derived
    case missing
}

/// By which way a session came.
package enum SessionSource: String, CaseIterable, Sendable {
    case ingest
    /// `helicarrier import ledger`.
    case imported = "import"
    /// OpenTelemetry.
    case telemetry
}
